//! `POST /templates`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::Template;

use super::content::{NewTemplate, TemplateBody};
use crate::auth::{Caller, ProjectScope, WriteTemplates};
use crate::error::ApiError;
use crate::json::Json;
use crate::state::ApiState;

/// Make a template
///
/// `templateSchema` is a map of fields (`{"total": {"type": "number", "description": "…"}}`) or a JSON Schema of an
/// object; it is stored as sent. Under `find`, a field may say where it stands (`labels`, `regex`, `page`, `region`,
/// `anchor`, `choose`; `columns` of line items), how it is read (`locale`), or what it is (`default`, `constant`,
/// `sum`, `copy`). Problems in it are reported with their path.
#[utoipa::path(post, path = "/templates", tag = "Templates", operation_id = "createTemplate",
    request_body = NewTemplate,
    responses((status = 201, description = "The template", body = Template)))]
pub(crate) async fn create(
    State(state): State<ApiState>,
    caller: Caller<WriteTemplates>,
    Json(body): Json<TemplateBody>,
) -> Result<(StatusCode, Json<Template>), ApiError> {
    let (said, mut wrong) = body.read(true).await?;
    let project = match ProjectScope::settle(&state, &caller, said.project_id.as_deref()).await {
        Ok(scope) => Some(scope.project),
        Err(ApiError::Invalid(why)) => {
            wrong.extend(why);
            None
        }
        Err(other) => return Err(other),
    };
    let Some(project) = project.filter(|_| wrong.is_empty()) else { return Err(ApiError::Invalid(wrong)) };
    let is_active = said.is_active.unwrap_or(true);
    let template = caller.storage(&state).templates().create(project, said.content(None)?, is_active).await?;
    Ok((StatusCode::CREATED, Json(template)))
}
