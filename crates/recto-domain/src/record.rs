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
    /// Accepted, not in the queue yet.
    Pending,
    /// In the queue.
    Queued,
    /// A worker opened it or reads its pages, or its fields are looked for.
    InProgress,
    /// At least one page was read, or it has no text at all.
    Completed,
    /// Nothing could be read, or it was cancelled.
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

    /// How a record of `pages` pages ends when that many could not be read: it fails only when none could.
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
    /// As the sender named it: any characters, never used as a path.
    pub file_name: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// The media type that the bytes show, or `application/octet-stream`.
    pub mime_type: String,
    /// Where the blob store keeps the bytes.
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
    /// On whose behalf it was sent.
    pub user_id: UserId,
    /// The batch it came in; null for a file that was sent by itself.
    pub batch_id: Option<BatchId>,
    /// As the sender named it.
    pub file_name: String,
    /// A path for people and programs that sort by it; not one on any disk.
    pub file_path: String,
    /// Size in bytes, in digits.
    pub file_size: String,
    /// The media type that the bytes show.
    pub mime_type: String,
    /// What the sender said it is for; may be empty.
    pub upload_type: String,
    /// Where it stands.
    pub status: RecordStatus,
    /// The template applied to it.
    pub template_id: Option<TemplateId>,
    /// The template's name when the file was sent.
    pub template_name: Option<String>,
    /// The template's version that it is read with.
    pub template_version: Option<u32>,
    /// The template's format of exports; `json` without a template.
    pub result_format: String,
    /// How it is read: `free_text` without a template.
    pub extraction_mode: ExtractionMode,
    /// The engine that read it, or that it was sent for; `text-layer` when none was needed.
    pub engine: Option<String>,
    /// The languages of its pages, or those that it was sent for.
    pub languages: Option<String>,
    /// The record whose pages it took over, for it is of the same file, read in the same way; null when it was read
    /// itself. That record may be deleted since.
    pub reused_from: Option<RecordId>,
    /// Pages to read; null until the file was opened.
    pub page_count: Option<u32>,
    /// Pages that were read, those without text included.
    pub pages_done: u32,
    /// Pages that could not be read.
    pub pages_failed: u32,
    /// Mean confidence over the words; null without words.
    pub confidence: Option<f64>,
    /// The values of the template's fields, corrections included; null without a template.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub fields: Option<Map<String, Value>>,
    /// Where the values come from, by field; null without a template.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub field_details: Option<Map<String, Value>>,
    /// Whether a person should look at the fields.
    pub needs_review: bool,
    /// Why it failed, for a person.
    pub error: Option<String>,
    /// What is worth knowing though it completed.
    pub warnings: Vec<String>,
    /// Attempts at its pages that ended with a dead worker.
    pub attempts: u32,
    /// What the sender attached: a JSON object.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub metadata: Option<Value>,
    /// When a worker first took it up.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// From the one to the other, in milliseconds.
    pub processing_time_ms: Option<u64>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How a file is to be read. What is `None` is left to the server's settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadOptions {
    /// Languages of the text.
    pub languages: Option<LanguageChoice>,
    /// The engine's name.
    pub engine: Option<String>,
    /// The pages wanted; all when null.
    pub pages: Option<PageRange>,
    /// Whether what was read of the same file before may be taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse: Option<bool>,
    /// What is made of the text that the file carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_layer: Option<TextLayerUse>,
    /// What a protected file is tried with. Never stored with the rest: they are sealed apart, and forgotten after use.
    #[serde(skip)]
    pub passwords: Passwords,
}

impl ReadOptions {
    /// These options, and those of `fallback` where these are silent.
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
