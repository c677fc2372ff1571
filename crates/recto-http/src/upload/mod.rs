//! Single files: sent by themselves or into a batch, looked up and deleted.

mod create;
mod reach;
mod routes;
mod view;

pub(crate) use create::create;
pub(crate) use routes::{delete_upload, upload};
