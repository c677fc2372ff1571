//! Templates: what is to be extracted from documents, kept in versions.

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
    /// The fields of its schema.
    #[default]
    Structured,
    /// The text alone; the schema may be empty.
    FreeText,
}

spelled!(ExtractionMode, "extractionMode", InvalidExtractionMode, [Structured = "structured", FreeText = "free_text",]);

/// What a template says; every change of it is a new version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateContent {
    /// At most 200 characters.
    pub name: String,
    /// For people; at most 2000 characters.
    pub description: String,
    /// What else whoever extracts should know; may be empty.
    pub instructions: String,
    /// As it was sent: a map of fields, or a JSON Schema of an object.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Value>))]
    pub template_schema: Value,
    /// The format of exports when a request names none.
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
    /// What it says.
    #[serde(flatten)]
    pub content: TemplateContent,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The organization of the project.
    pub organization_id: OrganizationId,
    /// Whether new documents may be read with it.
    pub is_active: bool,
    /// From 1; grows with every change of what it says.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Template {
    /// The longest name in characters.
    pub const MAX_NAME_CHARS: usize = 200;
    /// The longest description in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 2000;
    /// The longest instructions in characters.
    pub const MAX_INSTRUCTIONS_CHARS: usize = 20_000;
}

/// What a template said at a time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateVersion {
    /// The template.
    pub template_id: TemplateId,
    /// From 1.
    pub version: u32,
    /// What it said.
    #[serde(flatten)]
    pub content: TemplateContent,
    /// Since when.
    pub created_at: Timestamp,
}

/// An example document of a template, with the values that are right for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateFile {
    /// The example.
    pub id: TemplateFileId,
    /// The template.
    pub template_id: TemplateId,
    /// As the sender named it.
    pub file_name: String,
    /// Size in bytes.
    pub file_size: u64,
    /// The media type that the bytes show, or `application/octet-stream`.
    pub mime_type: String,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// The right values by field name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub fields: Option<Value>,
    /// When it was added.
    pub created_at: Timestamp,
}
