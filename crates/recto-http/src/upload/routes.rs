//! `GET /upload/:id` and `DELETE /upload/:id`

use axum::extract::State;
use axum::http::StatusCode;

use super::reach::UploadInReach;
use super::view::UploadView;
use crate::auth::{ReadUploads, WriteUploads};
use crate::error::ApiError;
use crate::json::Json;
use crate::public_url::PublicUrl;
use crate::state::ApiState;

/// `GET /upload/:id`
pub(crate) async fn upload(
    State(state): State<ApiState>,
    PublicUrl(url): PublicUrl,
    UploadInReach { record, .. }: UploadInReach<ReadUploads>,
) -> Result<Json<UploadView>, ApiError> {
    Ok(Json(UploadView::of(&state, &url, record)))
}

/// `DELETE /upload/:id`: the file goes with its record and all that was read. The last file of a batch takes the batch
/// with it.
pub(crate) async fn delete_upload(
    State(state): State<ApiState>,
    UploadInReach { record, caller }: UploadInReach<WriteUploads>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).delete_upload(record.upload_id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("upload", &record.upload_id.to_string())) }
}
