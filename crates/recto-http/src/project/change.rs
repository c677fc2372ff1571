//! `PATCH /projects/:id`, `DELETE /projects/:id`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::Project;
use recto_storage::ProjectChange;
use serde::Deserialize;

use super::reach::ProjectInReach;
use crate::auth::AdminProjects;
use crate::error::ApiError;
use crate::json::Json;
use crate::member::Member;
use crate::state::ApiState;

/// What is to be changed of a project: what is left out stays.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct UpdateProject {
    name: Member<String>,
    description: Member<String>,
    is_active: Member<bool>,
}

impl UpdateProject {
    fn checked(self) -> Result<ProjectChange, ApiError> {
        let mut wrong = Vec::new();
        let most = Project::MAX_DESCRIPTION_CHARS;
        let change = ProjectChange {
            name: self.name.optional_text("name", 1..=Project::MAX_NAME_CHARS, &mut wrong),
            description: self.description.optional_text("description", 0..=most, &mut wrong),
            is_active: self.is_active.flag("isActive", &mut wrong),
        };
        ApiError::unless_empty(wrong)?;
        Ok(change)
    }
}

/// `PATCH /projects/:id`: with a token of the whole organisation.
pub(crate) async fn update(
    State(state): State<ApiState>,
    at: ProjectInReach<AdminProjects>,
    Json(body): Json<UpdateProject>,
) -> Result<Json<Project>, ApiError> {
    change(&state, &at, body.checked()?).await.map(Json)
}

/// `DELETE /projects/:id`: it takes no new work from now on; what it holds stays readable.
pub(crate) async fn deactivate(
    State(state): State<ApiState>,
    at: ProjectInReach<AdminProjects>,
) -> Result<StatusCode, ApiError> {
    change(&state, &at, ProjectChange { is_active: Some(false), ..ProjectChange::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change(
    state: &ApiState,
    ProjectInReach { project, caller }: &ProjectInReach<AdminProjects>,
    change: ProjectChange,
) -> Result<Project, ApiError> {
    caller.whole_organization()?;
    let changed = caller.storage(state).update_project(project.id, change).await?;
    changed.ok_or_else(|| ApiError::none("project", &project.id.to_string()))
}
