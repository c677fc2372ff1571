//! `POST /upload`: one file, by itself or into an existing batch.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use recto_domain::{BatchId, ProjectId, Record};
use recto_storage::{Accepted, NewUpload, TemplateUse};

use super::view::UploadView;
use crate::accepted::IntoJson as _;
use crate::auth::{Caller, WriteUploads};
use crate::error::ApiError;
use crate::form::described::{IdempotencyHeader, SingleForm};
use crate::form::{self, Form, FormKind, IdempotencyKey, Received};
use crate::json::Json;
use crate::openapi::{Conflict, NotFound};
use crate::permits::{Permits, Work};
use crate::state::ApiState;

/// Send one file
///
/// By itself, or into a batch. Only `file` is required, and `projectId` with an organization's key. Other fields must
/// be well-formed, but the bytes decide what the file is.
#[utoipa::path(post, path = "/upload", tag = "Uploads", operation_id = "uploadFile",
    params(IdempotencyHeader),
    request_body(content = SingleForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The upload, queued", body = UploadView),
        (status = 404, response = NotFound),
        (status = 409, response = Conflict)
    ))]
pub(crate) async fn create(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    caller: Caller<WriteUploads>,
    request: Request,
) -> Result<(StatusCode, Json<UploadView>), ApiError> {
    let key = IdempotencyKey::of(request.headers())?;
    let mut body = form::open(request, state.settings.max_upload_bytes)?;
    let _place = places.take(Work::Upload, caller.token()).await?;
    let received = Form::receive_once(&state, &caller, FormKind::Single, key, &mut body).await?;
    let accepted = match received {
        Received::New(form) => accept(*form, &state, &caller).await?,
        Received::Earlier(answer) => answer,
    };
    let record = match accepted {
        Accepted::New(record) => record,
        // The link is a new one; the rest is the first answer.
        other => serde_json::from_value(other.into_json()?).map_err(|error| ApiError::Internal(error.into()))?,
    };
    Ok((StatusCode::CREATED, Json(UploadView::of(&state, record))))
}

async fn accept(form: Form, state: &ApiState, caller: &Caller<WriteUploads>) -> Result<Accepted<Record>, ApiError> {
    if let Some(batch) = form.fields.batch
        && let Err(error) = check_batch(state, caller, batch, form.project).await
    {
        form.abandon().await;
        return Err(error);
    }
    let Form { receiving, files, fields, project, template, idempotency } = form;
    let token = caller.token();
    let (file, options) = files.into_iter().next().ok_or_else(|| ApiError::invalid("file is missing"))?;
    let upload = NewUpload {
        organization: token.organization_id,
        project,
        user: token.user_id,
        batch: fields.batch,
        template: template.as_ref().map(TemplateUse::from),
        upload_type: fields.upload_type,
        metadata: fields.metadata,
        file,
        options,
    };
    // Runs in a task of its own, so that a client that hangs up now cannot interrupt the decision.
    let storage = caller.storage(state);
    let accepting = tokio::spawn(async move { storage.records().accept_upload(receiving, upload, idempotency).await });
    Ok(accepting.await.map_err(|error| ApiError::Internal(error.into()))??)
}

/// Checks that the file may be added to that batch.
async fn check_batch(
    state: &ApiState,
    caller: &Caller<WriteUploads>,
    id: BatchId,
    project: ProjectId,
) -> Result<(), ApiError> {
    let batch = state.storage.batches().get(id).await?.ok_or_else(|| ApiError::no_batch(&id.to_string()))?;
    if !caller.token().reaches(batch.organization_id, batch.project_id) || batch.project_id != project {
        return Err(ApiError::Unauthorized("batchId does not belong to the project that the file is sent to"));
    }
    Ok(())
}
