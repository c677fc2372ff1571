//! `GET /templates`

use axum::extract::State;
use recto_domain::Template;

use crate::auth::{Caller, NamedProject, ProjectScope, ReadTemplates};
use crate::error::ApiError;
use crate::json::Json;
use crate::query::Query;
use crate::state::ApiState;

/// List templates
///
/// The templates of the key's project, of the named project, or of all projects of the key's organization.
#[utoipa::path(get, path = "/templates", tag = "Templates", operation_id = "listTemplates",
    params(NamedProject),
    responses((status = 200, description = "The templates", body = Vec<Template>)))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<ReadTemplates>,
    Query(query): Query<NamedProject>,
) -> Result<Json<Vec<Template>>, ApiError> {
    let project = ProjectScope::narrow(&state, &caller, query.project_id.as_deref()).await?;
    Ok(Json(state.storage.templates().list(caller.token().organization_id, project).await?))
}
