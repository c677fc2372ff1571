//! Recto's storage: tenants and tokens, batches with their files, the work queue and the results, in SQLite or
//! PostgreSQL; and the bytes of uploads in a folder or another object store.
//!
//! [`Storage`] is the handle. Its parts, such as [`Storage::batches`] and [`Storage::queue`], hold the functions. Each
//! function is one transaction, is named after what it records, and uses the types of `recto-domain`; tables and SQL
//! are not visible outside.
//!
//! A batch comes in through [`Batches::begin_receiving`] and [`Batches::accept`]. A node ([`Queue::join`]) claims its
//! work items one by one and stores the results ([`Queue::record_opened`], [`Queue::record_page_result`],
//! [`Queue::record_fields`]). The last result ends the record and the batch. Readers call [`Batches::details`] and
//! [`Batches::finished`].
//!
//! These invariants hold at every moment, whichever process is killed: an accepted file is read to its end; each of its
//! pages is stored once; the counters of a batch agree with its files; and bytes in the blob store belong to a batch or
//! are in the journal of pending deletes.
//!
//! `examples/accept_and_claim.rs` follows one batch from its bytes to its text.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod batch;
mod blobs;
mod changes;
mod database;
mod disk;
mod entities;
mod erasure;
mod error;
mod handles;
mod peers;
mod queue;
mod readiness;
mod record;
mod relocation;
mod sealing;
mod search;
mod shared_secret;
mod snapshot;
mod storage;
mod template;
mod tenant;
mod webhook;

pub use batch::accept::{Accepted, Idempotency, NewBatch};
pub use batch::batches::BatchFilter;
pub use batch::control::Retried;
pub use batch::finished::StoredBatch;
pub use batch::receive::{FileReceiver, ReceivedFile, Receiving};
pub use batch::uploads::NewUpload;
pub use blobs::bucket::open_bucket;
pub use changes::Change;
pub use database::obstacle::Obstacle;
pub use disk::space::DiskSpace;
pub use error::{Result, StorageError};
pub use handles::{Audit, Batches, Queue, Records, Templates, Tenants, Tokens, Webhooks};
pub use queue::backlog::Backlog;
pub use queue::extraction::{DocumentToExtract, FoundFields};
pub use queue::node::Node;
pub use queue::page_quota::QuotaUsedUp;
pub use record::corrections::RecordChange;
pub use record::history::{DayStats, HistoryFilter, HistoryStats, TemplateStats};
pub use record::results::{Opened, OpenedPage, Stored};
pub use relocation::Moved;
pub use sealing::SealingKeys;
pub use search::{ExcerptPart, FoundPage, FoundPages, Hit, QueryError, SearchFilter, SearchQuery};
pub use snapshot::{Contents, NamedFile, Snapshot, check_restored};
pub use storage::{Storage, StorageSettings};
pub use template::lessons::CorrectedDocument;
pub use template::templates::{TemplateChange, TemplateUse};
pub use tenant::audit::{AuditFilter, FailedSignIns, TriedToken};
pub use tenant::tenants::{Limit, ProjectChange};
pub use tenant::token_changes::TokenChange;
pub use tenant::tokens::{NewToken, TokenFilter};
pub use webhook::deliveries::DeliveryFilter;
pub use webhook::endpoints::{NewWebhook, WebhookFilter};
pub use webhook::queue::ClaimedDelivery;
pub use webhook::results::Retry;
