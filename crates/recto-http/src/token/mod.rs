//! The tokens behind API keys: made, listed, changed, given another key, revoked.
//!
//! Nobody gives what they have not got, or takes it from others: what a token is able to do, and what it shall be able
//! to do, the caller's own token must [cover](recto_domain::Token::covers). A token covers itself, so whoever looks after
//! tokens can always give up their own.

mod answer;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod details;
mod expiry;
pub(crate) mod list;
