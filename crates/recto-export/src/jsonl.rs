//! JSON Lines: an object a line, a document each, for programs that read a batch as it comes.
//!
//! A line has the same members as a document of the JSON export, and before them its status and its error: a file without
//! a document has a line too, with null, nothing or no pages for what is not known of it.

use std::io::Write;

use recto_domain::FinishedBatch;

use crate::error::ExportError;
use crate::files::{Entry, entries};
use crate::json;

/// Writes the documents of a batch as lines of JSON in UTF-8, page by page.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    for entry in &entries(batch) {
        match entry {
            Entry::Read(document) => json::write_line(batch, document, out)?,
            Entry::Unread(file) => json::write_unread_line(file, out)?,
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}
