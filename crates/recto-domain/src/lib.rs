//! Recto's domain model, without I/O: ids, organizations, projects, tokens, batches, records and work items with their
//! state machines, the events they cause, and the recognised [`document`].
//!
//! The other crates use these types; this crate depends on none of them.
//!
//! ```
//! use recto_domain::{BatchStatus, FileCounts};
//!
//! let counts = FileCounts { total: 3, completed: 2, failed: 0 };
//! assert_eq!(counts.progress(), 66.67);
//! assert_eq!(counts.status(), BatchStatus::Processing);
//! ```

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

pub mod address_range;
pub mod api_key;
pub mod audit;
pub mod batch;
pub mod budget;
pub mod delivery;
pub mod document;
pub mod engine_info;
pub mod error_chain;
pub mod event;
pub mod field;
pub mod file_kind;
pub mod finished;
pub mod geometry;
pub mod grant;
pub mod id;
pub mod languages;
pub mod page_range;
pub mod passwords;
pub mod pattern;
pub mod public_address;
pub mod record;
#[cfg(feature = "openapi")]
mod schema;
mod spelling;
pub mod template;
pub mod template_schema;
pub mod tenant;
pub mod text_layer_use;
pub mod time;
pub mod token;
pub mod webhook;
pub mod webhook_secret;
pub mod work;

pub use address_range::AddressRange;
pub use api_key::{ApiKey, KeyHash};
pub use audit::{Actor, AuditAction, AuditEntry};
pub use batch::{Batch, BatchDetails, BatchFile, BatchStatus, FileCounts};
pub use budget::{AttemptEnd, FileCost, OrganizationShare, SLOW_PAGES, TimeLimit, WorkLimits};
pub use delivery::{Delivery, DeliveryAttempt, DeliveryStatus, RetrySchedule};
pub use document::{Block, BlockKind, Line, Page, PageOutcome, PageSource, Rule, Word};
pub use engine_info::{ANY_ENGINE, EngineInfo};
pub use error_chain::error_chain;
pub use event::{Event, EventKind};
pub use field::{Field, FieldType};
pub use file_kind::FileKind;
pub use finished::{Drawing, FinishedBatch, FinishedDocument, SourceError};
pub use geometry::{Affine, Point, Rect, Rotation, Size};
pub use grant::{Grant, Permission, Scope};
pub use id::{
    AuditEntryId, BatchId, DeliveryId, EventId, OrganizationId, ProjectId, RecordId, TemplateFileId, TemplateId,
    TokenId, UploadId, UserId, WebhookId, WorkItemId,
};
pub use languages::{LanguageChoice, Languages};
pub use page_range::PageRange;
pub use passwords::{InvalidPasswords, Passwords};
pub use pattern::{Pattern, PatternBudget};
pub use record::{ReadOptions, Record, RecordStatus, Upload};
pub use template::{ExtractionMode, Template, TemplateContent, TemplateFile, TemplateVersion};
pub use template_schema::{FieldSchema, TemplateSchema};
pub use tenant::{Organization, Project};
pub use text_layer_use::TextLayerUse;
pub use time::Timestamp;
pub use token::Token;
pub use webhook::{Webhook, WebhookChange, WebhookContent, WebhookHeaders, WebhookHealth, WebhookStatus};
pub use webhook_secret::WebhookSecret;
pub use work::{AfterFailure, MAX_ATTEMPTS, WorkItem, WorkKind};
