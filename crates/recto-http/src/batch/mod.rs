//! The Batch endpoints: those of the published page, and additions.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod details;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod list;
