//! Notifies webhook endpoints of events.
//!
//! The outbox of `recto-storage` queues a delivery for every endpoint that wants an event, in the transaction of the
//! event. A [`Sender`] claims the deliveries that are due, signs and posts them, and records the outcome. The storage
//! then schedules a retry, gives the delivery up, or pauses the endpoint. A delivery is sent at least once: if a
//! process dies between the answer and its record, the same event is sent again under the same id.
//!
//! The address of an endpoint is untrusted. [`AddressGuard`] refuses addresses outside of the public internet when an
//! endpoint is made, and again at each delivery. Redirects are not followed.

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
