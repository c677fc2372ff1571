//! `POST /batch/upload`: files are streamed into the blob store as they arrive; one transaction makes them a batch.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use recto_domain::{Batch, BatchDetails, Timestamp};
use recto_storage::{Accepted, NewBatch, TemplateUse};
use serde_json::Value;

use crate::accepted::IntoJson as _;
use crate::auth::{Caller, WriteBatches};
use crate::error::ApiError;
use crate::form::described::{BatchForm, IdempotencyHeader};
use crate::form::{self, Form, FormKind, IdempotencyKey, Received};
use crate::json::Json;
use crate::openapi::Conflict;
use crate::permits::{Permits, Work};
use crate::state::ApiState;

/// Send files as a batch
///
/// The files are read in the background. Poll the batch, listen to its events, or use a webhook. One bad file does not
/// affect the others: a file that cannot be read fails by itself, with a reason. PDF, PNG, JPEG, TIFF, WebP,
/// HEIC, AVIF, JPEG 2000, BMP, GIF and PNM are recognised by their bytes, not by name or declared type.
///
/// `languages`, `engine`, `pages`, `textLayer`, `reuse` and `password` apply to all files. Each file may also have its
/// own: `files[0].languages`, `files[0].engine`, `files[0].pages`, `files[0].textLayer`, `files[0].reuse` and
/// `files[0].password` apply to the first one. A file is tried with its own passwords first. Unknown fields are
/// ignored.
#[utoipa::path(post, path = "/batch/upload", tag = "Batches", operation_id = "uploadBatch",
    params(IdempotencyHeader),
    request_body(content = BatchForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The batch, queued", body = BatchDetails),
        (status = 409, response = Conflict)
    ))]
pub(crate) async fn upload(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    caller: Caller<WriteBatches>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let key = IdempotencyKey::of(request.headers())?;
    let mut body = form::open(request, state.settings.max_upload_bytes)?;
    let _place = places.take(Work::Upload, caller.token()).await?;
    let accepted = match Form::receive_once(&state, &caller, FormKind::Batch, key, &mut body).await? {
        Received::New(form) => accept(*form, &state, &caller).await?,
        Received::Earlier(answer) => answer,
    };
    Ok((StatusCode::CREATED, Json(accepted.into_json()?)))
}

/// Turns a form into a batch.
async fn accept(
    form: Form,
    state: &ApiState,
    caller: &Caller<WriteBatches>,
) -> Result<Accepted<BatchDetails>, ApiError> {
    let token = caller.token();
    let Form { receiving, files, fields, project, template, idempotency } = form;
    let batch = NewBatch {
        organization: token.organization_id,
        project,
        user: token.user_id,
        name: fields.name.unwrap_or_else(|| Batch::default_name(Timestamp::now())),
        metadata: fields.metadata,
        template: template.as_ref().map(TemplateUse::from),
        files,
    };
    // Runs in a task of its own, so that a client that hangs up now cannot interrupt the decision.
    let storage = caller.storage(state);
    let accepting = tokio::spawn(async move { storage.batches().accept(receiving, batch, idempotency).await });
    Ok(accepting.await.map_err(|error| ApiError::Internal(error.into()))??)
}
