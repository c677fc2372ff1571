//! The review queue: documents that a person should check, shown one after another and made for the keyboard.

pub(crate) mod decide;
mod doubts;
mod lens;
pub(crate) mod page;
