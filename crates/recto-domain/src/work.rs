//! Work items: the outstanding work for a record, one page at a time, and finally the search for its fields.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::budget::FileCost;
use crate::id::{BatchId, OrganizationId, ProjectId, RecordId, WorkItemId};
use crate::record::ReadOptions;

/// How many times a piece of work is tried before it is given up.
pub const MAX_ATTEMPTS: u32 = 3;

/// A piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkKind {
    /// Find out what the file is, count its pages, and take the text that it carries.
    Open,
    /// Recognise one page.
    Page {
        /// The page number, from 1.
        number: u32,
    },
    /// Find the fields of the record's template once all its pages have been read.
    Extract,
}

/// What follows a failed attempt at an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// Try again; a page is tried in a fresh process.
    Retry {
        /// Attempts made so far.
        attempts: u32,
    },
    /// That was the last attempt.
    GiveUp {
        /// Attempts made.
        attempts: u32,
    },
}

/// A claimed piece of work with everything a worker must know.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkItem {
    /// The id of its row.
    pub id: WorkItemId,
    /// What to do.
    pub kind: WorkKind,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The batch; when the batch ends, the work stops.
    pub batch_id: BatchId,
    /// The record the result belongs to.
    pub record_id: RecordId,
    /// The key of the file in the blob store.
    pub blob_key: String,
    /// Whether there are passwords to try on the file before it is opened.
    pub has_passwords: bool,
    /// SHA-256 of the uploaded bytes, in hexadecimal.
    pub sha256: String,
    /// The file's name, for messages.
    pub file_name: String,
    /// How to read it.
    pub options: ReadOptions,
    /// Attempts that ended because the worker died or no extractor was available.
    pub attempts: u32,
    /// The cost of the file when the item was claimed.
    pub cost: FileCost,
    /// How long a worker took for this attempt; must be set before the result is stored.
    pub took: Duration,
    /// Everything besides the file's bytes that the result depends on, as one text: the engine, its version, and its
    /// settings. It must be set before the result is stored. When it is `None`, no later upload reuses the result.
    pub way: Option<String>,
}

impl WorkItem {
    /// Whether this attempt is short and the last one, because too many pages of the file ran out of time.
    #[must_use]
    pub fn is_short(&self) -> bool {
        matches!(self.kind, WorkKind::Page { .. }) && self.cost.is_slow()
    }

    /// What follows when the worker for this item crashed, hung or ran out of memory, or when the extractor was not
    /// available.
    #[must_use]
    pub fn after_failed_attempt(&self) -> AfterFailure {
        let attempts = self.attempts + 1;
        if attempts < MAX_ATTEMPTS && !self.is_short() {
            AfterFailure::Retry { attempts }
        } else {
            AfterFailure::GiveUp { attempts }
        }
    }
}
