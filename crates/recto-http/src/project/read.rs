//! `GET /projects`, `GET /projects/:id`

use axum::extract::State;
use recto_domain::{Project, ProjectId};

use super::reach::ProjectInReach;
use crate::auth::{Caller, ReadProjects};
use crate::error::ApiError;
use crate::json::Json;
use crate::state::ApiState;

/// List projects
///
/// The active ones of the organization, oldest first, or the one of a project's key.
#[utoipa::path(get, path = "/projects", tag = "Projects", operation_id = "listProjects",
    responses((status = 200, description = "The projects", body = Vec<Project>)))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<ReadProjects>,
) -> Result<Json<Vec<Project>>, ApiError> {
    let token = caller.token();
    if let Some(own) = token.project_id {
        return Ok(Json(state.storage.project(own).await?.into_iter().collect()));
    }
    let mut projects = state.storage.projects(token.organization_id).await?;
    projects.retain(|project| project.is_active);
    Ok(Json(projects))
}

/// Get a project
#[utoipa::path(get, path = "/projects/{projectId}", tag = "Projects", operation_id = "getProject",
    params(("projectId" = ProjectId, Path, description = "The project.")),
    responses((status = 200, description = "The project, which may be inactive", body = Project)))]
pub(crate) async fn details(ProjectInReach { project, .. }: ProjectInReach<ReadProjects>) -> Json<Project> {
    Json(project)
}
