//! Organizations, projects, their tokens, their limits, and the log of what was done in their name.

pub(crate) mod audit;
pub(crate) mod limits;
pub(crate) mod retention;
pub(crate) mod tenants;
pub(crate) mod token_changes;
pub(crate) mod tokens;
