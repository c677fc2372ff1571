//! The projects of an organisation.

mod change;
mod create;
mod reach;
mod read;

pub(crate) use change::{deactivate, update};
pub(crate) use create::create;
pub(crate) use read::{details, list};
