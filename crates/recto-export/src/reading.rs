//! Reads a document from beginning to end, for the formats that people read.

use std::io;

use recto_domain::{FinishedBatch, FinishedDocument};
use recto_layout::{Element, Flow};

use crate::error::ExportError;
use crate::flat_text::failure_note;

/// The next part of a document.
pub(crate) enum Part {
    /// A heading, a paragraph, an item of a list, a table.
    Element(Element),
    /// The note for a page that could not be read.
    FailedPage(String),
}

/// Passes on the parts of a document in order. A part that continues across a page break is passed on as one.
pub(crate) fn read_through(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
    mut take: impl FnMut(Part) -> io::Result<()>,
) -> Result<(), ExportError> {
    let mut flow = Flow::default();
    for index in 0..document.page_count {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        let note = failure_note(&page);
        let done = if note.is_some() { flow.finish() } else { flow.page(recto_layout::elements(&page)) };
        done.into_iter().map(Part::Element).chain(note.map(Part::FailedPage)).try_for_each(&mut take)?;
    }
    flow.finish().into_iter().map(Part::Element).try_for_each(take)?;
    Ok(())
}
