//! Events, for browsers and webhooks.

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, EventId, OrganizationId, ProjectId, RecordId};
use crate::spelling::spelled;
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
    /// A batch ended, successfully or not.
    BatchCompleted,
    /// A template was made.
    TemplateCreated,
    /// A template was changed.
    TemplateUpdated,
    /// A template was deleted.
    TemplateDeleted,
}

spelled!(
    EventKind,
    "an event",
    InvalidEventKind,
    [
        DocumentUploaded = "document.uploaded",
        DocumentProcessed = "document.processed",
        DocumentFailed = "document.failed",
        BatchUploaded = "batch.uploaded",
        BatchCompleted = "batch.completed",
        TemplateCreated = "template.created",
        TemplateUpdated = "template.updated",
        TemplateDeleted = "template.deleted",
    ]
);

#[cfg(feature = "openapi")]
crate::schema::schema_is!(EventKind = crate::schema::one_of("A kind of event.", EventKind::ALL.map(EventKind::as_str)));

impl From<EventKind> for String {
    fn from(kind: EventKind) -> Self {
        kind.as_str().to_owned()
    }
}

impl TryFrom<String> for EventKind {
    type Error = InvalidEventKind;

    fn try_from(text: String) -> Result<Self, InvalidEventKind> {
        text.parse()
    }
}

/// A row of the outbox, written in the same transaction as the change that it reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The event's id; it stays the same when the event is sent again.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// The organization it happened in.
    pub organization_id: OrganizationId,
    /// The project it happened in.
    pub project_id: ProjectId,
    /// The batch it happened to; `None` for a template's event.
    pub batch_id: Option<BatchId>,
    /// The record it happened to, for an event about one document.
    pub record_id: Option<RecordId>,
    /// When it happened.
    pub created_at: Timestamp,
}

impl Event {
    /// The id that receivers see: `evt_`, the time in Unix milliseconds, and six digits that distinguish events of the
    /// same millisecond.
    #[must_use]
    pub fn public_id(&self) -> String {
        public_id(self.id, self.created_at)
    }
}

/// The id that receivers see for the event with that id and time.
#[must_use]
pub fn public_id(id: EventId, created_at: Timestamp) -> String {
    let id = id.to_string();
    format!("evt_{:013}_{}", created_at.as_millis(), &id[id.len() - 6..])
}
