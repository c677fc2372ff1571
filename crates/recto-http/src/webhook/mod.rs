//! The webhook endpoints of an organisation: looking after them, trying them out, and the log of their deliveries.

mod create;
mod deliveries;
mod form;
mod list;
mod one;
mod reach;

pub(crate) use create::create;
pub(crate) use deliveries::{deliveries, redeliver, test};
pub(crate) use list::list;
pub(crate) use one::{delete_webhook, details, update};
