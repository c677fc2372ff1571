//! The schemas that the JSON and the XML export follow.

/// The JSON Schema (draft 2020-12) that every JSON export is valid against.
pub const JSON_SCHEMA: &str = include_str!("../schemas/export.schema.json");

/// The XML Schema (XSD 1.0) that every XML export is valid against.
pub const XML_SCHEMA: &str = include_str!("../schemas/export.xsd");
