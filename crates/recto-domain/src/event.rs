//! What happened, for those who listen: browsers, and later webhooks.

use serde::Serialize;

use crate::id::{BatchId, EventId, OrganizationId, ProjectId};
use crate::time::Timestamp;

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EventKind {
    /// A batch was accepted.
    #[serde(rename = "batch.uploaded")]
    BatchUploaded,
    /// A batch ended, in whatever way.
    #[serde(rename = "batch.completed")]
    BatchCompleted,
    /// A file was read.
    #[serde(rename = "document.processed")]
    DocumentProcessed,
    /// A file could not be read.
    #[serde(rename = "document.failed")]
    DocumentFailed,
}

impl EventKind {
    /// As the API and the database spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatchUploaded => "batch.uploaded",
            Self::BatchCompleted => "batch.completed",
            Self::DocumentProcessed => "document.processed",
            Self::DocumentFailed => "document.failed",
        }
    }
}

/// A row of the outbox, written in the transaction that made it true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The event; stays the same when it is told again.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// In which organisation.
    pub organization_id: OrganizationId,
    /// In which project.
    pub project_id: ProjectId,
    /// In which batch.
    pub batch_id: BatchId,
    /// When.
    pub created_at: Timestamp,
}
