//! The webhook endpoints of an organization: looking after them, trying them out, and the log of their deliveries.

pub(crate) mod create;
pub(crate) mod deliveries;
mod form;
pub(crate) mod list;
pub(crate) mod one;
