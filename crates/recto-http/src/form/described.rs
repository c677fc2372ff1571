//! The forms as described in the OpenAPI document. [`Form`](super::Form) reads them.

use recto_domain::{BatchId, ProjectId, TemplateId};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Schema, SchemaFormat};
use utoipa::{IntoParams, ToSchema};

/// The files and their options.
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
    /// The batch's name; by default `Batch 2026-03-31`, with the current date.
    #[schema(max_length = 200, example = "March 2026 Invoices")]
    name: Option<String>,
    /// A JSON object of at most 16 KiB, as text. It is stored, and returned with the batch.
    #[schema(content_media_type = "application/json", example = r#"{"costCentre": 4711}"#)]
    metadata: Option<String>,
    /// Languages of the text, in order of preference, or `auto` to choose them for each page.
    #[schema(example = "eng+deu")]
    languages: Option<String>,
    /// The engine's name, or `auto` to choose it for each page.
    #[schema(example = "auto")]
    engine: Option<String>,
    /// The pages to read; all by default.
    #[schema(example = "1-5,7,21-")]
    pages: Option<String>,
    /// Whether an earlier reading of the same file, in this project and in the same way, may be reused; the default is
    /// the server's setting.
    #[schema(example = "true", pattern = "^(true|false)$")]
    reuse: Option<String>,
    /// Which text of a PDF is accepted: `auto` for text that the page shows, `trust` for any text, `ignore` for none,
    /// `redo` for visible text but not for text that another program recognised. The default is the server's setting.
    #[schema(example = "auto", pattern = "^(auto|trust|ignore|redo)$")]
    text_layer: Option<String>,
    /// A password to try on a protected PDF; repeat the field to try several. It is stored encrypted until the file was
    /// opened, and shown nowhere.
    #[schema(format = Password, write_only, max_length = 512)]
    password: Option<String>,
}

/// A single file and its options.
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
    /// The batch to add the file to; a batch that has ended is reopened.
    batch_id: Option<BatchId>,
    /// The file's name, if it differs from that of its part.
    #[schema(max_length = 1000)]
    file_name: Option<String>,
    /// The kind of file that the sender declares; the bytes decide.
    #[schema(pattern = "^(pdf|image|document)$", example = "pdf")]
    file_type: Option<String>,
    /// The size that the sender declares, in digits; the bytes decide.
    #[schema(pattern = "^[0-9]{1,19}$", example = "48213")]
    file_size: Option<String>,
    /// The media type that the sender declares; the bytes decide.
    #[schema(example = "application/pdf")]
    mime_type: Option<String>,
    /// The purpose of the file, in the sender's words.
    #[schema(max_length = 64)]
    upload_type: Option<String>,
    /// A JSON object of at most 16 KiB, as text. It is stored, and returned with the file.
    #[schema(content_media_type = "application/json")]
    metadata: Option<String>,
    /// The pages to read, as `1-5,7,21-` or as the JSON object `{"from": 1, "to": 5}`.
    #[schema(example = "1-5,7,21-")]
    page_range: Option<String>,
    /// Languages of the text, in order of preference, or `auto` to choose them for each page.
    #[schema(example = "eng+deu")]
    languages: Option<String>,
    /// The engine's name, or `auto` to choose it for each page.
    #[schema(example = "auto")]
    engine: Option<String>,
    /// Whether an earlier reading of the same file, in this project and in the same way, may be reused; the default is
    /// the server's setting.
    #[schema(example = "true", pattern = "^(true|false)$")]
    reuse: Option<String>,
    /// Which text of a PDF is accepted: `auto` for text that the page shows, `trust` for any text, `ignore` for none,
    /// `redo` for visible text but not for text that another program recognised. The default is the server's setting.
    #[schema(example = "auto", pattern = "^(auto|trust|ignore|redo)$")]
    text_layer: Option<String>,
    /// A password to try on a protected PDF; repeat the field to try several. It is stored encrypted until the file was
    /// opened, and shown nowhere.
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
    /// The file's name, if it differs from that of its part.
    #[schema(max_length = 1000)]
    file_name: Option<String>,
    /// The correct values by field name: a JSON object, as text.
    #[schema(content_media_type = "application/json")]
    fields: Option<String>,
}

/// Makes it safe to send an upload again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a description is never built")]
pub(crate) struct IdempotencyHeader {
    /// The same key with the same form within 24 hours returns the first answer again and stores nothing twice; with a
    /// different form it is refused (409). The key is forgotten when the object that it made is deleted.
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
