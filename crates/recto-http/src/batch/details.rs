//! `GET /batch/:id`

use axum::Json;
use axum::extract::State;
use recto_domain::BatchDetails;

use super::reach::BatchInReach;
use crate::auth::ReadBatches;
use crate::error::ApiError;
use crate::state::ApiState;

/// `GET /batch/:id`
pub(crate) async fn details(
    State(state): State<ApiState>,
    BatchInReach { id, .. }: BatchInReach<ReadBatches>,
) -> Result<Json<BatchDetails>, ApiError> {
    let details = state.storage.batch_details(id).await?;
    details.map(Json).ok_or_else(|| ApiError::no_batch(&id.to_string()))
}
