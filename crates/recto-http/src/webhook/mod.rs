//! The webhook endpoints of an organization: managing and testing them, and the log of their deliveries.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod deliveries;
pub(crate) mod details;
mod form;
pub(crate) mod list;
