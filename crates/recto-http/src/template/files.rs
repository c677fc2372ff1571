//! Example documents of a template, with their correct values.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use recto_domain::{Template, TemplateFile, TemplateFileId, TemplateId};
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use crate::auth::{ReadTemplates, WriteTemplates};
use crate::error::ApiError;
use crate::file_answer::attachment;
use crate::form::described::ExampleForm;
use crate::form::{self, Form, FormKind};
use crate::in_scope::InScope;
use crate::json::Json;
use crate::openapi::StoredFile;
use crate::path::Path;
use crate::permits::{Permits, Work};
use crate::state::ApiState;

/// The path parameters that name an example.
#[derive(Deserialize)]
pub(crate) struct Named {
    #[serde(rename = "fileId")]
    file_id: String,
}

impl Named {
    fn id(&self) -> Result<TemplateFileId, ApiError> {
        self.file_id.parse().map_err(|_| self.missing())
    }

    fn missing(&self) -> ApiError {
        ApiError::no_such("example", &self.file_id)
    }
}

/// List a template's example documents
#[utoipa::path(get, path = "/templates/{templateId}/data-files", tag = "Templates", operation_id = "listTemplateFiles",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    responses((status = 200, description = "The examples", body = Vec<TemplateFile>)))]
pub(crate) async fn files(
    State(state): State<ApiState>,
    InScope { found: template, .. }: InScope<Template, ReadTemplates>,
) -> Result<Json<Vec<TemplateFile>>, ApiError> {
    Ok(Json(state.storage.templates().files(template.id).await?))
}

/// Add an example document to a template
#[utoipa::path(post, path = "/templates/{templateId}/data-files", tag = "Templates", operation_id = "addTemplateFile",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    request_body(content = ExampleForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The example", body = TemplateFile)))]
pub(crate) async fn add_file(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    InScope { found: template, caller }: InScope<Template, WriteTemplates>,
    request: Request,
) -> Result<(StatusCode, Json<TemplateFile>), ApiError> {
    let mut body = form::open(request, state.settings.max_upload_bytes)?;
    let _place = places.take(Work::Upload, caller.token()).await?;
    let form = Form::receive(&state, &caller, FormKind::Example(template.project_id), &mut body).await?;
    let Form { receiving, files, fields, .. } = form;
    let (file, _) = files.first().ok_or_else(|| ApiError::invalid("file is missing"))?;
    let storage = caller.storage(&state);
    let made = storage.templates().add_file(template.id, receiving, file, fields.values.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Download an example document
#[utoipa::path(get, path = "/templates/{templateId}/data-files/{fileId}", tag = "Templates",
    operation_id = "getTemplateFile",
    params(
        ("templateId" = TemplateId, Path, description = "The id of the template."),
        ("fileId" = TemplateFileId, Path, description = "The id of the example document.")
    ),
    responses((status = 200, response = inline(StoredFile))))]
pub(crate) async fn file(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    InScope { found: template, caller }: InScope<Template, ReadTemplates>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    let place = places.take(Work::Download, caller.token()).await?;
    let found = state.storage.templates().file(template.id, named.id()?).await?;
    let (described, file) = found.ok_or_else(|| named.missing())?;
    let headers = [
        (header::CONTENT_TYPE, described.mime_type),
        (header::CONTENT_LENGTH, described.file_size.to_string()),
        (header::CONTENT_DISPOSITION, attachment(&described.file_name)),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok(place.until_sent((headers, body).into_response()))
}

/// Delete an example document
#[utoipa::path(delete, path = "/templates/{templateId}/data-files/{fileId}", tag = "Templates",
    operation_id = "deleteTemplateFile",
    params(
        ("templateId" = TemplateId, Path, description = "The id of the template."),
        ("fileId" = TemplateFileId, Path, description = "The id of the example document.")
    ),
    responses((status = 204, description = "The example document was deleted")))]
pub(crate) async fn delete_file(
    State(state): State<ApiState>,
    InScope { found: template, caller }: InScope<Template, WriteTemplates>,
    Path(named): Path<Named>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).templates().delete_file(template.id, named.id()?).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(named.missing()) }
}
