//! A language model beside the rules: finds the fields of a template that the rules of `recto-extract` did not find
//! surely.
//!
//! [`LlmExtractor`] first lets the rules search. When they found every field surely (as they do where an invoice is
//! carried as data), no model is asked. Otherwise it asks any server that speaks the protocol of `OpenAI`'s chat
//! completions (Ollama, llama.cpp, vLLM, a hosted one) for the rest, in a form that a JSON Schema prescribes, and looks
//! up every value of the answer in the document: what does not stand there is dropped. What a document says to the
//! model can therefore at worst make it point at another value of the same document.
//!
//! A model that cannot be reached, refuses, answers nonsense or has cost too much today takes nothing from a document:
//! what the rules found stands.

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
