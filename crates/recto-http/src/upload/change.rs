//! `DELETE /upload/:id`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::UploadId;

use crate::auth::WriteUploads;
use crate::error::ApiError;
use crate::in_scope::{InScope, Uploaded};
use crate::state::ApiState;

/// Delete an upload
///
/// Deletes the file with its record and all results. The last file of a batch takes the batch with it.
#[utoipa::path(delete, path = "/upload/{uploadId}", tag = "Uploads", operation_id = "deleteUpload",
    params(("uploadId" = UploadId, Path, description = "The id of the upload.")),
    responses((status = 204, description = "The upload was deleted")))]
pub(crate) async fn delete_upload(
    State(state): State<ApiState>,
    InScope { found: Uploaded(record), caller }: InScope<Uploaded, WriteUploads>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).records().delete_upload(record.upload_id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("upload", &record.upload_id.to_string())) }
}
