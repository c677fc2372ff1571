//! The formats, by the names the API gives them.

use std::io::{BufWriter, Write};
use std::str::FromStr;

use recto_domain::FinishedBatch;

use crate::error::ExportError;
use crate::{csv, docx, json, pdf, text, xml};

/// An export format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Everything, for programs.
    Json,
    /// A row a document, for spreadsheets.
    Csv,
    /// Plain text.
    Text,
    /// Everything, for programs that prefer it.
    Xml,
    /// One searchable PDF of all documents.
    Pdf,
    /// A word processor's document.
    Docx,
}

/// A name that is no export format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("format must be one of json, csv, text, xml, pdf, docx")]
pub struct UnknownFormat;

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [Self::Json, Self::Csv, Self::Text, Self::Xml, Self::Pdf, Self::Docx];

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
        }
    }

    /// The file name's extension, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            other => other.name(),
        }
    }

    /// The `Content-Type` of the published page.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Xml => "application/xml",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|f| f.name() == text).ok_or(UnknownFormat)
    }
}

/// Writes the completed documents of a batch as one file of that format.
///
/// # Errors
/// [`ExportError`]; what was written until then is not a whole file.
pub fn export(format: Format, batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    match format {
        Format::Json => json::write(batch, &mut out),
        Format::Csv => csv::write(batch, &mut out),
        Format::Text => text::write(batch, &mut out),
        Format::Xml => xml::write(batch, &mut out),
        Format::Pdf => pdf::write(batch, &mut out),
        Format::Docx => docx::write(batch, &mut out),
    }?;
    out.flush()?;
    Ok(())
}
