//! The projects of an organization.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod details;
pub(crate) mod list;
