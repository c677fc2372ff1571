//! Single files: sent by themselves or into a batch, looked up and deleted.

pub(crate) mod create;
pub(crate) mod routes;
mod view;
