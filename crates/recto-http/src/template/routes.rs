//! The endpoints of templates themselves.

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Template, TemplateId, TemplateVersion};
use recto_storage::TemplateChange;

use super::content::{NewTemplate, TemplateBody};
use crate::auth::{Caller, NamedProject, ProjectScope, ReadTemplates, WriteTemplates};
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::query::Query;
use crate::state::ApiState;

/// List templates
///
/// Those of the key's project, of the project that is named, or of all projects of the key's organization.
#[utoipa::path(get, path = "/templates", tag = "Templates", operation_id = "listTemplates",
    params(NamedProject),
    responses((status = 200, description = "The templates", body = Vec<Template>)))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<ReadTemplates>,
    Query(query): Query<NamedProject>,
) -> Result<Json<Vec<Template>>, ApiError> {
    let project = ProjectScope::narrow(&state, &caller, query.project_id.as_deref()).await?;
    Ok(Json(state.storage.templates(caller.token().organization_id, project).await?))
}

/// Make a template
///
/// `templateSchema` is a map of fields (`{"total": {"type": "number", "description": "…"}}`) or a JSON Schema of an
/// object; it is kept as it is sent. A field may say under `find` where it stands (`labels`, `regex`, `page`, `region`,
/// `anchor`, `choose`; `columns` of line items), how it is read (`locale`) or what it is (`default`, `constant`, `sum`,
/// `copy`); what is wrong there is refused with its path.
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
    let template = caller.storage(&state).create_template(project, said.content(None)?, is_active).await?;
    Ok((StatusCode::CREATED, Json(template)))
}

/// Get a template
#[utoipa::path(get, path = "/templates/{templateId}", tag = "Templates", operation_id = "getTemplate",
    params(("templateId" = TemplateId, Path, description = "The template.")),
    responses((status = 200, description = "The template in its newest version", body = Template)))]
pub(crate) async fn template(
    InScope { found: template, .. }: InScope<Template, ReadTemplates>,
) -> Result<Json<Template>, ApiError> {
    Ok(Json(template))
}

/// Change a template
///
/// What is not sent stays as it is. What was read before keeps the version that it was read with.
#[utoipa::path(patch, path = "/templates/{templateId}", tag = "Templates", operation_id = "updateTemplate",
    params(("templateId" = TemplateId, Path, description = "The template.")),
    request_body = TemplateBody,
    responses((status = 200, description = "The template, in a new version if it says something new", body = Template)))]
pub(crate) async fn update(
    State(state): State<ApiState>,
    named: InScope<Template, WriteTemplates>,
    Json(body): Json<TemplateBody>,
) -> Result<Json<Template>, ApiError> {
    let (said, wrong) = body.read(false).await?;
    change(&state, named, said, wrong, true).await
}

/// Replace what a template says
///
/// What is not sent is as in a new template.
#[utoipa::path(put, path = "/templates/{templateId}", tag = "Templates", operation_id = "replaceTemplate",
    params(("templateId" = TemplateId, Path, description = "The template.")),
    request_body = NewTemplate,
    responses((status = 200, description = "The template, in a new version if it says something new", body = Template)))]
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
        wrong.push("projectId cannot be changed: make the template again in the other project".to_owned());
    }
    ApiError::unless_empty(wrong)?;
    let (id, is_active) = (template.id, said.is_active);
    let content = said.content(keep.then_some(template.content))?;
    let change = TemplateChange { content: Some(content), is_active, of_version: None };
    let changed = caller.storage(state).update_template(id, change).await?;
    changed.map(Json).ok_or_else(|| ApiError::no_such("template", &id.to_string()))
}

/// Delete a template
///
/// What was read with it stays.
#[utoipa::path(delete, path = "/templates/{templateId}", tag = "Templates", operation_id = "deleteTemplate",
    params(("templateId" = TemplateId, Path, description = "The template.")),
    responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete_template(
    State(state): State<ApiState>,
    InScope { found: template, caller }: InScope<Template, WriteTemplates>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).delete_template(template.id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("template", &template.id.to_string())) }
}

/// List a template's versions
///
/// Newest first.
#[utoipa::path(get, path = "/templates/{templateId}/versions", tag = "Templates", operation_id = "listTemplateVersions",
    params(("templateId" = TemplateId, Path, description = "The template.")),
    responses((status = 200, description = "The versions", body = Vec<TemplateVersion>)))]
pub(crate) async fn versions(
    State(state): State<ApiState>,
    InScope { found: template, .. }: InScope<Template, ReadTemplates>,
) -> Result<Json<Vec<TemplateVersion>>, ApiError> {
    Ok(Json(state.storage.template_versions(template.id).await?))
}
