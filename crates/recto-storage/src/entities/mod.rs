//! The tables as sea-orm entities. They are private to this crate.

pub(crate) mod audit_entry;
pub(crate) mod batch;
pub(crate) mod event;
pub(crate) mod idempotency_key;
pub(crate) mod organization;
pub(crate) mod page;
pub(crate) mod page_count;
pub(crate) mod pending_delete;
pub(crate) mod project;
pub(crate) mod record;
pub(crate) mod request_count;
pub(crate) mod shared_secret;
pub(crate) mod template;
pub(crate) mod template_file;
pub(crate) mod template_version;
pub(crate) mod token;
pub(crate) mod upload;
pub(crate) mod webhook;
pub(crate) mod webhook_attempt;
pub(crate) mod webhook_delivery;
pub(crate) mod work_item;
pub(crate) mod work_turn;
