//! Endpoints, and what is sent to them.

pub(crate) mod deliveries;
pub(crate) mod endpoints;
pub(crate) mod outbox;
pub(crate) mod queue;
pub(crate) mod results;
