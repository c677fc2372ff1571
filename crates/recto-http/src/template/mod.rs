//! Templates: what is to be extracted from documents.

pub(crate) mod apply;
pub(crate) mod builtin;
mod content;
pub(crate) mod files;
pub(crate) mod learn;
pub(crate) mod routes;
