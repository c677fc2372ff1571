//! Exports: the finished documents of a batch, written as one file.
//!
//! [`export`] reads a [`FinishedBatch`](recto_domain::FinishedBatch) document by document and page by page and writes
//! to any [`Write`](std::io::Write); the memory it uses does not grow with the batch. The same batch gives the same
//! bytes every time. A program without a database puts its documents into a [`MemoryBatch`].
//!
//! What a format leaves open is chosen by [`ExportOptions`].
//!
//! A page that could not be read is told apart from one without text in every format: by its status in JSON and XML,
//! by an attribute in ALTO, by a note in words elsewhere. [`JSON_SCHEMA`] and [`XML_SCHEMA`] describe the two formats
//! for programs.

mod alto;
mod csv;
mod docx;
mod error;
mod field_table;
mod field_view;
mod flat_text;
mod format;
mod formula;
mod hocr;
mod html;
mod json;
mod jsonl;
mod layout;
mod markdown;
mod markup;
mod measure;
mod memory;
mod options;
mod package;
mod pdf;
mod pixels;
mod reading;
mod schemas;
mod text;
mod tsv;
mod xlsx;
mod xml;

pub use error::ExportError;
pub use format::{Format, UnknownFormat, export, prepare};
pub use json::{PageDetail, page_value};
pub use memory::MemoryBatch;
pub use options::{CsvLayout, ExportOptions, PdfStandard, UnfitOptions, UnknownLayout, UnknownStandard};
pub use pdf::check_file;
pub use schemas::{JSON_SCHEMA, XML_SCHEMA};
