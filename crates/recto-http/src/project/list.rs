//! `GET /projects`

use axum::extract::State;
use recto_domain::Project;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{Caller, ReadProjects};
use crate::error::ApiError;
use crate::json::Json;
use crate::query::{Query, parsed};
use crate::state::ApiState;

/// The query parameters of the list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// `true` to include projects that accept no new work.
    #[param(value_type = Option<bool>)]
    include_inactive: Option<String>,
}

/// List projects
///
/// The active projects of the organization, oldest first; for a project's key, its project.
#[utoipa::path(get, path = "/projects", tag = "Projects", operation_id = "listProjects", params(ListQuery),
    responses((status = 200, description = "The projects", body = Vec<Project>)))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<ReadProjects>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<Project>>, ApiError> {
    let mut wrong = Vec::new();
    let with_inactive = parsed("includeInactive: ", query.include_inactive.as_deref(), &mut wrong).unwrap_or(false);
    ApiError::unless_empty(wrong)?;
    let token = caller.token();
    if let Some(own) = token.project_id {
        return Ok(Json(state.storage.tenants().project(own).await?.into_iter().collect()));
    }
    let mut projects = state.storage.tenants().projects(token.organization_id).await?;
    projects.retain(|project| with_inactive || project.is_active);
    Ok(Json(projects))
}
