//! Office packages: the ZIP files of parts used by DOCX and XLSX (ECMA-376 part 2).
//!
//! Parts are written one after another to a writer that cannot seek. All carry the earliest time that a ZIP can hold,
//! so that the same batch gives the same bytes.

use std::io::{self, Write};

use recto_domain::BatchDetails;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::markup::Markup;

/// A package being written; data goes into the part begun last.
pub(crate) struct Package<'w> {
    zip: ZipWriter<StreamWriter<&'w mut dyn Write>>,
}

impl<'w> Package<'w> {
    pub(crate) fn new(out: &'w mut dyn Write) -> Self {
        Self { zip: ZipWriter::new_stream(out) }
    }

    /// Begins a part.
    pub(crate) fn begin(&mut self, name: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        Ok(self.zip.start_file(name, options)?)
    }

    /// Writes a part with constant content.
    pub(crate) fn fixed(&mut self, name: &str, content: &str) -> io::Result<()> {
        self.begin(name)?;
        self.zip.write_all(content.as_bytes())
    }

    /// Writes the properties that file managers show (`docProps/core.xml`).
    pub(crate) fn properties(&mut self, details: &BatchDetails) -> io::Result<()> {
        self.begin("docProps/core.xml")?;
        let at = details.completed_at.unwrap_or(details.batch.created_at).to_string();
        // The schema requires W3CDTF, and Word refuses fractions of a second.
        let at = at.split('.').next().map_or_else(|| at.clone(), |whole| format!("{whole}Z"));
        let mut xml = Markup::begin(self, Some("yes"))?;
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
        xml.close("cp:coreProperties")
    }

    /// Ends the package.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.zip.finish()?;
        Ok(())
    }
}

impl Write for Package<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.zip.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}
