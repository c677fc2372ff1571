//! The project that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::{Project, ProjectId};

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The project of the address, which the caller's token reaches: 404 when there is none, 401 when it belongs to
/// another organisation, or is a sibling of the token's project.
pub(crate) struct ProjectInReach<A> {
    /// The project.
    pub(crate) project: Project,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

impl<A: Access> FromRequestParts<ApiState> for ProjectInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = Path::<String>::from_request_parts(parts, state).await;
        let Path(named) = named.map_err(|_| ApiError::no_such("project", "of that name"))?;
        let id: ProjectId = named.parse().map_err(|_| ApiError::no_such("project", &named))?;
        let project = state.storage.project(id).await?.ok_or_else(|| ApiError::no_such("project", &named))?;
        if caller.token().reaches(project.organization_id, project.id) {
            Ok(Self { project, caller })
        } else {
            Err(ApiError::Unauthorized("the project is not in the reach of this token"))
        }
    }
}
