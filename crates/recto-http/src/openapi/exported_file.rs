//! An export as the document describes it: made from the list of formats, so that a new one is in it.

use recto_export::Format;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToResponse};

use super::complete::header;

/// The answer to an export.
pub(crate) struct ExportedFile;

impl ToResponse<'static> for ExportedFile {
    fn response() -> (&'static str, RefOr<Response>) {
        let name = header(String::schema(), "The file's name, such as `attachment; filename=\"batch-…-export.csv\"`.");
        let mut response =
            ResponseBuilder::new().description("A file of that format").header("Content-Disposition", name);
        for format in Format::ALL {
            let content = ContentBuilder::new().schema(Some(schema(format)));
            response = response.content(format.content_type(), content.build());
        }
        ("ExportedFile", response.into())
    }
}

fn schema(format: Format) -> Schema {
    let schema = match format {
        Format::Json => ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some("As `/v1/openapi/schemas/export.schema.json` says.")),
        Format::Csv | Format::Text | Format::Xml => ObjectBuilder::new().schema_type(SchemaType::new(Type::String)),
        Format::Pdf | Format::Docx => ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))),
    };
    schema.into()
}

/// The values of `format`.
pub(crate) fn format_names() -> Schema {
    let names = Format::ALL.map(Format::name);
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(names)).into()
}
