//! Exports: the finished documents of a batch, written as one file.
//!
//! [`export`] reads a [`FinishedBatch`](recto_domain::FinishedBatch) document by document and page by page, and writes
//! to any [`Write`](std::io::Write). Its memory use does not grow with the batch, and the same batch always gives the
//! same bytes. A program without a database puts its documents into a [`MemoryBatch`].
//!
//! [`ExportOptions`] selects variants of a format. [`export_zip`] writes one file per document instead, [`OneFile`]
//! exports a single document, and [`export_tables`] writes the tables on the pages.
//!
//! Every format names every file of the batch. A file without a document, because it failed, was cancelled or has not
//! ended, appears in its place with its status and the reason: in the batch's details in JSON and XML, in a note
//! elsewhere. A page that could not be read is distinguished from one without text: by its status in JSON and XML, by
//! an attribute in ALTO, by a note elsewhere. [`JSON_SCHEMA`] and [`XML_SCHEMA`] describe these two formats for
//! programs.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod alto;
mod csv;
mod docx;
mod error;
mod field_table;
mod field_view;
mod files;
mod flat_text;
mod format;
mod formula;
mod hocr;
mod html;
mod json;
mod jsonl;
mod markdown;
mod markup;
mod measure;
mod memory;
mod notation;
mod one_file;
mod options;
mod package;
mod pdf;
mod pixels;
mod reading;
mod result_names;
mod schemas;
mod table_view;
mod text;
mod tsv;
mod xlsx;
mod xml;
mod zipped;

pub use error::ExportError;
pub use format::{Format, UnknownFormat, export, export_report, export_tables, prepare};
pub use json::{PageDetail, page_value};
pub use memory::MemoryBatch;
pub use notation::{DateFormat, InvalidDateFormat, Locale, UnknownLocale};
pub use one_file::OneFile;
pub use options::{
    Content, CsvDelimiter, CsvLayout, ExportOptions, Optimization, PdfOptions, PdfStandard, UnfitOptions,
    UnknownContent, UnknownDelimiter, UnknownLayout, UnknownOptimization, UnknownStandard,
};
pub use result_names::result_names;
pub use schemas::{JSON_SCHEMA, XML_SCHEMA};
pub use table_view::table_values;
pub use zipped::export_zip;
