//! The OpenAPI 3.1 document, generated from the handlers.
//!
//! To add a handler:
//! 1. Give it `#[utoipa::path(get, path = "/batch/{batchId}", tag = "Batches", operation_id = "getBatch", params(…),
//!    responses((status = 200, description = "…", body = BatchDetails)))]`, with the path relative to [`API`]. The
//!    first line of its doc comment is the summary, the rest the description.
//! 2. Name it in `router.rs` with `.routes(routes!(handler))`, all methods of one path in one `routes!`. This is the
//!    only way to add a route to the API: clippy refuses `OpenApiRouter::route`.
//! 3. Bodies derive `ToSchema` (in `recto-domain`: `#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]`); query
//!    structs derive `IntoParams` with `#[into_params(parameter_in = Query)]`. A member that is an `Option<String>`
//!    only so that all problems can be reported together declares its real type: `#[param(value_type = Option<u64>,
//!    minimum = 1)]`. JSON without a fixed form is `#[schema(value_type = Option<BTreeMap<String, Value>>)]`.
//! 4. Describe only what is special about the responses. [`complete`] adds the rest: 401 and 403 if a key is needed,
//!    400 with parameters or a body, 404 with an id in the path, 408, 413 and 415 with a body, 429, 500 and 503 always,
//!    507 for writes, and the headers that every response has. A conflict is `(status = 409, response = Conflict)`; a
//!    route that needs no key has `security(())`.
//! 5. Accept the new line in the snapshot of `tests/api/openapi.rs`, add an object's id to `tests/api/tenancy.rs`, and
//!    an example to [`examples`] if the published page has one.

mod complete;
mod examples;
mod exported_file;
mod refusals;
mod tidy;
mod whole;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

pub(crate) use exported_file::{ExportedFile, FormatName, StoredFile};
pub(crate) use refusals::{BadRequest, Conflict, Forbidden, NotFound, Unauthorized};
pub(crate) use whole::whole;

use crate::router::described;

/// The parts of the document besides the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Recto",
        description = "Self-hosted batch OCR. Send up to 50 files in one request, follow their progress, and export \
                       text with word positions, searchable PDFs and rows of named fields.\n\nSend an API key in \
                       `X-API-Key` or `Authorization: Bearer`, and an access token from a sign-in in the latter. With \
                       an organization key, requests must name a `projectId` wherever a project is needed; a project \
                       key implies it. Every error has the form of the schema `Error`. Ids sort by creation time.",
        license(name = "MIT", identifier = "MIT")
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "Sign-in", description = "Exchange of an API key for an access token."),
        (name = "Batches", description = "Files sent together: upload, progress, export."),
        (name = "Projects", description = "Parts of an organization with their own batches and keys."),
        (name = "Tokens", description = "The tokens behind API keys."),
        (name = "Audit log", description = "Who did what, when and from where."),
        (name = "Uploads", description = "Single files, on their own or added to a batch."),
        (name = "Processing history", description = "Records of what was read, one per file."),
        (name = "Webhooks", description = "Endpoints that are notified of events, and the log of deliveries."),
        (name = "Templates", description = "Versioned descriptions of the fields to extract from documents."),
        (name = "Schemas", description = "Machine-readable schemas of the JSON and XML exports."),
        (name = "Health", description = "Whether the server is alive and ready to work."),
    ),
    security(("ApiKey" = []), ("Bearer" = [])),
    modifiers(&Keys)
)]
struct Frame;

/// The ways to send a key.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let header = ApiKeyValue::with_description("X-API-Key", "An API key, `ocr_…`.");
        components.add_security_scheme("ApiKey", SecurityScheme::ApiKey(ApiKey::Header(header)));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key, or the `accessToken` from a sign-in."))
            .build();
        components.add_security_scheme("Bearer", SecurityScheme::Http(bearer));
    }
}

/// The document of all API routes as JSON, the same for every installation.
///
/// # Panics
/// Never: the document can always be serialised.
#[must_use]
pub fn openapi_json() -> String {
    let mut document = serde_json::to_value(document()).expect("the document makes JSON");
    tidy::tidy(&mut document);
    format!("{document:#}")
}

fn document() -> utoipa::openapi::OpenApi {
    let mut document = Frame::openapi();
    document.merge(described().into_openapi());
    complete::complete(&mut document);
    document
}
