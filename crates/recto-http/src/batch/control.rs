//! What can be done to a batch: delete it, try its failures again, end it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::BatchDetails;

use super::reach::BatchInReach;
use crate::auth::WriteBatches;
use crate::error::ApiError;
use crate::state::ApiState;

/// `DELETE /batch/:id`
pub(crate) async fn delete_batch(
    State(state): State<ApiState>,
    BatchInReach { id, caller }: BatchInReach<WriteBatches>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).delete_batch(id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_batch(&id.to_string())) }
}

/// `POST /batch/:id/retry`
pub(crate) async fn retry(
    State(state): State<ApiState>,
    BatchInReach { id, caller }: BatchInReach<WriteBatches>,
) -> Result<Json<BatchDetails>, ApiError> {
    let details = caller.storage(&state).retry_batch(id).await?;
    details.map(Json).ok_or_else(|| ApiError::no_batch(&id.to_string()))
}

/// `POST /batch/:id/cancel`
pub(crate) async fn cancel(
    State(state): State<ApiState>,
    BatchInReach { id, caller }: BatchInReach<WriteBatches>,
) -> Result<Json<BatchDetails>, ApiError> {
    let details = caller.storage(&state).cancel_batch(id).await?;
    details.map(Json).ok_or_else(|| ApiError::no_batch(&id.to_string()))
}
