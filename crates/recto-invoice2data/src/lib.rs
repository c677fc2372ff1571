//! Templates of the program invoice2data, run with the same results as there.
//!
//! A template names words that are in the documents of an issuer (`keywords`), and patterns that find fields in their
//! text, which is laid out on a grid of characters. [`Invoice2DataTemplate::parse`] reads a template from YAML or JSON.
//! Regular expressions in Python's syntax are translated to the syntax used here.

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
