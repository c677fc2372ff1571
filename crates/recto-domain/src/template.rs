//! Templates: what to extract from documents, in versions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{OrganizationId, ProjectId, TemplateFileId, TemplateId};
use crate::spelling::spelled;
use crate::time::Timestamp;

/// How a template reads documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ExtractionMode {
    /// It extracts the fields of its schema.
    #[default]
    Structured,
    /// It reads the text alone; the schema may be empty.
    FreeText,
}

spelled!(ExtractionMode, "extractionMode", InvalidExtractionMode, [Structured = "structured", FreeText = "free_text",]);

/// The content of a template; every change of it makes a new version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateContent {
    /// At most 200 characters.
    pub name: String,
    /// A description for people; at most 2000 characters.
    pub description: String,
    /// Further instructions for the extractor; may be empty.
    pub instructions: String,
    /// The schema as it was sent: a map of fields, or a JSON Schema of an object.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Value>))]
    pub template_schema: Value,
    /// The export format when a request names none.
    pub result_format: String,
    /// How documents are read.
    pub extraction_mode: ExtractionMode,
}

/// A template in its newest version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    /// The template.
    pub template_id: TemplateId,
    /// The same as `templateId`, under the name that other objects have.
    pub id: TemplateId,
    /// Its content.
    #[serde(flatten)]
    pub content: TemplateContent,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The organization of the project.
    pub organization_id: OrganizationId,
    /// Whether it may be applied to new documents.
    pub is_active: bool,
    /// The version, from 1; it grows with every change of the content.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Template {
    /// The longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 200;
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 2000;
    /// The longest instructions, in characters.
    pub const MAX_INSTRUCTIONS_CHARS: usize = 20_000;
}

/// An earlier or current version of a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateVersion {
    /// The template.
    pub template_id: TemplateId,
    /// The version, from 1.
    pub version: u32,
    /// Its content in this version.
    #[serde(flatten)]
    pub content: TemplateContent,
    /// When this version was made.
    pub created_at: Timestamp,
}

/// An example document of a template, with its correct values.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateFile {
    /// The example.
    pub id: TemplateFileId,
    /// The template.
    pub template_id: TemplateId,
    /// The name that the sender gave.
    pub file_name: String,
    /// Size in bytes.
    pub file_size: u64,
    /// The media type detected from the bytes, or `application/octet-stream`.
    pub mime_type: String,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// The correct values by field name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub fields: Option<Value>,
    /// When it was added.
    pub created_at: Timestamp,
}
