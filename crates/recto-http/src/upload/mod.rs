//! Single files: sent by themselves or into a batch, looked up and deleted.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod details;
mod view;
