//! Uploads, and the records of their processing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{BatchId, OrganizationId, ProjectId, RecordId, TemplateId, UploadId, UserId};
use crate::languages::LanguageChoice;
use crate::page_range::PageRange;
use crate::passwords::Passwords;
use crate::spelling::spelled;
use crate::template::ExtractionMode;
use crate::text_layer_use::TextLayerUse;
use crate::time::Timestamp;

/// The state of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RecordStatus {
    /// Accepted, but not queued yet.
    Pending,
    /// In the queue.
    Queued,
    /// A worker is opening it or reading its pages, or its fields are being extracted.
    InProgress,
    /// At least one page was read, or the file has no text at all.
    Completed,
    /// No page could be read, or it was cancelled.
    Failed,
}

spelled!(
    RecordStatus,
    "status",
    InvalidRecordStatus,
    [Pending = "pending", Queued = "queued", InProgress = "in_progress", Completed = "completed", Failed = "failed",]
);

impl RecordStatus {
    /// Whether nothing more will happen to the record by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }

    /// The final status of a record with `pages` pages, `failed` of which could not be read: it fails only when all
    /// did.
    #[must_use]
    pub fn after_last_page(pages: u32, failed: u32) -> Self {
        if pages == failed { Self::Failed } else { Self::Completed }
    }
}

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The upload.
    pub id: UploadId,
    /// The name that the sender gave: any characters, never used as a path.
    pub file_name: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// The media type detected from the bytes, or `application/octet-stream`.
    pub mime_type: String,
    /// The key of the bytes in the blob store.
    pub blob_key: String,
}

/// The processing of one upload, as the history shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record {
    /// The record.
    pub id: RecordId,
    /// The file.
    pub upload_id: UploadId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The organization of the project.
    pub organization_id: OrganizationId,
    /// The user on whose behalf it was sent.
    pub user_id: UserId,
    /// The batch it came in; null for a file that was sent by itself.
    pub batch_id: Option<BatchId>,
    /// The name that the sender gave.
    pub file_name: String,
    /// A path by which people and programs can sort; no such path exists on any disk.
    pub file_path: String,
    /// Size in bytes, as decimal digits.
    pub file_size: String,
    /// The media type detected from the bytes.
    pub mime_type: String,
    /// The purpose that the sender gave; may be empty.
    pub upload_type: String,
    /// Its current status.
    pub status: RecordStatus,
    /// The template applied to it.
    pub template_id: Option<TemplateId>,
    /// The template's name when the file was sent.
    pub template_name: Option<String>,
    /// The version of the template that is applied to it.
    pub template_version: Option<u32>,
    /// The template's export format; `json` without a template.
    pub result_format: String,
    /// How it is read: `free_text` without a template.
    pub extraction_mode: ExtractionMode,
    /// The engine that read it, or the one that was requested; `text-layer` when no engine was needed.
    pub engine: Option<String>,
    /// The languages of its pages, or those that were requested.
    pub languages: Option<String>,
    /// The record whose pages were reused, because it is of the same file read in the same way; null when this record
    /// was read itself. The other record may have been deleted since.
    pub reused_from: Option<RecordId>,
    /// Pages to read; null until the file has been opened.
    pub page_count: Option<u32>,
    /// Pages that were read, including those without text.
    pub pages_done: u32,
    /// Pages that could not be read.
    pub pages_failed: u32,
    /// Mean confidence over the words; null without words.
    pub confidence: Option<f64>,
    /// The values of the template's fields, including corrections; null without a template.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub fields: Option<Map<String, Value>>,
    /// The origins of the values, by field; null without a template.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub field_details: Option<Map<String, Value>>,
    /// Whether a person should look at the fields.
    pub needs_review: bool,
    /// Why it failed, worded for a person.
    pub error: Option<String>,
    /// Remarks on a record that completed.
    pub warnings: Vec<String>,
    /// Attempts at its pages that ended because the worker died.
    pub attempts: u32,
    /// What the sender attached: a JSON object.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub metadata: Option<Value>,
    /// When a worker first took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// From `startedAt` to `completedAt`, in milliseconds.
    pub processing_time_ms: Option<u64>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How a file is to be read. The server's settings apply where a value is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadOptions {
    /// Languages of the text.
    pub languages: Option<LanguageChoice>,
    /// The engine's name.
    pub engine: Option<String>,
    /// The pages to read; `None` for all.
    pub pages: Option<PageRange>,
    /// Whether an earlier reading of the same file may be reused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse: Option<bool>,
    /// How the text that the file carries is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_layer: Option<TextLayerUse>,
    /// Passwords to try on a protected file. They are never stored with the other options: they are encrypted
    /// separately and deleted after use.
    #[serde(skip)]
    pub passwords: Passwords,
}

impl ReadOptions {
    /// These options, with `fallback` filling in the values that are `None`.
    #[must_use]
    pub fn or(self, fallback: &Self) -> Self {
        Self {
            languages: self.languages.or_else(|| fallback.languages.clone()),
            engine: self.engine.or_else(|| fallback.engine.clone()),
            pages: self.pages.or_else(|| fallback.pages.clone()),
            reuse: self.reuse.or(fallback.reuse),
            text_layer: self.text_layer.or(fallback.text_layer),
            passwords: self.passwords.and(&fallback.passwords),
        }
    }
}
