//! One batch.

pub(crate) mod delete;
pub(crate) mod page;
pub(crate) mod pass;
