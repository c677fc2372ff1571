//! The tokens behind API keys: making, listing, changing, giving a new key, and revoking.
//!
//! No token gives rights that it lacks, or takes them from others. The caller's token must
//! [cover](recto_domain::Token::covers) the other token's rights both before and after the change. A token covers
//! itself, so whoever manages tokens can always give up their own.

mod answer;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod details;
mod expiry;
pub(crate) mod list;
