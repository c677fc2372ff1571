//! Templates of the program invoice2data, run with the same results as there.
//!
//! A template names words that the documents of an issuer have (`keywords`) and patterns that find fields in their
//! text, laid out on a grid of characters. [`Invoice2DataTemplate::parse`] reads one from YAML or JSON; what differs
//! between the regular expressions of Python and those used here is translated.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod area;
mod cell;
mod layout;
mod line_block;
mod lines_rule;
mod options;
mod pattern;
mod reader;
mod regex_rule;
mod rows;
mod run;
mod source;
mod stored;
mod strptime;
mod table_rule;
mod template;
mod traced;
mod units;

pub use run::Outcome;
pub use template::{InvalidTemplate, Invoice2DataTemplate};
