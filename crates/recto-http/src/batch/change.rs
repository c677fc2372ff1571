//! Changes of a batch: delete it, retry its failures, cancel it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Batch, BatchDetails, BatchId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::WriteBatches;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::openapi::BadRequest;
use crate::quota;
use crate::retried::RetriedWork;
use crate::state::ApiState;

/// Delete a batch
///
/// Deletes its uploads, results and files too; running work stops.
#[utoipa::path(delete, path = "/batch/{batchId}", tag = "Batches", operation_id = "deleteBatch",
    params(("batchId" = BatchId, Path, description = "The id of the batch.")),
    responses((status = 204, description = "The batch was deleted")))]
pub(crate) async fn delete_batch(
    State(state): State<ApiState>,
    InScope { found: Batch { id, .. }, caller }: InScope<Batch, WriteBatches>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).batches().delete(id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_batch(&id.to_string())) }
}

/// A batch that was retried.
#[derive(Serialize, ToSchema)]
pub(crate) struct RetriedBatch {
    #[serde(flatten)]
    batch: BatchDetails,
    retried: RetriedWork,
}

/// Queue a batch's failed files and pages again
///
/// Pages that were read are kept. `retried` says what was queued; it is empty if nothing failed. A project that is not
/// active accepts no new work (400). A project that has used up its pages for the day accepts none before the next day
/// (429).
#[utoipa::path(post, path = "/batch/{batchId}/retry", tag = "Batches", operation_id = "retryBatch",
    params(("batchId" = BatchId, Path, description = "The id of the batch.")),
    responses(
        (status = 200, description = "The batch as it is now, and what was queued", body = RetriedBatch),
        (status = 400, response = BadRequest)
    ))]
pub(crate) async fn retry(
    State(state): State<ApiState>,
    InScope { found: Batch { id, project_id, .. }, caller }: InScope<Batch, WriteBatches>,
) -> Result<Json<RetriedBatch>, ApiError> {
    quota::check(&state, project_id).await?;
    let retried = caller.storage(&state).batches().retry(id).await?;
    let (batch, retried) = retried.ok_or_else(|| ApiError::no_batch(&id.to_string()))?;
    let is_open = !batch.batch.status.is_final();
    Ok(Json(RetriedBatch { batch, retried: RetriedWork::of(retried, is_open) }))
}

/// Cancel a batch
///
/// Files that are not done fail with the error `cancelled`.
#[utoipa::path(post, path = "/batch/{batchId}/cancel", tag = "Batches", operation_id = "cancelBatch",
    params(("batchId" = BatchId, Path, description = "The id of the batch.")),
    responses((status = 200, description = "The batch as it is now", body = BatchDetails)))]
pub(crate) async fn cancel(
    State(state): State<ApiState>,
    InScope { found: Batch { id, .. }, caller }: InScope<Batch, WriteBatches>,
) -> Result<Json<BatchDetails>, ApiError> {
    let details = caller.storage(&state).batches().cancel(id).await?;
    details.map(Json).ok_or_else(|| ApiError::no_batch(&id.to_string()))
}
