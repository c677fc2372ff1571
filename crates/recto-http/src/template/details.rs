//! A template and its versions.

use axum::extract::State;
use recto_domain::{Template, TemplateId, TemplateVersion};

use crate::auth::ReadTemplates;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::state::ApiState;

/// Get a template
#[utoipa::path(get, path = "/templates/{templateId}", tag = "Templates", operation_id = "getTemplate",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    responses((status = 200, description = "The template in its newest version", body = Template)))]
pub(crate) async fn details(
    InScope { found: template, .. }: InScope<Template, ReadTemplates>,
) -> Result<Json<Template>, ApiError> {
    Ok(Json(template))
}

/// List a template's versions
///
/// Newest first.
#[utoipa::path(get, path = "/templates/{templateId}/versions", tag = "Templates", operation_id = "listTemplateVersions",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    responses((status = 200, description = "The versions", body = Vec<TemplateVersion>)))]
pub(crate) async fn versions(
    State(state): State<ApiState>,
    InScope { found: template, .. }: InScope<Template, ReadTemplates>,
) -> Result<Json<Vec<TemplateVersion>>, ApiError> {
    Ok(Json(state.storage.templates().versions(template.id).await?))
}
