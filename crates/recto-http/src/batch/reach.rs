//! The batch that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::BatchId;

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The batch of the address, which the caller's token reaches: 404 when there is none, 401 when it belongs to
/// another organisation, or to a sibling of the token's project.
pub(crate) struct BatchInReach<A> {
    /// The batch.
    pub(crate) id: BatchId,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

impl<A: Access> FromRequestParts<ApiState> for BatchInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = Path::<String>::from_request_parts(parts, state).await;
        let Path(named) = named.map_err(|_| ApiError::no_batch("of that name"))?;
        let id: BatchId = named.parse().map_err(|_| ApiError::no_batch(&named))?;
        let batch = state.storage.batch(id).await?.ok_or_else(|| ApiError::no_batch(&named))?;
        if caller.token().reaches(batch.organization_id, batch.project_id) {
            Ok(Self { id, caller })
        } else {
            Err(ApiError::Unauthorized("the batch does not belong to the organization or project of this token"))
        }
    }
}
