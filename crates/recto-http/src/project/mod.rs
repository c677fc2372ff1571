//! The projects of an organisation.

pub(crate) mod change;
pub(crate) mod create;
mod reach;
pub(crate) mod read;
