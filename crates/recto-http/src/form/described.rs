//! The forms as the OpenAPI document describes them. Reading them is [`Form`](super::Form)'s part.

use recto_domain::{BatchId, ProjectId, TemplateId};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Schema, SchemaFormat};
use utoipa::{IntoParams, ToSchema};

/// The files and what goes with them.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", as = BatchUpload)]
#[expect(dead_code, reason = "a description is never built")]
pub(crate) struct BatchForm {
    #[schema(schema_with = files)]
    files: (),
    /// The target project. An organization's key must name it; a project's key may.
    project_id: Option<ProjectId>,
    /// The template to apply to all files.
    template_id: Option<TemplateId>,
    /// The batch's name; `Batch 2026-03-31` with the day's date without it.
    #[schema(max_length = 200, example = "March 2026 Invoices")]
    name: Option<String>,
    /// A JSON object of at most 16 KiB, as text. It is kept, and returned with the batch.
    #[schema(content_media_type = "application/json", example = r#"{"costCentre": 4711}"#)]
    metadata: Option<String>,
    /// Languages of the text, in order of preference, or `auto` to have them chosen by the page.
    #[schema(example = "eng+deu")]
    languages: Option<String>,
    /// The engine's name, or `auto` to have it chosen by the page.
    #[schema(example = "auto")]
    engine: Option<String>,
    /// The pages wanted; all without it.
    #[schema(example = "1-5,7,21-")]
    pages: Option<String>,
    /// Whether what was read of the same file before, in this project and in the same way, may be taken over; as the
    /// server is set without it.
    #[schema(example = "true", pattern = "^(true|false)$")]
    reuse: Option<String>,
    /// Whether the text that a PDF carries is taken: `auto` when the page shows it, `trust` wherever there is some,
    /// `ignore` never, `redo` but for what other programs recognised; as the server is set without it.
    #[schema(example = "auto", pattern = "^(auto|trust|ignore|redo)$")]
    text_layer: Option<String>,
    /// What a protected PDF is tried with; send the field several times to have several tried. It is kept encrypted until
    /// the file was opened, and shown nowhere.
    #[schema(format = Password, write_only, max_length = 512)]
    password: Option<String>,
}

/// A single file and what goes with it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", as = SingleUpload)]
#[expect(dead_code, reason = "a description is never built")]
pub(crate) struct SingleForm {
    #[schema(schema_with = file)]
    file: (),
    /// The target project. An organization's key must name it; a project's key may.
    project_id: Option<ProjectId>,
    /// The template to apply.
    template_id: Option<TemplateId>,
    /// The batch to put the file into; one that has ended opens again.
    batch_id: Option<BatchId>,
    /// What the file is called, if not as its part says.
    #[schema(max_length = 1000)]
    file_name: Option<String>,
    /// What the sender takes it for; the bytes decide.
    #[schema(pattern = "^(pdf|image|document)$", example = "pdf")]
    file_type: Option<String>,
    /// How large the sender takes it for, in digits; the bytes decide.
    #[schema(pattern = "^[0-9]{1,19}$", example = "48213")]
    file_size: Option<String>,
    /// Of which media type the sender takes it for; the bytes decide.
    #[schema(example = "application/pdf")]
    mime_type: Option<String>,
    /// What it is for, in the sender's words.
    #[schema(max_length = 64)]
    upload_type: Option<String>,
    /// A JSON object of at most 16 KiB, as text. It is kept, and returned with the file.
    #[schema(content_media_type = "application/json")]
    metadata: Option<String>,
    /// The pages wanted, as `1-5,7,21-` or as the JSON object `{"from": 1, "to": 5}`.
    #[schema(example = "1-5,7,21-")]
    page_range: Option<String>,
    /// Languages of the text, in order of preference, or `auto` to have them chosen by the page.
    #[schema(example = "eng+deu")]
    languages: Option<String>,
    /// The engine's name, or `auto` to have it chosen by the page.
    #[schema(example = "auto")]
    engine: Option<String>,
    /// Whether what was read of the same file before, in this project and in the same way, may be taken over; as the
    /// server is set without it.
    #[schema(example = "true", pattern = "^(true|false)$")]
    reuse: Option<String>,
    /// Whether the text that a PDF carries is taken: `auto` when the page shows it, `trust` wherever there is some,
    /// `ignore` never, `redo` but for what other programs recognised; as the server is set without it.
    #[schema(example = "auto", pattern = "^(auto|trust|ignore|redo)$")]
    text_layer: Option<String>,
    /// What a protected PDF is tried with; send the field several times to have several tried. It is kept encrypted until
    /// the file was opened, and shown nowhere.
    #[schema(format = Password, write_only, max_length = 512)]
    password: Option<String>,
}

/// An example document of a template.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", as = ExampleUpload)]
#[expect(dead_code, reason = "a description is never built")]
pub(crate) struct ExampleForm {
    #[schema(schema_with = file)]
    file: (),
    /// What the file is called, if not as its part says.
    #[schema(max_length = 1000)]
    file_name: Option<String>,
    /// The right values by field name: a JSON object, as text.
    #[schema(content_media_type = "application/json")]
    fields: Option<String>,
}

/// Makes an upload that can be sent again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a description is never built")]
pub(crate) struct IdempotencyHeader {
    /// The same key with the same form within 24 hours gives the first answer again and keeps nothing twice; with
    /// another form it is refused (409). It is forgotten when what it made is deleted.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

fn file() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .content_media_type("application/octet-stream")
        .description(Some("The file."))
}

fn files() -> Schema {
    ArrayBuilder::new()
        .items(file())
        .min_items(Some(1))
        .max_items(Some(recto_domain::Batch::MAX_FILES))
        .description(Some("1 to 50 files, each a part of this name."))
        .into()
}
