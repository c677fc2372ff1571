//! The processing history: records in lists, in numbers, one by one and exported.

pub(crate) mod change;
pub(crate) mod details;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod stats;
pub(crate) mod tables;
