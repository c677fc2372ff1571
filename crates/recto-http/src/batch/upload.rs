//! `POST /batch/upload`: files stream into the blob store as they arrive; one transaction makes them a batch.

mod disposition;
mod fields;
mod form;
mod idempotency;
mod multipart;
mod options;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::{Extension, Json};
use recto_domain::BatchDetails;
use recto_storage::Accepted;
use serde_json::Value;

use crate::auth::{Caller, WriteBatches};
use crate::error::ApiError;
use crate::slots::Slots;
use crate::state::ApiState;
use form::Form;
use idempotency::IdempotencyKey;
use multipart::Multipart;
pub(crate) use multipart::MultipartError;

/// `POST /batch/upload`
pub(crate) async fn upload(
    State(state): State<ApiState>,
    Extension(slots): Extension<Slots>,
    caller: Caller<WriteBatches>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let key = IdempotencyKey::of(request.headers())?;
    let mut body = open(request, state.settings.max_upload_bytes)?;
    let _slot = slots.upload().await;
    let form = Form::receive(&state, &caller, &mut body).await?;
    let accepted = form.accept(&state, &caller, key).await?;
    Ok((StatusCode::CREATED, Json(answer(accepted)?)))
}

/// The form in a request's body, unless its headers already say that it is none or too large.
fn open(request: Request, limit_bytes: u64) -> Result<Multipart<axum::body::BodyDataStream>, ApiError> {
    let boundary = multipart::boundary(request.headers())?;
    let length = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit_bytes) {
        return Err(MultipartError::TooLarge { limit_bytes }.into());
    }
    Ok(Multipart::new(request.into_body().into_data_stream(), &boundary, limit_bytes))
}

fn answer(accepted: Accepted<BatchDetails>) -> Result<Value, ApiError> {
    match accepted {
        Accepted::New(details) => serde_json::to_value(details).map_err(|error| ApiError::Internal(error.into())),
        Accepted::Repeated(first) => Ok(first),
        Accepted::Conflict => {
            Err(ApiError::Conflict("this Idempotency-Key was used for another request within the last 24 hours"))
        }
    }
}
