//! `POST /projects`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::Project;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{AdminProjects, Caller};
use crate::error::ApiError;
use crate::json::Json;
use crate::member::Member;
use crate::state::ApiState;

/// A project to make.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewProject {
    #[schema(required, value_type = String, min_length = 1, max_length = 100)]
    #[serde(default)]
    name: Member<String>,
    /// A description for people.
    #[schema(value_type = Option<String>, max_length = 500)]
    #[serde(default)]
    description: Member<String>,
}

impl NewProject {
    /// The checked name and description.
    fn checked(self) -> Result<(String, String), ApiError> {
        let mut wrong = Vec::new();
        let name = self.name.text("name", 1..=Project::MAX_NAME_CHARS, &mut wrong);
        let most = Project::MAX_DESCRIPTION_CHARS;
        let description = self.description.optional_text("description", 0..=most, &mut wrong);
        ApiError::unless_empty(wrong)?;
        Ok((name.unwrap_or_default(), description.unwrap_or_default()))
    }
}

/// Make a project
///
/// Needs a key of the whole organization.
#[utoipa::path(post, path = "/projects", tag = "Projects", operation_id = "createProject",
    request_body = NewProject,
    responses((status = 201, description = "The project", body = Project)))]
pub(crate) async fn create(
    State(state): State<ApiState>,
    caller: Caller<AdminProjects>,
    Json(body): Json<NewProject>,
) -> Result<(StatusCode, Json<Project>), ApiError> {
    let organization = caller.whole_organization()?;
    let (name, description) = body.checked()?;
    let made = caller.storage(&state).tenants().create_project(organization, &name, &description).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
