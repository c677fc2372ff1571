//! What the documents say of the project is so: which crate may use which, which names and files there are,
//! on what it depends, and what others can take of it.

#![allow(clippy::unwrap_used)]

mod arrows;
mod circles;
mod definitions;
mod dependencies;
mod names;
mod packages;
mod workspace;
