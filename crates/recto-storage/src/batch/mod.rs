//! Batches with their files, from receiving the first byte to exporting the results.

pub(crate) mod accept;
pub(crate) mod batches;
pub(crate) mod control;
pub(crate) mod finished;
pub(crate) mod passwords;
pub(crate) mod receive;
pub(crate) mod reuse;
pub(crate) mod row;
pub(crate) mod uploads;
