//! The upload's form as the `OpenAPI` document describes it. Reading it is [`Form`](super::form::Form)'s part.

use recto_domain::{ProjectId, TemplateId};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, Schema, SchemaFormat};

/// The files and what goes with them.
///
/// Beside the fields below, each file may have a field of its own for how it is read: `files[0].languages`,
/// `files[0].engine` and `files[0].pages` are for the first one. Fields that are not known are ignored.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", as = BatchUpload)]
#[expect(dead_code, reason = "a description is never built")]
pub(super) struct BatchForm {
    /// The files, 1 to 50, each a part of this name.
    #[schema(schema_with = files)]
    files: (),
    /// The target project. An organization's key must name it; a project's key may.
    project_id: Option<ProjectId>,
    /// The template to apply to all files.
    template_id: Option<TemplateId>,
    /// The batch's name; `Batch 2026-03-31` with the day's date without it.
    #[schema(value_type = Option<String>, max_length = 200, example = "March 2026 Invoices", nullable = false)]
    name: Option<String>,
    /// A JSON object of at most 16 KiB, as text. It is kept, and returned with the batch.
    #[schema(value_type = Option<String>, content_media_type = "application/json", example = r#"{"costCentre": 4711}"#)]
    metadata: Option<String>,
    /// Languages of the text, in order of preference.
    #[schema(value_type = Option<String>, example = "eng+deu")]
    languages: Option<String>,
    /// The engine's name.
    #[schema(value_type = Option<String>, example = "tesseract")]
    engine: Option<String>,
    /// The pages wanted; all without it.
    #[schema(value_type = Option<String>, example = "1-5,7,21-")]
    pages: Option<String>,
}

fn files() -> Schema {
    let file = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .content_media_type("application/octet-stream");
    ArrayBuilder::new()
        .items(file)
        .min_items(Some(1))
        .max_items(Some(recto_domain::Batch::MAX_FILES))
        .description(Some("The files, 1 to 50, each a part of this name."))
        .into()
}
