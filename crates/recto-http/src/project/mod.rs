//! The projects of an organisation.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod read;
