//! Templates: what is to be extracted from documents.

mod content;
mod files;
mod reach;
mod routes;

pub(crate) use files::{add_file, delete_file, file, files};
pub(crate) use routes::{create, delete_template, list, replace, template, update, versions};
