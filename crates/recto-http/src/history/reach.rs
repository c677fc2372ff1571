//! The record that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::{OrganizationId, Record, RecordId, UploadId};

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The record of the address, by its own id or its upload's, which the caller's token reaches: 404 when the
/// organisation has none, 401 when it belongs to a sibling of the token's project.
pub(crate) struct RecordInReach<A> {
    /// The record.
    pub(crate) record: Record,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

impl<A: Access> FromRequestParts<ApiState> for RecordInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = Path::<String>::from_request_parts(parts, state).await;
        let Path(named) = named.map_err(|_| ApiError::no_such("record", "of that name"))?;
        let record = find(state, caller.token().organization_id, &named).await?;
        let record = record.ok_or_else(|| ApiError::no_such("record", &named))?;
        if caller.token().reaches(record.organization_id, record.project_id) {
            Ok(Self { record, caller })
        } else {
            Err(ApiError::Unauthorized("the record does not belong to the project of this token"))
        }
    }
}

/// Another organisation's record is looked for, and missed, as one that there is not.
async fn find(state: &ApiState, organization: OrganizationId, named: &str) -> Result<Option<Record>, ApiError> {
    let is_own = |record: &Record| record.organization_id == organization;
    let Ok(id) = named.parse::<RecordId>() else { return Ok(None) };
    if let Some(record) = state.storage.record(id).await?.filter(is_own) {
        return Ok(Some(record));
    }
    let Ok(id) = named.parse::<UploadId>() else { return Ok(None) };
    Ok(state.storage.record_of_upload(id).await?.filter(is_own))
}
