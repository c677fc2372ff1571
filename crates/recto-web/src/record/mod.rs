//! One document: its pages next to the results.

pub(crate) mod correct;
pub(crate) mod hits;
pub(crate) mod page;
pub(crate) mod pass;
pub(crate) mod viewer;
pub(crate) mod words;
