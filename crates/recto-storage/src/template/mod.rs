//! Templates, their versions and files, and learning and extracting with them.

pub(crate) mod apply;
pub(crate) mod files;
pub(crate) mod lessons;
pub(crate) mod templates;
