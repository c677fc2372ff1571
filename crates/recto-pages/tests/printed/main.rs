//! The text of PDFs as it is printed: what a reader sees on the page, however the file has it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod doubled;
mod forms;
mod hidden;
mod paper;
mod raised;
mod right_to_left;
mod signs;
mod spaced;
