//! What is looked after: usage, projects, keys, webhooks.

mod chart;
mod frame;
pub(crate) mod keys;
pub(crate) mod projects;
pub(crate) mod usage;
pub(crate) mod webhook;
pub(crate) mod webhooks;
