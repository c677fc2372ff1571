//! The built-in templates, and copying them into a project.

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Template, TemplateContent};
use recto_extract::{BUILTIN_TEMPLATES, BuiltinTemplate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{Caller, ProjectScope, ReadTemplates, WriteTemplates};
use crate::error::{ApiError, excerpt};
use crate::json::Json;
use crate::member::Member;
use crate::path::Path;
use crate::state::ApiState;

/// A built-in template.
#[derive(Serialize, ToSchema)]
#[schema(as = BuiltinTemplate)]
pub(crate) struct BuiltinView {
    /// The id to copy it by, such as `purchase-order`.
    id: &'static str,
    #[serde(flatten)]
    content: TemplateContent,
}

impl From<&'static BuiltinTemplate> for BuiltinView {
    fn from(BuiltinTemplate { id, content }: &'static BuiltinTemplate) -> Self {
        Self { id, content: content.clone() }
    }
}

/// List the built-in templates
///
/// They belong to no project and never change: copy one, and change the copy.
#[utoipa::path(get, path = "/templates/builtin", tag = "Templates", operation_id = "listBuiltinTemplates",
    responses((status = 200, description = "The built-in templates", body = Vec<BuiltinView>)))]
pub(crate) async fn list(_: Caller<ReadTemplates>) -> Json<Vec<BuiltinView>> {
    Json(BUILTIN_TEMPLATES.iter().map(BuiltinView::from).collect())
}

/// Get a built-in template
#[utoipa::path(get, path = "/templates/builtin/{builtinId}", tag = "Templates", operation_id = "getBuiltinTemplate",
    params(("builtinId" = String, Path, description = "The id of the built-in template, such as `invoice`.")),
    responses((status = 200, description = "The built-in template", body = BuiltinView)))]
pub(crate) async fn builtin(_: Caller<ReadTemplates>, Path(id): Path<String>) -> Result<Json<BuiltinView>, ApiError> {
    Ok(Json(found(&id)?.into()))
}

/// Where a built-in template is copied to.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BuiltinCopy)]
pub(crate) struct Copy {
    /// The project. An organization's key must name it; a project's key may.
    #[schema(value_type = Option<recto_domain::ProjectId>)]
    #[serde(default)]
    project_id: Member<String>,
    /// The name of the copy; the original's name by default.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    #[serde(default)]
    name: Member<String>,
}

/// Copy a built-in template into a project
///
/// The copy is a template like any other: it can be changed, can learn, and can be deleted.
#[utoipa::path(post, path = "/templates/builtin/{builtinId}/copy", tag = "Templates",
    operation_id = "copyBuiltinTemplate",
    params(("builtinId" = String, Path, description = "The id of the built-in template, such as `invoice`.")),
    request_body = Copy,
    responses((status = 201, description = "The template", body = Template)))]
pub(crate) async fn copy(
    State(state): State<ApiState>,
    caller: Caller<WriteTemplates>,
    Path(id): Path<String>,
    Json(body): Json<Copy>,
) -> Result<(StatusCode, Json<Template>), ApiError> {
    let mut content = found(&id)?.content.clone();
    let mut wrong = Vec::new();
    let named = body.project_id.optional_text("projectId", 0..=100, &mut wrong);
    if let Some(name) = body.name.optional_text("name", 1..=Template::MAX_NAME_CHARS, &mut wrong) {
        content.name = name;
    }
    ApiError::unless_empty(wrong)?;
    let project = ProjectScope::settle(&state, &caller, named.as_deref()).await?.project;
    let template = caller.storage(&state).templates().create(project, content, true).await?;
    Ok((StatusCode::CREATED, Json(template)))
}

fn found(id: &str) -> Result<&'static BuiltinTemplate, ApiError> {
    BuiltinTemplate::find(id).ok_or_else(|| {
        let all: Vec<&str> = BUILTIN_TEMPLATES.iter().map(|template| template.id).collect();
        ApiError::NotFound(format!("there is no built-in template {}; there are {}", excerpt(id), all.join(", ")))
    })
}
