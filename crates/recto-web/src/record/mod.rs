//! One document: its pages beside what was read of them.

pub(crate) mod correct;
pub(crate) mod hits;
pub(crate) mod page;
pub(crate) mod pass;
pub(crate) mod viewer;
pub(crate) mod words;
