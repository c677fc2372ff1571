//! Signed links to files, valid without a key for an hour.
//!
//! A link begins with the public address of the settings, or is a path without one. The host named by a request is
//! never used, because it may be anybody's, and the signature would be sent there.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use recto_domain::{Timestamp, UploadId};
use serde::Deserialize;
use sha2::Sha256;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::file_answer::attachment;
use crate::openapi::{Forbidden, StoredFile};
use crate::path::Path;
use crate::permits::{Holder, Permits, Work};
use crate::query::Query;
use crate::router::API;
use crate::state::ApiState;

/// How long a link is valid.
const LIFETIME: Duration = Duration::from_hours(1);

/// Within this many seconds, links to the picture of a page stay the same, and they are valid for up to that much
/// longer. A browser that returns to a page therefore finds the picture in its cache.
const STEADY_SECONDS: i64 = 15 * 60;

/// A link to an upload's file.
pub(crate) fn link(state: &ApiState, upload: UploadId) -> String {
    let expires = Timestamp::now().plus(LIFETIME).as_millis() / 1000;
    let signature = hex::encode(mac(&state.secret, upload, None, expires).finalize().into_bytes());
    format!(
        "{}{API}/files/{upload}?expires={expires}&signature={signature}",
        state.settings.public_address().unwrap_or_default()
    )
}

/// A link to the picture of an upload's page; pages count from 1.
pub(crate) fn page_link(state: &ApiState, upload: UploadId, page: u32) -> String {
    format!("{}{}", state.settings.public_address().unwrap_or_default(), page_path(state, upload, page))
}

/// The same link as a path on this server.
pub(crate) fn page_path(state: &ApiState, upload: UploadId, page: u32) -> String {
    let expires = steady(Timestamp::now().plus(LIFETIME).as_millis() / 1000);
    let signature = hex::encode(mac(&state.secret, upload, Some(page), expires).finalize().into_bytes());
    format!("{API}/files/{upload}/pages/{page}?expires={expires}&signature={signature}")
}

/// The end of the period that contains the second.
fn steady(second: i64) -> i64 {
    (second / STEADY_SECONDS + 1) * STEADY_SECONDS
}

/// The keyed MAC of a link. The installation's secret also keys the hashes of API keys; the label separates the two
/// uses.
fn mac(secret: &[u8], upload: UploadId, page: Option<u32>, expires: i64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    let page = page.map(|page| format!(" page {page}")).unwrap_or_default();
    mac.update(format!("recto file link {upload}{page} {expires}").as_bytes());
    mac
}

/// The query parameters of a link.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Signed {
    /// The time until which the link is valid, in Unix seconds.
    #[param(required, value_type = i64)]
    expires: Option<String>,
    /// The signature in hexadecimal.
    #[param(required, pattern = "^[0-9a-f]{64}$")]
    signature: Option<String>,
}

impl Signed {
    /// Checks that the link is complete, leads to that file (or that page of it), and is still valid.
    pub(crate) fn check(&self, secret: &[u8], upload: UploadId, page: Option<u32>) -> Result<(), ApiError> {
        let invalid = ApiError::Forbidden("this link is not valid; request a new one".to_owned());
        let expires: Option<i64> = self.expires.as_deref().and_then(|text| text.parse().ok());
        let signature = self.signature.as_deref().and_then(|text| hex::decode(text).ok());
        let (Some(expires), Some(signature)) = (expires, signature) else { return Err(invalid) };
        mac(secret, upload, page, expires).verify_slice(&signature).map_err(|_| invalid)?;
        if Timestamp::now().as_millis() / 1000 >= expires {
            return Err(ApiError::Forbidden("this link has expired; request a new one".to_owned()));
        }
        Ok(())
    }
}

/// Download a file by its link
///
/// Links are in the `fileUrl` of uploads and records. They need no key and are valid for an hour.
#[utoipa::path(get, path = "/files/{uploadId}", tag = "Uploads", operation_id = "getFile", security(()),
    params(("uploadId" = UploadId, Path, description = "The id of the upload."), Signed),
    responses(
        (status = 200, response = inline(StoredFile)),
        (status = 403, response = Forbidden)
    ))]
pub(crate) async fn file(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    Path(named): Path<String>,
    Query(signed): Query<Signed>,
) -> Result<Response, ApiError> {
    let missing = || ApiError::no_such("file", &named);
    let id: UploadId = named.parse().map_err(|_| missing())?;
    signed.check(&state.secret, id, None)?;
    let record = state.storage.records().of_upload(id).await?.ok_or_else(missing)?;
    let place = places.take(Work::Download, Holder::of_link(record.organization_id)).await?;
    let (upload, file) = state.storage.records().upload_with_file(id).await?.ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, upload.mime_type),
        (header::CONTENT_LENGTH, upload.size_bytes.to_string()),
        (header::CONTENT_DISPOSITION, attachment(&upload.file_name)),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok(place.until_sent((headers, body).into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(upload: UploadId, expires: i64) -> Signed {
        let signature = hex::encode(mac(b"secret", upload, None, expires).finalize().into_bytes());
        Signed { expires: Some(expires.to_string()), signature: Some(signature) }
    }

    #[test]
    fn links_to_a_picture_are_the_same_for_a_while_and_never_shorter_than_others() {
        assert_eq!((steady(0), steady(899), steady(900)), (900, 900, 1800));
    }

    #[test]
    fn a_link_works_for_its_file_and_its_time_only() {
        let upload = UploadId::generate();
        let soon = Timestamp::now().plus(LIFETIME).as_millis() / 1000;
        assert!(signed(upload, soon).check(b"secret", upload, None).is_ok());
        assert!(signed(upload, soon).check(b"other", upload, None).is_err());
        assert!(signed(upload, soon).check(b"secret", UploadId::generate(), None).is_err());
        assert!(signed(upload, soon).check(b"secret", upload, Some(1)).is_err());
        assert!(signed(upload, 1).check(b"secret", upload, None).is_err());
        let later = Signed { expires: Some((soon + 1).to_string()), ..signed(upload, soon) };
        assert!(later.check(b"secret", upload, None).is_err());
        assert!(Signed { expires: None, signature: None }.check(b"secret", upload, None).is_err());
    }
}
