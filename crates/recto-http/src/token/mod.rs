//! The tokens behind API keys: made, listed, changed, given another key, revoked.
//!
//! Nobody gives what they have not got: what a token shall be able to do, the caller's own token must
//! [cover](recto_domain::Token::covers).

mod answer;
pub(crate) mod change;
pub(crate) mod create;
mod expiry;
pub(crate) mod list;
mod reach;
