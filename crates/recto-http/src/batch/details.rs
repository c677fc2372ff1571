//! `GET /batch/:id`

use axum::Json;
use axum::extract::State;
use recto_domain::{Batch, BatchDetails, BatchId};

use crate::auth::ReadBatches;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::state::ApiState;

/// Get a batch with its files and progress
///
/// `progress` is `(completedFiles + failedFiles) / totalFiles * 100`, rounded to two decimals. Nothing more happens by
/// itself once `status` is `completed`, `partially_failed` or `failed`.
#[utoipa::path(get, path = "/batch/{batchId}", tag = "Batches", operation_id = "getBatch",
    params(("batchId" = BatchId, Path, description = "The id of the batch.")),
    responses((status = 200, description = "The batch", body = BatchDetails)))]
pub(crate) async fn details(
    State(state): State<ApiState>,
    InScope { found: Batch { id, .. }, .. }: InScope<Batch, ReadBatches>,
) -> Result<Json<BatchDetails>, ApiError> {
    let details = state.storage.batches().details(id).await?;
    details.map(Json).ok_or_else(|| ApiError::no_batch(&id.to_string()))
}
