//! `/docs`: the OpenAPI document for people; `/v1/openapi.json`: the same for programs.
//!
//! Swagger UI is part of the binary. Recto supplies the page and the script that starts it, so no inline script runs
//! and nothing is loaded from other hosts.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use utoipa_swagger_ui::Config;

use crate::error::{ApiError, excerpt};
use crate::openapi::openapi_json;
use crate::state::ApiState;

const PAGE: &str = include_str!("../assets/docs.html");
const SCRIPT: &str = include_str!("../assets/docs.js");
const STYLE: &str = include_str!("../assets/docs.css");

const FOR_AN_HOUR: (HeaderName, &str) = (CACHE_CONTROL, "public, max-age=3600");

/// Beyond the policy of all pages, this one allows its own scripts, calls of the API, the styles that Swagger UI writes
/// into elements, and the pictures in its style sheet.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| openapi_json().into_bytes().into());

/// The pages and the files that they load.
pub(crate) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/v1/openapi.json", get(document))
        .route("/docs", get(page))
        .route("/docs/", get(page))
        .route("/docs/{file}", get(file))
}

/// `GET /v1/openapi.json`
async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], DOCUMENT.clone())
}

/// `GET /docs`
async fn page() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE))
}

/// `GET /docs/:file`: Recto's own files, and the two files of Swagger UI that the page needs.
async fn file(Path(name): Path<String>) -> Result<Response, ApiError> {
    let (kind, bytes) = match name.as_str() {
        "docs.js" => ("text/javascript; charset=utf-8", Bytes::from_static(SCRIPT.as_bytes())),
        "docs.css" => ("text/css; charset=utf-8", Bytes::from_static(STYLE.as_bytes())),
        "swagger-ui-bundle.js" => ("text/javascript; charset=utf-8", vendored(&name)?),
        "swagger-ui.css" => ("text/css; charset=utf-8", vendored(&name)?),
        _ => return Err(ApiError::NotFound(format!("there is nothing at /docs/{}", excerpt(&name)))),
    };
    Ok(([(CONTENT_TYPE, kind), FOR_AN_HOUR], bytes).into_response())
}

/// A file of Swagger UI. It has a megabyte, so all requests share the copy in the binary.
fn vendored(name: &str) -> Result<Bytes, ApiError> {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    let file = file.map_err(|error| ApiError::Internal(error.to_string().into()))?;
    let file = file.ok_or_else(|| ApiError::Internal(format!("Swagger UI has no {name}").into()))?;
    Ok(match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_fetch_swagger_ui_share_one_copy() {
        let script = || vendored("swagger-ui-bundle.js").unwrap();
        assert!(script().len() > 1_000_000);
        assert_eq!(script().as_ptr(), script().as_ptr());
    }
}
