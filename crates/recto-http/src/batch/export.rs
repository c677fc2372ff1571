//! `GET /batch/:id/export`: the finished documents as one file, written while it is sent.

use axum::extract::State;
use axum::response::Response;
use recto_domain::FinishedBatch;

use super::reach::BatchInReach;
use crate::auth::ReadBatches;
use crate::error::ApiError;
use crate::export_stream::ExportRequest;
use crate::state::ApiState;

/// `GET /batch/:id/export`
pub(crate) async fn export(
    State(state): State<ApiState>,
    BatchInReach { id, .. }: BatchInReach<ReadBatches>,
    request: ExportRequest,
) -> Result<Response, ApiError> {
    let batch = state.storage.finished_batch(id).await?.ok_or_else(|| ApiError::no_batch(&id.to_string()))?;
    if batch.documents().is_empty() {
        return Err(ApiError::invalid("there is nothing to export: no file of the batch has completed"));
    }
    request.answer(batch, &format!("batch-{id}")).await
}
