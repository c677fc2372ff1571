//! Changes of a template, each of which makes a new version, and its deletion.

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Template, TemplateId};
use recto_storage::TemplateChange;

use super::content::{NewTemplate, TemplateBody};
use crate::auth::WriteTemplates;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::state::ApiState;

/// Change a template
///
/// Fields that are not sent stay unchanged. Documents that were read before keep their version of the template.
#[utoipa::path(patch, path = "/templates/{templateId}", tag = "Templates", operation_id = "updateTemplate",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    request_body = TemplateBody,
    responses((status = 200, description = "The template, in a new version if its content changed", body = Template)))]
pub(crate) async fn update(
    State(state): State<ApiState>,
    named: InScope<Template, WriteTemplates>,
    Json(body): Json<TemplateBody>,
) -> Result<Json<Template>, ApiError> {
    let (said, wrong) = body.read(false).await?;
    change(&state, named, said, wrong, true).await
}

/// Replace a template's content
///
/// Fields that are not sent get the defaults of a new template.
#[utoipa::path(put, path = "/templates/{templateId}", tag = "Templates", operation_id = "replaceTemplate",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    request_body = NewTemplate,
    responses((status = 200, description = "The template, in a new version if its content changed", body = Template)))]
pub(crate) async fn replace(
    State(state): State<ApiState>,
    named: InScope<Template, WriteTemplates>,
    Json(body): Json<TemplateBody>,
) -> Result<Json<Template>, ApiError> {
    let (said, wrong) = body.read(true).await?;
    change(&state, named, said, wrong, false).await
}

async fn change(
    state: &ApiState,
    InScope { found: template, caller }: InScope<Template, WriteTemplates>,
    said: super::content::Said,
    mut wrong: Vec<String>,
    keep: bool,
) -> Result<Json<Template>, ApiError> {
    if said.project_id.as_ref().is_some_and(|named| *named != template.project_id.to_string()) {
        wrong.push("projectId cannot be changed: create the template again in the other project".to_owned());
    }
    ApiError::unless_empty(wrong)?;
    let (id, is_active) = (template.id, said.is_active);
    let content = said.content(keep.then_some(template.content))?;
    let change = TemplateChange { content: Some(content), is_active, of_version: None };
    let changed = caller.storage(state).templates().update(id, change).await?;
    changed.map(Json).ok_or_else(|| ApiError::no_such("template", &id.to_string()))
}

/// Delete a template
///
/// Documents that were read with it stay.
#[utoipa::path(delete, path = "/templates/{templateId}", tag = "Templates", operation_id = "deleteTemplate",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    responses((status = 204, description = "The template was deleted")))]
pub(crate) async fn delete_template(
    State(state): State<ApiState>,
    InScope { found: template, caller }: InScope<Template, WriteTemplates>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).templates().delete(template.id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("template", &template.id.to_string())) }
}
