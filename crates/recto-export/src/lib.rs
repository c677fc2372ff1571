//! Exports: the finished documents of a batch, written as one file.
//!
//! [`export`] reads a [`FinishedBatch`](recto_domain::FinishedBatch) document by document and page by page and writes
//! to any [`Write`](std::io::Write); the memory it uses does not grow with the batch. The same batch gives the same
//! bytes every time. A program without a database puts its documents into a [`MemoryBatch`].
//!
//! A page that could not be read is told apart from one without text in every format: by its status in JSON and XML,
//! by a note in brackets elsewhere. [`JSON_SCHEMA`] and [`XML_SCHEMA`] describe the two formats for programs.

mod csv;
mod docx;
mod error;
mod flat_text;
mod format;
mod json;
mod layout;
mod markup;
mod measure;
mod memory;
mod pdf;
mod schemas;
mod text;
mod xml;

pub use error::ExportError;
pub use format::{Format, UnknownFormat, export};
pub use memory::MemoryBatch;
pub use schemas::{JSON_SCHEMA, XML_SCHEMA};
