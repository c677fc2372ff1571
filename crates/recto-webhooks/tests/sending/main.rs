//! The sender against real receivers on real ports, over SQLite in a temporary folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod installation;
mod receiver;
mod refusals;
mod retries;
mod signatures;
mod stopping;
