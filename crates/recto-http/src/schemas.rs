//! The schemas of the JSON and XML exports, for anyone.

use axum::http::header;
use axum::response::IntoResponse;

const FOR_AN_HOUR: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

/// `GET /schemas/export.schema.json`
pub(crate) async fn json_schema() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/schema+json"), FOR_AN_HOUR], recto_export::JSON_SCHEMA)
}

/// `GET /schemas/export.xsd`
pub(crate) async fn xsd() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/xml"), FOR_AN_HOUR], recto_export::XML_SCHEMA)
}
