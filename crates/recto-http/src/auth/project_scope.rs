//! Which project a request means.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use recto_domain::ProjectId;
use serde::Deserialize;

use super::caller::Caller;
use crate::error::{ApiError, start};
use crate::query::Query;
use crate::state::ApiState;

/// The project that a request means, in the caller's reach: the one it names, or the one of a project's token.
///
/// As an extractor it reads the query parameter `projectId`.
pub(crate) struct ProjectScope(pub(crate) ProjectId);

impl ProjectScope {
    /// Settles the project that a request names, if it names one.
    pub(crate) async fn settle(state: &ApiState, caller: &Caller, named: Option<&str>) -> Result<Self, ApiError> {
        let named = named.map(str::trim).filter(|text| !text.is_empty());
        let unknown = || ApiError::invalid(format!("projectId {} names no project", start(named.unwrap_or_default())));
        let named = named.map(|text| text.parse::<ProjectId>().map_err(|_| unknown())).transpose()?;
        let token = caller.token();
        let id = token.project_scope(named)?;
        if token.project_id.is_none() {
            let project = state.storage.project(id).await?.ok_or_else(unknown)?;
            if project.organization_id != token.organization_id {
                return Err(ApiError::Unauthorized("projectId belongs to another organization"));
            }
        }
        Ok(Self(id))
    }
}

/// The part of a query string that names a project.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedProject {
    project_id: Option<String>,
}

impl FromRequestParts<ApiState> for ProjectScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Query(named) = Query::<NamedProject>::from_request_parts(parts, state).await?;
        Self::settle(state, &caller, named.project_id.as_deref()).await
    }
}
