//! The Batch endpoints: the published page, and what the contract adds to it.

mod control;
mod details;
mod events;
mod export;
mod list;
mod reach;
mod upload;

pub(crate) use control::{cancel, delete_batch, retry};
pub(crate) use details::details;
pub(crate) use events::events;
pub(crate) use export::export;
pub(crate) use list::list;
pub(crate) use upload::upload;
