//! The export formats, with their names in the API.

use std::fmt;
use std::io::{BufWriter, Write};
use std::str::FromStr;

use recto_domain::FinishedBatch;

use crate::error::ExportError;
use crate::options::ExportOptions;
use crate::{alto, csv, docx, hocr, html, json, jsonl, markdown, pdf, text, tsv, xlsx, xml};

/// An export format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// All data, for programs.
    Json,
    /// One row per document, for spreadsheets and scripts.
    Csv,
    /// Plain text.
    Text,
    /// All data, for programs that prefer XML.
    Xml,
    /// One searchable PDF of all documents.
    Pdf,
    /// A Word document.
    Docx,
    /// A workbook: one row per document with typed numbers and dates, and line items on a sheet of their own.
    Xlsx,
    /// A single page for a browser.
    Html,
    /// Markdown, for notes and language models.
    Markdown,
    /// One JSON object per line and document.
    Jsonl,
    /// hOCR, for tools that work on OCR results.
    Hocr,
    /// ALTO, for libraries and archives.
    Alto,
    /// The table format of Tesseract.
    Tsv,
}

/// The error for a name that is not an export format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "format must be one of {}", Format::ALL.map(Format::name).join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

impl Format {
    /// Every format.
    pub const ALL: [Self; 13] = [
        Self::Json,
        Self::Csv,
        Self::Text,
        Self::Xml,
        Self::Pdf,
        Self::Docx,
        Self::Xlsx,
        Self::Html,
        Self::Markdown,
        Self::Jsonl,
        Self::Hocr,
        Self::Alto,
        Self::Tsv,
    ];

    /// The name in `?format=` and `--format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
            Self::Xml => "xml",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Jsonl => "jsonl",
            Self::Hocr => "hocr",
            Self::Alto => "alto",
            Self::Tsv => "tsv",
        }
    }

    /// The file name extension, without the dot. Each format has its own, so a file name identifies its format.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            other => other.name(),
        }
    }

    /// The `Content-Type`; for the first six formats, that of the published page.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Xml | Self::Alto => "application/xml",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Html | Self::Hocr => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            // Neither this name nor application/jsonl is registered; this one is older, and clients expect it.
            Self::Jsonl => "application/x-ndjson",
            Self::Tsv => "text/tab-separated-values; charset=utf-8",
        }
    }

    /// Whether a person can read the file directly, for example on a terminal.
    #[must_use]
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Pdf | Self::Docx | Self::Xlsx)
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|f| f.name() == text).ok_or(UnknownFormat)
    }
}

/// Writes the completed documents of a batch as one file in that format.
///
/// # Errors
/// [`ExportError`]; what was written until then is not a complete file. [`ExportError::Options`] is returned before
/// anything is written.
pub fn export(
    format: Format,
    options: &ExportOptions,
    batch: &mut dyn FinishedBatch,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    options.check(format)?;
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    match format {
        Format::Json => json::write(batch, &mut out),
        Format::Csv => csv::write(batch, options, &mut out),
        Format::Text => text::write(batch, &mut out),
        Format::Xml => xml::write(batch, &mut out),
        Format::Pdf => pdf::write(batch, &options.pdf, &mut out),
        Format::Docx => docx::write(batch, &mut out),
        Format::Xlsx => xlsx::write(batch, options, &mut out),
        Format::Html => html::write(batch, &mut out),
        Format::Markdown => markdown::write(batch, &mut out),
        Format::Jsonl => jsonl::write(batch, &mut out),
        Format::Hocr => hocr::write(batch, &mut out),
        Format::Alto => alto::write(batch, &mut out),
        Format::Tsv => tsv::write(batch, &mut out),
    }?;
    out.flush()?;
    Ok(())
}

/// Writes the tables on the pages of a batch's completed documents as one CSV. Each row begins with the name of its
/// file, the page, the number of the table on that page, the number of the row in the table, and its kind: `header`,
/// `body` or, for what could not be read, `problem`.
///
/// # Errors
/// As [`export`].
pub fn export_tables(
    options: &ExportOptions,
    batch: &mut dyn FinishedBatch,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    options.check(Format::Csv)?;
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    csv::write_tables(batch, options, &mut out)?;
    out.flush()?;
    Ok(())
}

/// Reports as JSON what the PDF of a batch changes in its documents, by file and page, and the PDF's size.
///
/// # Errors
/// As [`export`].
pub fn export_report(
    options: &ExportOptions,
    batch: &mut dyn FinishedBatch,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    options.check(Format::Pdf)?;
    pdf::report(batch, &options.pdf, out)
}

/// Warnings about an export before it begins, worded for a person, each on one line. One example is that the digital
/// signature of a PDF becomes invalid in a PDF of several documents. Refuses whatever [`export`] would refuse.
///
/// # Errors
/// [`ExportError::Options`] when the options do not suit the format or the documents, [`ExportError::Source`] when a
/// document cannot be read back.
pub fn prepare(
    format: Format,
    options: &ExportOptions,
    batch: &mut dyn FinishedBatch,
) -> Result<Vec<String>, ExportError> {
    options.check(format)?;
    if format == Format::Pdf { pdf::prepare(batch, &options.pdf) } else { Ok(Vec::new()) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_extensions_tell_formats_apart() {
        assert_eq!(BTreeSet::from(Format::ALL.map(Format::name)).len(), Format::ALL.len());
        assert_eq!(BTreeSet::from(Format::ALL.map(Format::extension)).len(), Format::ALL.len());
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            assert!(UnknownFormat.to_string().contains(format.name()));
        }
    }
}
