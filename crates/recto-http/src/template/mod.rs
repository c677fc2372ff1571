//! Templates: what is to be extracted from documents.

mod content;
pub(crate) mod files;
pub(crate) mod learn;
mod reach;
pub(crate) mod routes;
