//! What happened, for those who listen: browsers and webhooks.

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
    /// A batch ended, in whatever way.
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

/// A row of the outbox, written in the transaction that made it true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The event; stays the same when it is told again.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// In which organization.
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
