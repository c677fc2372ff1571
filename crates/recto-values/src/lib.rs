//! Values as documents print them, in any language and script: amounts with their currencies, days, and the words that the
//! lines of letters, invoices and receipts are known by.
//!
//! A language is a file of its own in `src/words`, which [`words`] describes. Pure: no files, no network, no clock.

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
