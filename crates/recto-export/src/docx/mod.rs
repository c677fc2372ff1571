//! DOCX: WordprocessingML in a zip, ECMA-376 parts 1 (sections 11 and 17) and 2, readable by Word from 2007 on.
//!
//! The parts are written one after another to a writer that cannot seek. The body is a stream of pieces; the numbering
//! of its lists, a few bytes each, is what it leaves to be written after it.

mod body;
mod numbering;
mod page_setup;

use std::io::Write;

use recto_domain::{BatchDetails, FinishedBatch};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::ExportError;
use crate::markup::Markup;
use body::Body;
use numbering::Numbering;

type Package<'w> = ZipWriter<StreamWriter<&'w mut dyn Write>>;

const CONTENT_TYPES: &str = include_str!("content_types.xml");
const PACKAGE_RELATIONSHIPS: &str = include_str!("package_relationships.xml");
const DOCUMENT_RELATIONSHIPS: &str = include_str!("document_relationships.xml");
const STYLES: &str = include_str!("styles.xml");

/// The namespace of WordprocessingML.
const W: (&str, &str) = ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main");

/// Writes the documents of a batch as one word processor's document, each in a section of its own.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut package = ZipWriter::new_stream(out);
    fixed(&mut package, "[Content_Types].xml", CONTENT_TYPES)?;
    fixed(&mut package, "_rels/.rels", PACKAGE_RELATIONSHIPS)?;
    fixed(&mut package, "word/_rels/document.xml.rels", DOCUMENT_RELATIONSHIPS)?;
    fixed(&mut package, "word/styles.xml", STYLES)?;
    begin(&mut package, "docProps/core.xml")?;
    write_properties(&mut package, batch.details())?;
    begin(&mut package, "word/document.xml")?;
    let numbering = write_document(batch, &mut package)?;
    begin(&mut package, "word/numbering.xml")?;
    numbering.write(&mut package)?;
    package.finish().map_err(std::io::Error::from)?;
    Ok(())
}

/// Begins a part. All bear the earliest time that a zip can hold, so that the same batch gives the same bytes.
fn begin(package: &mut Package<'_>, name: &str) -> Result<(), ExportError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    package.start_file(name, options).map_err(std::io::Error::from)?;
    Ok(())
}

fn fixed(package: &mut Package<'_>, name: &str, content: &str) -> Result<(), ExportError> {
    begin(package, name)?;
    package.write_all(content.as_bytes())?;
    Ok(())
}

/// The properties that a file manager shows.
fn write_properties(out: impl Write, details: &BatchDetails) -> Result<(), ExportError> {
    let at = details.completed_at.unwrap_or(details.batch.created_at).to_string();
    // The schema wants W3CDTF; Word refuses fractions of a second.
    let at = at.split('.').next().map_or_else(|| at.clone(), |whole| format!("{whole}Z"));
    let mut xml = Markup::begin(out, Some("yes"))?;
    xml.open(
        "cp:coreProperties",
        &[
            ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xmlns:dcterms", "http://purl.org/dc/terms/"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ],
    )?;
    xml.element("dc:title", &[], &details.batch.name)?;
    xml.element("dc:creator", &[], "Recto")?;
    xml.element("dcterms:created", &[("xsi:type", "dcterms:W3CDTF")], &at)?;
    xml.element("dcterms:modified", &[("xsi:type", "dcterms:W3CDTF")], &at)?;
    xml.close("cp:coreProperties")?;
    Ok(())
}

fn write_document(batch: &mut dyn FinishedBatch, out: impl Write) -> Result<Numbering, ExportError> {
    let mut body = Body::begin(out)?;
    let documents = batch.documents().to_vec();
    for document in &documents {
        body.document(batch, document)?;
    }
    Ok(body.end()?)
}
