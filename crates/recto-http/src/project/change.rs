//! `PATCH /projects/:id`, `DELETE /projects/:id`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Project, ProjectId};
use recto_storage::ProjectChange;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::AdminProjects;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::member::Member;
use crate::openapi::Conflict;
use crate::state::ApiState;

/// A change of a project; members that are left out stay unchanged.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProjectChange)]
pub(crate) struct UpdateProject {
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    #[serde(default)]
    name: Member<String>,
    /// A description for people.
    #[schema(value_type = Option<String>, max_length = 500)]
    #[serde(default)]
    description: Member<String>,
    /// Whether it accepts new work.
    #[schema(value_type = Option<bool>)]
    #[serde(default)]
    is_active: Member<bool>,
    /// Days after which batches that have ended are deleted: 0 for never, `null` for the server's setting.
    #[schema(value_type = Option<u32>, maximum = 36500)]
    #[serde(default)]
    retention_days: Member<u32>,
}

impl UpdateProject {
    fn checked(self) -> Result<ProjectChange, ApiError> {
        let mut wrong = Vec::new();
        let most = Project::MAX_DESCRIPTION_CHARS;
        let change = ProjectChange {
            name: self.name.optional_text("name", 1..=Project::MAX_NAME_CHARS, &mut wrong),
            description: self.description.optional_text("description", 0..=most, &mut wrong),
            is_active: self.is_active.flag("isActive", &mut wrong),
            retention_days: self.retention_days.limit("retentionDays", 0..=Project::MAX_RETENTION_DAYS, &mut wrong),
            // Only the operator sets it.
            pages_per_day: None,
        };
        ApiError::unless_empty(wrong)?;
        Ok(change)
    }
}

/// Change, deactivate or reactivate a project
///
/// Needs a key of the whole organization.
#[utoipa::path(patch, path = "/projects/{projectId}", tag = "Projects", operation_id = "updateProject",
    params(("projectId" = ProjectId, Path, description = "The id of the project.")),
    request_body = UpdateProject,
    responses((status = 200, description = "The project as it is now", body = Project), (status = 409, response = Conflict)))]
pub(crate) async fn update(
    State(state): State<ApiState>,
    named: InScope<Project, AdminProjects>,
    Json(body): Json<UpdateProject>,
) -> Result<Json<Project>, ApiError> {
    change(&state, &named, body.checked()?).await.map(Json)
}

/// Deactivate a project
///
/// It accepts no new work from now on; its data stays readable. Needs a key of the whole organization.
#[utoipa::path(delete, path = "/projects/{projectId}", tag = "Projects", operation_id = "deactivateProject",
    params(("projectId" = ProjectId, Path, description = "The id of the project.")),
    responses((status = 204, description = "The project was deactivated"), (status = 409, response = Conflict)))]
pub(crate) async fn deactivate(
    State(state): State<ApiState>,
    named: InScope<Project, AdminProjects>,
) -> Result<StatusCode, ApiError> {
    change(&state, &named, ProjectChange { is_active: Some(false), ..ProjectChange::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change(
    state: &ApiState,
    InScope { found: project, caller }: &InScope<Project, AdminProjects>,
    change: ProjectChange,
) -> Result<Project, ApiError> {
    caller.whole_organization()?;
    let changed = caller.storage(state).tenants().update_project(project.id, change).await?;
    changed.ok_or_else(|| ApiError::no_such("project", &project.id.to_string()))
}
