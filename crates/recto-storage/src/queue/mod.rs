//! The work queue: which node gets which page, for how long, and how much may wait.

pub(crate) mod backlog;
pub(crate) mod claim;
pub(crate) mod extraction;
pub(crate) mod leases;
pub(crate) mod node;
pub(crate) mod page_quota;
pub(crate) mod turns;
