//! Organizations, projects, their tokens and limits, and the audit log.

pub(crate) mod audit;
pub(crate) mod limits;
pub(crate) mod retention;
pub(crate) mod tenants;
pub(crate) mod token_changes;
pub(crate) mod tokens;
