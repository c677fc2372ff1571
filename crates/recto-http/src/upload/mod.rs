//! Single files: sent by themselves or into a batch, looked up and deleted.

pub(crate) mod create;
mod reach;
pub(crate) mod routes;
mod view;
