//! The queue of documents that a person should look at, one after another, made for the keyboard.

pub(crate) mod decide;
mod doubts;
mod lens;
pub(crate) mod page;
