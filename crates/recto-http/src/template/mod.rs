//! Templates: what is to be extracted from documents.

mod content;
pub(crate) mod files;
mod reach;
pub(crate) mod routes;
