//! Pictures of pages, drawn by a worker on request.

use std::fs::File;

use async_trait::async_trait;
use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use recto_domain::{OrganizationId, Rotation, UploadId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::file_link::Signed;
use crate::openapi::Forbidden;
use crate::path::Path;
use crate::permits::{Holder, Permits, Work};
use crate::query::Query;
use crate::state::ApiState;

/// Draws pages. This crate uses no engine and no worker itself; the program that assembles the server supplies the
/// drawing.
#[async_trait]
pub trait PagePictures: Send + Sync {
    /// The page of a file as a PNG, upright after it was turned clockwise by `rotation`. `owner` is the organization
    /// that the file belongs to. `blob_key` names the file: the same key always means the same bytes.
    async fn picture(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: File,
        number: u32,
        rotation: Rotation,
    ) -> Result<Vec<u8>, PictureFailure>;

    /// The page of a PDF in colour as a PNG or a JPEG, as an export shows it; otherwise like [`PagePictures::picture`].
    async fn drawing(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: File,
        number: u32,
        rotation: Rotation,
    ) -> Result<Vec<u8>, PictureFailure>;
}

/// Why a page has no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureFailure {
    /// The page or the file cannot be drawn; worded for a person.
    #[error("{0}")]
    Unreadable(String),
    /// The worker died or took too long.
    #[error("the page could not be drawn: {0}")]
    Worker(String),
}

impl From<PictureFailure> for ApiError {
    fn from(failure: PictureFailure) -> Self {
        match failure {
            PictureFailure::Unreadable(why) => Self::NotFound(format!("there is no picture of this page: {why}")),
            PictureFailure::Worker(_) => Self::Internal(Box::new(failure)),
        }
    }
}

/// The path parameters that name a page.
#[derive(Deserialize)]
pub(crate) struct Named {
    #[serde(rename = "uploadId")]
    upload_id: String,
    number: String,
}

/// A PNG.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, content_encoding = "binary")]
#[expect(dead_code, reason = "it only describes the answer")]
pub(crate) struct Png(Vec<u8>);

/// Get the picture of a page by its link
///
/// Links are in the `imageUrl` of a record's pages. They need no key and are valid for an hour. The picture is grey and
/// upright, in the orientation of the bounding boxes of the page's words.
#[utoipa::path(get, path = "/files/{uploadId}/pages/{number}", tag = "Uploads", operation_id = "getPagePicture",
    security(()),
    params(
        ("uploadId" = UploadId, Path, description = "The id of the upload."),
        ("number" = u32, Path, description = "The number of the page, from 1.", minimum = 1),
        Signed
    ),
    responses(
        (status = 200, description = "The page as a PNG", content_type = "image/png", body = Png),
        (status = 403, response = Forbidden)
    ))]
pub(crate) async fn picture(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    Path(named): Path<Named>,
    Query(signed): Query<Signed>,
) -> Result<Response, ApiError> {
    let missing = || ApiError::no_such("page", &format!("{} of the file {}", named.number, named.upload_id));
    let id: UploadId = named.upload_id.parse().map_err(|_| missing())?;
    let number: u32 = named.number.parse().map_err(|_| missing())?;
    signed.check(&state.secret, id, Some(number))?;
    let (owner, rotation) = state.storage.records().page_rotation(id, number).await?.ok_or_else(missing)?;
    let place = places.take(Work::Download, Holder::of_link(owner)).await?;
    let (blob_key, file) = state.storage.records().readable_upload(id).await?.ok_or_else(missing)?;
    let png = state.pictures.picture(owner, &blob_key, file, number, rotation).await?;
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok(place.until_sent((headers, png).into_response()))
}
