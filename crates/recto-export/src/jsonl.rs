//! JSON Lines: one object per line and document, for programs that read a batch as it arrives.
//!
//! A line has the members of a document in the JSON export, preceded by its status and its error. A file without a
//! document has a line too, with null or empty members for unknown values.

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
