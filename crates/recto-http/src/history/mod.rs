//! The processing history: records in lists, in numbers, one by one and exported.

pub(crate) mod control;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod record;
pub(crate) mod stats;
pub(crate) mod tables;
