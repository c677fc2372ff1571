//! Description of an export, generated from the list of formats, so that a new format is included.

use recto_export::Format;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToResponse, ToSchema};

use super::complete::header;

/// The response to an export.
pub(crate) struct ExportedFile;

impl ToResponse<'static> for ExportedFile {
    fn response() -> (&'static str, RefOr<Response>) {
        let name = header(String::schema(), "The file's name, such as `attachment; filename=\"batch-…-export.csv\"`.");
        let mut response =
            ResponseBuilder::new().description("A file in that format").header("Content-Disposition", name);
        for format in Format::ALL {
            let content = ContentBuilder::new().schema(Some(schema(format)));
            response = response.content(essence(format), content.build());
        }
        response = response.content("application/zip", ContentBuilder::new().schema(Some(binary())).build());
        ("ExportedFile", response.into())
    }
}

/// The response to a request for a file as it was sent.
pub(crate) struct StoredFile;

impl ToResponse<'static> for StoredFile {
    fn response() -> (&'static str, RefOr<Response>) {
        let name = header(String::schema(), "The file's name.");
        let response = ResponseBuilder::new()
            .description("The file, under the media type that its bytes show")
            .header("Content-Disposition", name)
            .content("*/*", ContentBuilder::new().schema(Some(binary())).build());
        ("StoredFile", response.into())
    }
}

/// The media type without parameters.
fn essence(format: Format) -> &'static str {
    format.content_type().split(';').next().unwrap_or_default()
}

fn binary() -> Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .into()
}

fn schema(format: Format) -> Schema {
    match format {
        Format::Json => ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some("As `/v1/openapi/schemas/export.schema.json` says."))
            .into(),
        text if text.is_text() => ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).into(),
        _ => binary(),
    }
}

/// The name of a format, as a query parameter.
pub(crate) struct FormatName;

impl PartialSchema for FormatName {
    fn schema() -> RefOr<Schema> {
        let names = Format::ALL.map(Format::name);
        ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(names)).into()
    }
}

impl ToSchema for FormatName {}
