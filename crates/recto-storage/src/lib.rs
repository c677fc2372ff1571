//! Where Recto keeps what it knows: tenants and tokens, batches with their files, the work queue and what was read, on
//! SQLite or PostgreSQL; and the bytes of uploads in a folder or another object store.
//!
//! [`Storage`] is the one handle. Its functions are named after the events they record, each is one transaction, and
//! they speak in the types of `recto-domain`; no table and no SQL is seen from outside.
//!
//! A batch comes in through [`Storage::begin_receiving`] and [`Storage::accept_batch`]. A node
//! ([`Storage::become_worker_node`]) claims its work items one by one and brings the results home
//! ([`Storage::record_opened`], [`Storage::record_page_result`], [`Storage::record_fields`]); the last one ends the
//! record and the batch. Readers ask for [`Storage::batch_details`] and [`Storage::finished_batch`].
//!
//! What holds at every moment, whichever process is killed: an accepted file is read to its end, each of its pages is
//! stored once, the counters of a batch are those of its files, and bytes in the blob store belong to a batch or are
//! in the journal of those to be removed.
//!
//! `examples/accept_and_claim.rs` shows one batch from its bytes to its text.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accept;
mod apply;
mod audit;
mod backlog;
mod ballast;
mod batch_row;
mod batches;
mod blobs;
mod changes;
mod connections;
mod control;
mod corrections;
mod database;
mod disk_space;
mod entities;
mod erase;
mod error;
mod extraction;
#[cfg(test)]
mod faults;
mod finished;
mod forget;
mod history;
mod insert;
mod leases;
mod lessons;
mod limits;
mod node;
mod obstacle;
mod outbox;
mod packed_page;
mod page_quota;
mod passwords;
mod peers;
mod pending_deletes;
mod postgres;
#[cfg(test)]
mod query_plans;
mod queue;
mod readiness;
mod receive;
mod records;
mod relocation;
mod reserve;
mod results;
mod retention;
mod reuse;
mod rows;
mod sealing;
mod search;
mod shared_secret;
mod snapshot;
mod sqlite;
mod sqlite_residue;
mod storage;
mod template_files;
mod templates;
mod tenants;
mod token_changes;
mod tokens;
mod transaction;
mod turns;
mod uploads;
mod webhook_deliveries;
mod webhook_queue;
mod webhook_results;
mod webhooks;

pub use accept::{Accepted, Idempotency, NewBatch};
pub use audit::{AuditFilter, FailedSignIns, TriedToken};
pub use backlog::Backlog;
pub use batches::BatchFilter;
pub use changes::Change;
pub use control::Retried;
pub use corrections::RecordChange;
pub use disk_space::DiskSpace;
pub use error::{Result, StorageError};
pub use extraction::{DocumentToExtract, FoundFields};
pub use finished::StoredBatch;
pub use history::{DayStats, HistoryFilter, HistoryStats, TemplateStats};
pub use lessons::CorrectedDocument;
pub use node::Node;
pub use obstacle::Obstacle;
pub use page_quota::QuotaUsedUp;
pub use receive::{FileReceiver, ReceivedFile, Receiving};
pub use relocation::Moved;
pub use results::{Opened, OpenedPage, Stored};
pub use sealing::SealingKeys;
pub use search::{ExcerptPart, FoundPage, FoundPages, Hit, QueryError, SearchFilter, SearchQuery};
pub use snapshot::{Contents, NamedFile, Snapshot, check_restored};
pub use storage::{Storage, StorageSettings};
pub use templates::{TemplateChange, TemplateUse};
pub use tenants::{Limit, ProjectChange};
pub use token_changes::TokenChange;
pub use tokens::{NewToken, TokenFilter};
pub use uploads::NewUpload;
pub use webhook_deliveries::DeliveryFilter;
pub use webhook_queue::ClaimedDelivery;
pub use webhook_results::Retry;
pub use webhooks::{NewWebhook, WebhookFilter};
