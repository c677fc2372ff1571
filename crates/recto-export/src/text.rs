//! Plain text: the text of each document below a line with its file name. For a file without a document, only that
//! line, with the status and the reason.

use std::io::Write;

use recto_domain::FinishedBatch;

use crate::error::ExportError;
use crate::files::{Entry, entries};
use crate::flat_text::{PAGE_BREAK, name_line, page_text};

/// Writes the documents of a batch as UTF-8 with line feeds; pages are separated by a form feed, documents by an
/// empty line.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    for (at, entry) in entries(batch).iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let document = match entry {
            Entry::Read(document) => document,
            Entry::Unread(file) => {
                writeln!(out, "===== {} {} =====", file.name_line(), file.note())?;
                continue;
            }
        };
        writeln!(out, "===== {} =====", name_line(document))?;
        for index in 0..document.page_count {
            if index > 0 {
                out.write_all(PAGE_BREAK.as_bytes())?;
            }
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            let text = page_text(&page);
            if !text.is_empty() {
                writeln!(out, "{text}")?;
            }
        }
    }
    Ok(())
}
