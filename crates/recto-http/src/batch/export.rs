//! `GET /batch/:id/export`: the finished documents as one file, written while it is being sent.

use axum::extract::State;
use axum::response::Response;
use recto_domain::{Batch, BatchId, FinishedBatch};

use crate::auth::ReadBatches;
use crate::error::ApiError;
use crate::export_stream::{ExportQuery, ExportRequest};
use crate::in_scope::InScope;
use crate::openapi::{ExportedFile, FormatName};
use crate::state::ApiState;

/// Export a batch's finished documents as one file
///
/// Contains the documents of completed files, in upload order. Every other file of the batch is named in its place with
/// its status and the reason, and so is every page that could not be read. In JSON and XML the files are listed in
/// `batch.files`. The same batch always gives the same bytes. There is nothing to export (400) until a file has
/// completed.
#[utoipa::path(get, path = "/batch/{batchId}/export", tag = "Batches", operation_id = "exportBatch",
    params(
        ("batchId" = BatchId, Path, description = "The id of the batch."),
        ("format" = inline(FormatName), Query, description = "The format of the file."),
        ExportQuery
    ),
    responses((status = 200, response = inline(ExportedFile))))]
pub(crate) async fn export(
    State(state): State<ApiState>,
    InScope { found: Batch { id, .. }, caller }: InScope<Batch, ReadBatches>,
    request: ExportRequest,
) -> Result<Response, ApiError> {
    let batch = state.storage.batches().finished(id).await?.ok_or_else(|| ApiError::no_batch(&id.to_string()))?;
    if batch.documents().is_empty() {
        return Err(ApiError::invalid("there is nothing to export: no file of the batch has been completed"));
    }
    request.answer(caller.token(), batch, &format!("batch-{id}")).await
}
