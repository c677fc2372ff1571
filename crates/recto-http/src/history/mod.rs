//! The processing history: lists, statistics, single records, and exports.

pub(crate) mod change;
pub(crate) mod details;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod stats;
pub(crate) mod tables;
