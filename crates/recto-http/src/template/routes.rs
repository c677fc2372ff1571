//! The endpoints of templates themselves.

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Template, TemplateVersion};
use recto_storage::TemplateChange;
use serde::Deserialize;

use super::content::TemplateBody;
use super::reach::TemplateInReach;
use crate::auth::{Caller, ProjectScope, ReadTemplates, WriteTemplates};
use crate::error::ApiError;
use crate::json::Json;
use crate::query::Query;
use crate::state::ApiState;

/// What a list can be asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    project_id: Option<String>,
}

/// `GET /templates`: those of the token's project, or of all projects of its organisation.
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<ReadTemplates>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<Template>>, ApiError> {
    let project = ProjectScope::narrow(&state, &caller, query.project_id.as_deref()).await?;
    Ok(Json(state.storage.templates(caller.token().organization_id, project).await?))
}

/// `POST /templates`
pub(crate) async fn create(
    State(state): State<ApiState>,
    caller: Caller<WriteTemplates>,
    Json(body): Json<TemplateBody>,
) -> Result<(StatusCode, Json<Template>), ApiError> {
    let (said, mut wrong) = body.read(true);
    let project = match ProjectScope::settle(&state, &caller, said.project_id.as_deref()).await {
        Ok(scope) => Some(scope.project),
        Err(ApiError::Invalid(why)) => {
            wrong.extend(why);
            None
        }
        Err(other) => return Err(other),
    };
    let Some(project) = project.filter(|_| wrong.is_empty()) else { return Err(ApiError::Invalid(wrong)) };
    let is_active = said.is_active;
    let storage = caller.storage(&state);
    let mut template = storage.create_template(project, said.content(None)?).await?;
    if is_active == Some(false) {
        let change = TemplateChange { content: None, is_active };
        template = storage.update_template(template.id, change).await?.unwrap_or(template);
    }
    Ok((StatusCode::CREATED, Json(template)))
}

/// `GET /templates/:id`
pub(crate) async fn template(
    TemplateInReach { template, .. }: TemplateInReach<ReadTemplates>,
) -> Result<Json<Template>, ApiError> {
    Ok(Json(template))
}

/// `PATCH /templates/:id`: what is not sent stays as it is.
pub(crate) async fn update(
    State(state): State<ApiState>,
    reach: TemplateInReach<WriteTemplates>,
    Json(body): Json<TemplateBody>,
) -> Result<Json<Template>, ApiError> {
    let (said, wrong) = body.read(false);
    change(&state, reach, said, wrong, true).await
}

/// `PUT /templates/:id`: what is not sent is as in a new template.
pub(crate) async fn replace(
    State(state): State<ApiState>,
    reach: TemplateInReach<WriteTemplates>,
    Json(body): Json<TemplateBody>,
) -> Result<Json<Template>, ApiError> {
    let (said, wrong) = body.read(true);
    change(&state, reach, said, wrong, false).await
}

async fn change(
    state: &ApiState,
    TemplateInReach { template, caller }: TemplateInReach<WriteTemplates>,
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
    let change = TemplateChange { content: Some(content), is_active };
    let changed = caller.storage(state).update_template(id, change).await?;
    changed.map(Json).ok_or_else(|| ApiError::no_such("template", &id.to_string()))
}

/// `DELETE /templates/:id`
pub(crate) async fn delete_template(
    State(state): State<ApiState>,
    TemplateInReach { template, caller }: TemplateInReach<WriteTemplates>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).delete_template(template.id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("template", &template.id.to_string())) }
}

/// `GET /templates/:id/versions`, newest first.
pub(crate) async fn versions(
    State(state): State<ApiState>,
    TemplateInReach { template, .. }: TemplateInReach<ReadTemplates>,
) -> Result<Json<Vec<TemplateVersion>>, ApiError> {
    Ok(Json(state.storage.template_versions(template.id).await?))
}
