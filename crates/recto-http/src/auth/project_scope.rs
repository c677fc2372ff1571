//! The project that a request addresses.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use recto_domain::ProjectId;
use recto_storage::StorageError;
use serde::Deserialize;
use utoipa::IntoParams;

use super::access::Access;
use super::caller::Caller;
use crate::error::{ApiError, excerpt};
use crate::query::Query;
use crate::state::ApiState;

/// The project that a request addresses, within the caller's reach: the one it names, or the project of a project's
/// token.
///
/// As an extractor it reads the query parameter `projectId`.
pub(crate) struct ProjectScope<A> {
    /// The project.
    pub(crate) project: ProjectId,
    demanded: PhantomData<A>,
}

impl<A: Access> ProjectScope<A> {
    /// Determines the project, with the name given by the request, if any.
    pub(crate) async fn settle(state: &ApiState, caller: &Caller<A>, named: Option<&str>) -> Result<Self, ApiError> {
        let named = named.map(str::trim).filter(|text| !text.is_empty());
        let unknown =
            || ApiError::invalid(format!("projectId: there is no project {}", excerpt(named.unwrap_or_default())));
        let named = named.map(|text| text.parse::<ProjectId>().map_err(|_| unknown())).transpose()?;
        let token = caller.token();
        let id = token.project_scope(named)?;
        if token.project_id.is_none() {
            let project = state.storage.tenants().project(id).await?.ok_or_else(unknown)?;
            if project.organization_id != token.organization_id {
                return Err(ApiError::Unauthorized("projectId belongs to another organization"));
            }
        }
        Ok(Self { project: id, demanded: PhantomData })
    }
}

impl<A: Access> ProjectScope<A> {
    /// The project to which a request sends new work; 400 when it is deactivated.
    pub(crate) async fn for_work(state: &ApiState, caller: &Caller<A>, named: Option<&str>) -> Result<Self, ApiError> {
        let scope = Self::settle(state, caller, named).await?;
        let is_active = state.storage.tenants().project(scope.project).await?.is_some_and(|project| project.is_active);
        if is_active { Ok(scope) } else { Err(StorageError::ProjectInactive.into()) }
    }

    /// The project to which a request about the organization is limited: that of a project's token, or the one that the
    /// request names, if any.
    pub(crate) async fn narrow(
        state: &ApiState,
        caller: &Caller<A>,
        named: Option<&str>,
    ) -> Result<Option<ProjectId>, ApiError> {
        let is_named = named.is_some_and(|text| !text.trim().is_empty());
        if caller.token().project_id.is_none() && !is_named {
            return Ok(None);
        }
        Ok(Some(Self::settle(state, caller, named).await?.project))
    }
}

/// The part of a query string that names a project.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct NamedProject {
    /// The project. An organization's key must name it; a project's key may.
    #[param(value_type = Option<ProjectId>)]
    pub(crate) project_id: Option<String>,
}

impl<A: Access> FromRequestParts<ApiState> for ProjectScope<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::<A>::from_request_parts(parts, state).await?;
        let Query(named) = Query::<NamedProject>::from_request_parts(parts, state).await?;
        Self::settle(state, &caller, named.project_id.as_deref()).await
    }
}
