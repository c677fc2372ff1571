//! Values as documents print them, in any language and script: amounts with their currencies, dates, and the words by
//! which the lines of letters, invoices and receipts are recognised.
//!
//! Each language has a file of its own in `src/words`, which [`words`] describes. The crate is pure: it uses no files,
//! no network and no clock.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

pub mod amount;
pub mod currency;
pub mod date;
pub mod figures;
mod fold;
mod months;
pub mod words;

pub use fold::fold;
pub use months::month;
