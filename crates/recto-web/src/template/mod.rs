//! Templates: what is to be found in documents; made, changed, tried on stored documents and taught.

pub(crate) mod act;
pub(crate) mod apply;
pub(crate) mod edit;
mod entry;
pub(crate) mod list;
mod rows;
mod trial;
