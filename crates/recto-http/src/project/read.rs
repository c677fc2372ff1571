//! `GET /projects`, `GET /projects/:id`

use axum::extract::State;
use recto_domain::Project;

use super::reach::ProjectInReach;
use crate::auth::{Caller, ReadProjects};
use crate::error::ApiError;
use crate::json::Json;
use crate::state::ApiState;

/// `GET /projects`: the active ones of the organisation, oldest first, or the one of a project's token.
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<ReadProjects>,
) -> Result<Json<Vec<Project>>, ApiError> {
    let token = caller.token();
    Ok(Json(match token.project_id {
        Some(own) => state.storage.project(own).await?.into_iter().collect(),
        None => {
            let mut projects = state.storage.projects(token.organization_id).await?;
            projects.retain(|project| project.is_active);
            projects
        }
    }))
}

/// `GET /projects/:id`: an inactive one too.
pub(crate) async fn details(ProjectInReach { project, .. }: ProjectInReach<ReadProjects>) -> Json<Project> {
    Json(project)
}
