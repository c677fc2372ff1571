//! Tells webhook endpoints what happened.
//!
//! The outbox of `recto-storage` queues a delivery for every endpoint that wants an event, in the transaction of the
//! event. A [`Sender`] claims what is due, signs and posts it, and records what came of it; storage then tries it
//! again, gives it up, or pauses the endpoint. A delivery is sent at least once: a process that dies between the
//! answer and the record of it sends the same event again under the same id.
//!
//! An endpoint's address is a stranger's wish. [`AddressGuard`] refuses those that do not lie on the public internet,
//! when an endpoint is made and again at each delivery; redirects are not followed.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address_guard;
mod client;
mod failure;
mod outcome;
mod resolver;
mod sender;
mod signature;

pub use address_guard::{AddressGuard, UrlProblem};
pub use outcome::first_attempt;
pub use sender::{Sender, SenderError, SenderSettings};
