//! Work items: what is left to do for a record, one page at a time, and its fields at the end.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::budget::FileCost;
use crate::id::{BatchId, OrganizationId, ProjectId, RecordId, WorkItemId};
use crate::record::ReadOptions;

/// How often a piece of work is tried before it is given up.
pub const MAX_ATTEMPTS: u32 = 3;

/// A piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkKind {
    /// Find out what the file is, count its pages and take what text it carries.
    Open,
    /// Recognise one page.
    Page {
        /// From 1.
        number: u32,
    },
    /// Find the fields of the record's template in the pages, all of which are there.
    Extract,
}

/// What a failed attempt at an item leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// Try again, a page in a fresh process.
    Retry {
        /// Attempts made so far.
        attempts: u32,
    },
    /// It was the last attempt.
    GiveUp {
        /// Attempts made.
        attempts: u32,
    },
}

/// A claimed piece of work with all that a worker must know.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkItem {
    /// The row.
    pub id: WorkItemId,
    /// What to do.
    pub kind: WorkKind,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// The project it is of.
    pub project_id: ProjectId,
    /// The batch, so that its end can stop the work.
    pub batch_id: BatchId,
    /// The record the result belongs to.
    pub record_id: RecordId,
    /// Where the blob store keeps the file.
    pub blob_key: String,
    /// Whether there are passwords that the file is to be tried with before it is opened.
    pub has_passwords: bool,
    /// SHA-256 of the bytes that were sent, in hexadecimal.
    pub sha256: String,
    /// The file's name, for messages.
    pub file_name: String,
    /// How to read it.
    pub options: ReadOptions,
    /// Attempts that ended with a dead worker, or without an extractor to be had.
    pub attempts: u32,
    /// What the file had cost when the item was claimed.
    pub cost: FileCost,
    /// How long a worker was at it in this attempt; to be set before the result is stored.
    pub took: Duration,
    /// All that the result depends on beside the file's bytes, as one text: what reads, in which version, with which
    /// settings. To be set before the result is stored; `None` when it is not known, and then no file that is sent
    /// later takes the result over.
    pub way: Option<String>,
}

impl WorkItem {
    /// Whether this attempt has little time, and is the last: too many pages of the file have run out of theirs.
    #[must_use]
    pub fn is_short(&self) -> bool {
        matches!(self.kind, WorkKind::Page { .. }) && self.cost.is_slow()
    }

    /// What follows when the worker at this item crashed, hung or ran out of memory, or the extractor was not
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
