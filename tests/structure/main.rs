//! What the documents say of the project is so: which crate may use which, and which names and files there are.

#![allow(clippy::unwrap_used)]

mod arrows;
mod definitions;
mod names;
mod workspace;
