//! JSON Lines: an object a line, a document each, for programs that read a batch as it comes.
//!
//! A line has the same members as a document of the JSON export.

use std::io::Write;

use recto_domain::FinishedBatch;

use crate::error::ExportError;
use crate::json::{self, Lines};

/// Writes the documents of a batch as lines of JSON in UTF-8, page by page.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    for document in &batch.documents().to_vec() {
        json::write_document(batch, document, Lines::OnePerDocument, out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
