//! Templates, which say what to find in documents. They can be created, changed, taught, and tried on stored documents.

pub(crate) mod act;
pub(crate) mod apply;
pub(crate) mod edit;
mod entry;
pub(crate) mod list;
mod rows;
mod trial;
