//! Finds the fields that a template asks for in a recognised document: values with confidence and evidence.
//!
//! Pure: no files, no network, no clock. A document goes in as pages of words, fields come out.

mod fold;
mod value;
