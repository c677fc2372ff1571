//! The administration pages: usage, projects, keys, webhooks, and the keys of the session.

mod chart;
mod frame;
pub(crate) mod keys;
pub(crate) mod projects;
pub(crate) mod session;
pub(crate) mod usage;
pub(crate) mod webhook;
pub(crate) mod webhooks;
