//! The Batch endpoints: the published page, and what the contract adds to it.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod details;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod list;
