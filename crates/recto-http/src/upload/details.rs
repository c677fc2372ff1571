//! `GET /upload/:id`

use axum::extract::State;
use recto_domain::UploadId;

use super::view::UploadView;
use crate::auth::ReadUploads;
use crate::error::ApiError;
use crate::in_scope::{InScope, Uploaded};
use crate::json::Json;
use crate::state::ApiState;

/// Get an upload
#[utoipa::path(get, path = "/upload/{uploadId}", tag = "Uploads", operation_id = "getUpload",
    params(("uploadId" = UploadId, Path, description = "The id of the upload.")),
    responses((status = 200, description = "The upload, with a fresh link to its file", body = UploadView)))]
pub(crate) async fn details(
    State(state): State<ApiState>,
    InScope { found: Uploaded(record), .. }: InScope<Uploaded, ReadUploads>,
) -> Result<Json<UploadView>, ApiError> {
    Ok(Json(UploadView::of(&state, record)))
}
