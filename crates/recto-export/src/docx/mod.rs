//! DOCX: WordprocessingML in a zip, ECMA-376 parts 1 (sections 11 and 17) and 2, readable by Word from 2007 on.
//!
//! The parts are written one after another to a writer that cannot seek. The body is streamed; the numbering of its
//! lists, a few bytes per list, is kept and written after it.

mod body;
mod numbering;
mod page_setup;

use std::io::Write;

use recto_domain::FinishedBatch;

use crate::error::ExportError;
use crate::files::{Entry, entries};
use crate::package::Package;
use body::Body;
use numbering::Numbering;

const CONTENT_TYPES: &str = include_str!("content_types.xml");
const PACKAGE_RELATIONSHIPS: &str = include_str!("package_relationships.xml");
const DOCUMENT_RELATIONSHIPS: &str = include_str!("document_relationships.xml");
const STYLES: &str = include_str!("styles.xml");

/// The namespace of WordprocessingML.
const W: (&str, &str) = ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main");

/// Writes the documents of a batch as one Word document, each in a section of its own.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut package = Package::new(out);
    package.fixed("[Content_Types].xml", CONTENT_TYPES)?;
    package.fixed("_rels/.rels", PACKAGE_RELATIONSHIPS)?;
    package.fixed("word/_rels/document.xml.rels", DOCUMENT_RELATIONSHIPS)?;
    package.fixed("word/styles.xml", STYLES)?;
    package.properties(batch.details())?;
    package.begin("word/document.xml")?;
    let numbering = write_document(batch, &mut package)?;
    package.begin("word/numbering.xml")?;
    numbering.write(&mut package)?;
    Ok(package.finish()?)
}

fn write_document(batch: &mut dyn FinishedBatch, out: impl Write) -> Result<Numbering, ExportError> {
    let mut body = Body::begin(out)?;
    for entry in &entries(batch) {
        match entry {
            Entry::Read(document) => body.document(batch, document)?,
            Entry::Unread(file) => body.unread(file)?,
        }
    }
    Ok(body.end()?)
}
