//! What the documents say of the project is so: which crate may use which, which names and files there are,
//! and on what it depends.

#![allow(clippy::unwrap_used)]

mod arrows;
mod definitions;
mod dependencies;
mod names;
mod workspace;
