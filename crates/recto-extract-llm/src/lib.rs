//! A language model in addition to the rules: it finds the fields of a template that the rules of `recto-extract` did
//! not find with enough confidence.
//!
//! [`LlmExtractor`] first lets the rules search. If they are confident of every field (as they are when an invoice is
//! carried as data), no model is asked. Otherwise, it asks a server for the rest. Any server works that speaks the
//! protocol of `OpenAI`'s chat completions (Ollama, llama.cpp, vLLM, a hosted one). A JSON Schema prescribes the form
//! of the answer.
//!
//! Every value of the answer is looked up in the document, and dropped if it is not there. So whatever a document says
//! to the model, at worst the model picks another value of the same document.
//!
//! A model that cannot be reached, refuses, answers nonsense or has cost too much today does not harm a document: the
//! fields that the rules found are kept.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod answer_schema;
mod budget;
mod client;
mod dialect;
mod error;
mod extractor;
mod merge;
mod question;
mod settings;

pub use error::{AskError, LlmError};
pub use extractor::LlmExtractor;
pub use settings::{ApiKey, LlmSettings};
