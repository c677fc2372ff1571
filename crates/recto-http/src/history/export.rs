//! `GET /processing-history/:id/export`: one record in any format of exports.

use axum::extract::State;
use axum::response::Response;
use recto_domain::FinishedBatch;

use super::reach::RecordInReach;
use crate::auth::ReadHistory;
use crate::error::ApiError;
use crate::export_stream::ExportRequest;
use crate::state::ApiState;

/// `GET /processing-history/:id/export`
pub(crate) async fn export(
    State(state): State<ApiState>,
    RecordInReach { record, .. }: RecordInReach<ReadHistory>,
    request: ExportRequest,
) -> Result<Response, ApiError> {
    let id = record.id;
    let missing = || ApiError::no_such("record", &id.to_string());
    let finished = state.storage.finished_record(id).await?.ok_or_else(missing)?;
    if finished.documents().is_empty() {
        return Err(ApiError::invalid("there is nothing to export: the record has not completed"));
    }
    request.answer(finished, &format!("record-{id}")).await
}
