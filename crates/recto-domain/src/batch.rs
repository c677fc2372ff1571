//! Batches: files sent together, and their progress.

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, OrganizationId, ProjectId, RecordId, TemplateId, UploadId, UserId};
use crate::record::RecordStatus;
use crate::spelling::spelled;
use crate::time::Timestamp;

/// The state of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BatchStatus {
    /// Files are still being uploaded.
    Uploading,
    /// Files are queued or being processed.
    Processing,
    /// All files processed successfully.
    Completed,
    /// Some files completed, some failed.
    PartiallyFailed,
    /// All files failed to process.
    Failed,
}

spelled!(
    BatchStatus,
    "status",
    InvalidBatchStatus,
    [
        Uploading = "uploading",
        Processing = "processing",
        Completed = "completed",
        PartiallyFailed = "partially_failed",
        Failed = "failed",
    ]
);

impl BatchStatus {
    /// Whether nothing more will happen to the batch by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::PartiallyFailed | Self::Failed)
    }
}

/// How many files a batch has, and how many of them have completed or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileCounts {
    /// All files.
    pub total: u32,
    /// Files whose record completed.
    pub completed: u32,
    /// Files whose record failed.
    pub failed: u32,
}

impl FileCounts {
    /// `(completed + failed) / total * 100`, rounded to two decimals; 0 for a batch without files.
    #[must_use]
    pub fn progress(&self) -> f64 {
        if self.total == 0 {
            return 0.0;
        }
        let percent = f64::from(self.completed + self.failed) / f64::from(self.total) * 100.0;
        (percent * 100.0).round() / 100.0
    }

    /// The status that these counts imply once all files have arrived.
    #[must_use]
    pub fn status(&self) -> BatchStatus {
        if self.completed + self.failed < self.total {
            BatchStatus::Processing
        } else if self.failed == 0 {
            BatchStatus::Completed
        } else if self.completed == 0 {
            BatchStatus::Failed
        } else {
            BatchStatus::PartiallyFailed
        }
    }
}

/// A batch, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Batch {
    /// The batch.
    pub id: BatchId,
    /// At most 200 characters.
    pub name: String,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The organization of the project.
    pub organization_id: OrganizationId,
    /// The user on whose behalf it was sent.
    pub user_id: UserId,
    /// The template applied to all files.
    pub template_id: Option<TemplateId>,
    /// The template's name when the batch was sent.
    pub template_name: Option<String>,
    /// All files.
    pub total_files: u32,
    /// Files whose record completed.
    pub completed_files: u32,
    /// Files whose record failed.
    pub failed_files: u32,
    /// Its current status.
    pub status: BatchStatus,
    /// Percentage of the files that have ended, rounded to two decimals.
    pub progress: f64,
    /// When all parts had arrived.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

impl Batch {
    /// The longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 200;
    /// The most files of one batch sent over the API.
    pub const MAX_FILES: usize = 50;
    /// The largest metadata, in bytes of JSON.
    pub const MAX_METADATA_BYTES: usize = 16 * 1024;

    /// The name of a batch that was sent without one: `Batch 2026-03-31`.
    #[must_use]
    pub fn default_name(now: Timestamp) -> String {
        format!("Batch {}", now.day())
    }
}

/// A batch with all its details.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchDetails {
    /// The part that lists show too.
    #[serde(flatten)]
    pub batch: Batch,
    /// Uploads in upload order.
    pub upload_ids: Vec<UploadId>,
    /// Records in upload order.
    pub processing_history_ids: Vec<RecordId>,
    /// What the sender attached: a JSON object.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, Value>>))]
    pub metadata: Option<serde_json::Value>,
    /// The files in upload order.
    pub files: Vec<BatchFile>,
    /// Pages of all files counted so far.
    pub total_pages: u32,
    /// Pages that were read, including those without text.
    pub completed_pages: u32,
    /// Pages that could not be read.
    pub failed_pages: u32,
    /// Estimated seconds until the last page is read, at the measured rate; null when there is no rate yet or nothing
    /// is left.
    pub eta_seconds: Option<u64>,
    /// The time until which its work waits because the organization has used up its worker time for the hour; usually
    /// null.
    pub waiting_until: Option<Timestamp>,
    /// When work on the first file began.
    pub started_at: Option<Timestamp>,
    /// When the last file ended.
    pub completed_at: Option<Timestamp>,
}

/// One file of a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchFile {
    /// The upload.
    pub upload_id: UploadId,
    /// The record of its processing.
    pub processing_history_id: RecordId,
    /// As the sender named it.
    pub file_name: String,
    /// Its current status.
    pub status: RecordStatus,
    /// Pages to read; null until the file has been opened.
    pub pages: Option<u32>,
    /// Pages that were read, including those without text.
    pub pages_done: u32,
    /// Pages that could not be read.
    pub pages_failed: u32,
    /// Why the file failed, worded for a person.
    pub error: Option<String>,
    /// Remarks on a file that completed, such as pages that failed.
    pub warnings: Vec<String>,
    /// Whether a person should look at its fields.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub needs_review: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(total: u32, completed: u32, failed: u32) -> FileCounts {
        FileCounts { total, completed, failed }
    }

    #[test]
    fn progress_has_two_decimals() {
        assert_eq!(counts(3, 2, 0).progress(), 66.67);
        assert_eq!(counts(3, 1, 0).progress(), 33.33);
        assert_eq!(counts(3, 1, 2).progress(), 100.0);
    }

    #[test]
    fn the_status_follows_from_the_counts() {
        assert_eq!(counts(2, 1, 0).status(), BatchStatus::Processing);
        assert_eq!(counts(2, 2, 0).status(), BatchStatus::Completed);
        assert_eq!(counts(2, 1, 1).status(), BatchStatus::PartiallyFailed);
        assert_eq!(counts(2, 0, 2).status(), BatchStatus::Failed);
    }
}
