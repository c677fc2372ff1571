//! The OpenAPI 3.1 document, made from the handlers themselves.
//!
//! How a new handler joins:
//! 1. Put `#[utoipa::path(get, path = "/batch/{batchId}", tag = "Batches", operation_id = "getBatch", params(…),
//!    responses((status = 200, description = "…", body = BatchDetails)))]` on it, with the path as it stands below
//!    [`API`]. The first line of its doc comment is the summary, the rest the description.
//! 2. Name it in `router.rs` with `.routes(routes!(handler))`, all methods of one path in one `routes!`. Nothing else
//!    makes a route of the API: clippy refuses `OpenApiRouter::route`.
//! 3. Bodies derive `ToSchema` (in `recto-domain`: `#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]`), query
//!    structs derive `IntoParams` with `#[into_params(parameter_in = Query)]`; a member that is an `Option<String>` only
//!    so that refusals come all at once says what it means: `#[param(value_type = Option<u64>, minimum = 1)]`. JSON
//!    without a fixed form is `#[schema(value_type = Option<BTreeMap<String, Value>>)]`.
//! 4. Say only what is special about the answers. [`complete`] adds the rest: 401 and 403 to what needs a key, 400 to
//!    what has parameters or a body, 404 to what has an id in its path, 413 and 415 to what has a body, 408 to a form,
//!    429, 500 and 503 to all, 507 to what writes, and the headers that every answer has. A conflict is `(status = 409, response = Conflict)`,
//!    a route that needs no key has `security(())`.
//! 5. Accept the new line in the snapshot of `tests/api/openapi.rs`, put an object's id in `tests/api/tenancy.rs`, and an
//!    example into [`examples`] if the published page has one.

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

/// What stands around the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Recto",
        description = "Self-hosted batch OCR. Send up to 50 files in one request, follow their progress, and export \
                       text with word positions, searchable PDFs and rows of named fields.\n\n\
                       A key goes in `X-API-Key` or in `Authorization: Bearer`; an access token of a sign-in in the \
                       latter. An organization's key names `projectId` wherever a project is needed, a project's key \
                       implies it. Every error has the one form of the schema `Error`. Ids sort by the time they \
                       were made.",
        license(name = "MIT", identifier = "MIT")
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "Sign-in", description = "A key for an access token."),
        (name = "Batches", description = "Files sent together: upload, progress, export."),
        (name = "Projects", description = "Parts of an organization, with batches and keys of their own."),
        (name = "Tokens", description = "What stands behind API keys."),
        (name = "Audit log", description = "Who did what, when, from where."),
        (name = "Uploads", description = "Single files, by themselves or into a batch."),
        (name = "Processing history", description = "Records of what was read: one a file."),
        (name = "Webhooks", description = "Endpoints that are told what happens, and the log of telling them."),
        (name = "Templates", description = "What is to be extracted from documents; kept in versions."),
        (name = "Schemas", description = "What the JSON and XML exports look like, for machines."),
        (name = "Health", description = "Whether the server lives and can work."),
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
            .description(Some("An API key, or the `accessToken` of a sign-in."))
            .build();
        components.add_security_scheme("Bearer", SecurityScheme::Http(bearer));
    }
}

/// The document of every route of the API as JSON, the same for every installation.
///
/// # Panics
/// Never: the document makes JSON.
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
