//! What happened, for those who listen: browsers and webhooks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, EventId, OrganizationId, ProjectId, RecordId};
use crate::time::Timestamp;

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum EventKind {
    /// A single file was accepted.
    DocumentUploaded,
    /// A file was read.
    DocumentProcessed,
    /// A file could not be read.
    DocumentFailed,
    /// A batch was accepted.
    BatchUploaded,
    /// A batch ended, in whatever way.
    BatchCompleted,
    /// A template was made.
    TemplateCreated,
    /// A template was changed.
    TemplateUpdated,
    /// A template was deleted.
    TemplateDeleted,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::DocumentUploaded,
        Self::DocumentProcessed,
        Self::DocumentFailed,
        Self::BatchUploaded,
        Self::BatchCompleted,
        Self::TemplateCreated,
        Self::TemplateUpdated,
        Self::TemplateDeleted,
    ];

    /// As the API and the database spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DocumentUploaded => "document.uploaded",
            Self::DocumentProcessed => "document.processed",
            Self::DocumentFailed => "document.failed",
            Self::BatchUploaded => "batch.uploaded",
            Self::BatchCompleted => "batch.completed",
            Self::TemplateCreated => "template.created",
            Self::TemplateUpdated => "template.updated",
            Self::TemplateDeleted => "template.deleted",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<EventKind> for String {
    fn from(kind: EventKind) -> Self {
        kind.as_str().to_owned()
    }
}

/// A text that is no kind of event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an event must be one of document.uploaded, document.processed, document.failed, batch.uploaded, batch.completed, \
     template.created, template.updated, template.deleted"
)]
pub struct InvalidEventKind;

impl FromStr for EventKind {
    type Err = InvalidEventKind;

    fn from_str(text: &str) -> Result<Self, InvalidEventKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(InvalidEventKind)
    }
}

impl TryFrom<String> for EventKind {
    type Error = InvalidEventKind;

    fn try_from(text: String) -> Result<Self, InvalidEventKind> {
        text.parse()
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
    /// In which batch; `None` for a template's event.
    pub batch_id: Option<BatchId>,
    /// To which record, for an event of one document.
    pub record_id: Option<RecordId>,
    /// When.
    pub created_at: Timestamp,
}

impl Event {
    /// The id that receivers see: `evt_`, the time in Unix milliseconds, and six digits that tell events of the same
    /// millisecond apart.
    #[must_use]
    pub fn public_id(&self) -> String {
        public_id(self.id, self.created_at)
    }
}

/// The id that receivers see of the event of that id and time.
#[must_use]
pub fn public_id(id: EventId, created_at: Timestamp) -> String {
    let id = id.to_string();
    format!("evt_{:013}_{}", created_at.as_millis(), &id[id.len() - 6..])
}
