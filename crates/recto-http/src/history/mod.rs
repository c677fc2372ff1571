//! The processing history: records in lists, in numbers, one by one and exported.

mod control;
mod export;
mod list;
mod reach;
mod record;
mod stats;

pub(crate) use control::{delete_record, retry, update};
pub(crate) use export::export;
pub(crate) use list::list;
pub(crate) use record::record;
pub(crate) use stats::stats;
