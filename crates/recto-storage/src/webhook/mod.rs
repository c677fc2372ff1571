//! Webhook endpoints and their deliveries.

pub(crate) mod deliveries;
pub(crate) mod endpoints;
pub(crate) mod outbox;
pub(crate) mod queue;
pub(crate) mod results;
