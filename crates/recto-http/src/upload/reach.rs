//! The upload that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::{Record, UploadId};

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The upload of the address, which the caller's token reaches: 404 when the organisation has none, 401 when it belongs
/// to a sibling of the token's project.
pub(crate) struct UploadInReach<A> {
    /// Its record.
    pub(crate) record: Record,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

impl<A: Access> FromRequestParts<ApiState> for UploadInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = Path::<String>::from_request_parts(parts, state).await;
        let Path(named) = named.map_err(|_| ApiError::no_such("upload", "of that name"))?;
        let missing = || ApiError::no_such("upload", &named);
        let id: UploadId = named.parse().map_err(|_| missing())?;
        let is_own = |record: &Record| record.organization_id == caller.token().organization_id;
        let record = state.storage.record_of_upload(id).await?.filter(is_own).ok_or_else(missing)?;
        if caller.token().reaches(record.organization_id, record.project_id) {
            Ok(Self { record, caller })
        } else {
            Err(ApiError::Unauthorized("the upload does not belong to the project of this token"))
        }
    }
}
