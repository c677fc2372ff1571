//! Templates, their versions and files, and what is learned and found with them.

pub(crate) mod apply;
pub(crate) mod files;
pub(crate) mod lessons;
pub(crate) mod templates;
