//! The forms of the upload calls: read part by part, with files streamed into the blob store as they arrive.

mod arriving;
pub(crate) mod described;
mod disposition;
mod fields;
mod idempotency;
mod multipart;
mod options;

use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;

use crate::error::ApiError;

pub(crate) use arriving::{Form, Received};
pub(crate) use fields::FormKind;
pub(crate) use idempotency::IdempotencyKey;
pub(crate) use multipart::MultipartError;

/// The form in a request's body, unless its headers already show that it is not a form or too large.
pub(crate) fn open(
    request: Request,
    limit_bytes: u64,
) -> Result<multipart::Multipart<axum::body::BodyDataStream>, ApiError> {
    let boundary = multipart::boundary(request.headers())?;
    let length = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit_bytes) {
        return Err(MultipartError::TooLarge { limit_bytes }.into());
    }
    Ok(multipart::Multipart::new(request.into_body().into_data_stream(), &boundary, limit_bytes))
}
