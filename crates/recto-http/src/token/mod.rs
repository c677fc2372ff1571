//! The tokens behind API keys: made, listed, changed, given another key, revoked.
//!
//! Nobody gives what they have not got: what a token shall be able to do, the caller's own token must
//! [cover](recto_domain::Token::covers).

mod answer;
mod change;
mod create;
mod expiry;
mod list;
mod reach;

pub(crate) use change::{regenerate, revoke, update};
pub(crate) use create::create;
pub(crate) use list::{details, list};
