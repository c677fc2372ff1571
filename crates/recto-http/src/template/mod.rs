//! Templates: what to extract from documents.

pub(crate) mod apply;
pub(crate) mod builtin;
pub(crate) mod change;
mod content;
pub(crate) mod create;
pub(crate) mod details;
pub(crate) mod files;
pub(crate) mod learn;
pub(crate) mod list;
