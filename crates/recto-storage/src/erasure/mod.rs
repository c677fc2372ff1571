//! Permanent deletion: payloads reduced to ids, blobs removed, files overwritten.

pub(crate) mod erase;
pub(crate) mod forget;
pub(crate) mod pending_deletes;
