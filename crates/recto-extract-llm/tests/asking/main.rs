//! The extractor against a small server that speaks the protocol: what it is asked, what is believed of its answers, and
//! what becomes of a document when it does not answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod costs;
mod document;
mod failures;
mod model;
mod requests;
