//! `GET /processing-history/:id/export`: one record in any export format.

use axum::extract::State;
use axum::response::Response;
use recto_domain::{FinishedBatch, Record, RecordId};

use crate::auth::ReadHistory;
use crate::error::ApiError;
use crate::export_stream::{ExportQuery, ExportRequest};
use crate::in_scope::InScope;
use crate::openapi::{ExportedFile, FormatName};
use crate::state::ApiState;

/// Export a record's document
///
/// Like the export of a batch, with one document.
#[utoipa::path(get, path = "/processing-history/{recordId}/export", tag = "Processing history",
    operation_id = "exportRecord",
    params(
        ("recordId" = RecordId, Path, description = "The id of the record or of its upload."),
        ("format" = inline(FormatName), Query, description = "The format of the file."),
        ExportQuery
    ),
    responses((status = 200, response = inline(ExportedFile))))]
pub(crate) async fn export(
    State(state): State<ApiState>,
    InScope { found: record, caller }: InScope<Record, ReadHistory>,
    request: ExportRequest,
) -> Result<Response, ApiError> {
    let id = record.id;
    let missing = || ApiError::no_such("record", &id.to_string());
    let finished = state.storage.records().finished(id).await?.ok_or_else(missing)?;
    if finished.documents().is_empty() {
        return Err(ApiError::invalid("there is nothing to export: the record is not completed"));
    }
    request.answer(caller.token(), finished, &format!("record-{id}")).await
}
