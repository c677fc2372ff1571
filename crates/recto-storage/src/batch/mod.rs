//! Batches with their files, from the first byte to the last answer.

pub(crate) mod accept;
pub(crate) mod batches;
pub(crate) mod control;
pub(crate) mod finished;
pub(crate) mod passwords;
pub(crate) mod receive;
pub(crate) mod reuse;
pub(crate) mod row;
pub(crate) mod uploads;
