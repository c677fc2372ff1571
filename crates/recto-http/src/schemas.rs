//! The schemas of the JSON and XML exports, available without a key.

use axum::http::header;
use axum::response::IntoResponse;

const FOR_AN_HOUR: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

/// The JSON Schema of JSON exports
#[utoipa::path(get, path = "/schemas/export.schema.json", tag = "Schemas", operation_id = "getExportJsonSchema",
    security(()),
    responses((status = 200, description = "A JSON Schema", body = Object,
        content_type = "application/schema+json")))]
pub(crate) async fn json_schema() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/schema+json"), FOR_AN_HOUR], recto_export::JSON_SCHEMA)
}

/// The XML Schema of XML exports
#[utoipa::path(get, path = "/schemas/export.xsd", tag = "Schemas", operation_id = "getExportXmlSchema", security(()),
    responses((status = 200, description = "An XML Schema", body = String, content_type = "application/xml")))]
pub(crate) async fn xsd() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/xml"), FOR_AN_HOUR], recto_export::XML_SCHEMA)
}
