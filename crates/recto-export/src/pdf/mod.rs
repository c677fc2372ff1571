//! One searchable PDF of all documents.
//!
//! Pages of PDFs are carried over object by object and not drawn again; pictures become pages in their original
//! compression. If a page was recognised, its words are laid on it invisibly. Everything is written while it is read;
//! only the offsets of the written objects are kept until the end.
//!
//! A file without a document gets a page with its name and the reason; see [`unread`].
//!
//! The export can follow an archival standard: content of an original that does not is left out or drawn; see
//! [`archive`] and [`claim`].
//!
//! Pages can be straightened, split in two ([`view`]) and cleaned ([`clean`]), and data can be reduced ([`optimize`]).

mod actions;
mod archive;
mod attachments;
mod carried_page;
mod claim;
mod clean;
mod contents;
mod copy;
mod destinations;
mod document;
mod drawn_page;
mod failure;
mod font;
mod form;
mod hidden_text;
mod labels;
mod matrix;
mod notice;
mod object;
mod optimize;
mod outline;
mod pages;
mod picture;
mod properties;
mod report;
mod samples;
mod signature;
mod source;
mod srgb;
mod tags;
mod text;
mod treated;
mod tree;
mod unread;
mod view;
mod writer;

use std::collections::BTreeMap;
use std::io::{self, Write};

use recto_domain::{BatchDetails, FinishedBatch};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::ExportError;
use crate::files::{Entry, entries};
use crate::options::{PdfOptions, PdfStandard, UnfitOptions};
use archive::FileFindings;
use attachments::Attachments;
use claim::Claim;
use font::InvisibleFont;
use form::{Forms, Layers};
use labels::PageLabels;
use object::{Dictionary, Object, Reference};
use outline::Outline;
use pages::PageTree;
use properties::Properties;
use tags::Tags;
use treated::Treated;
use writer::Writer;

/// Who wrote the file.
const PRODUCER: &str = concat!("Recto ", env!("CARGO_PKG_VERSION"));

/// The state shared by the parts of the export.
struct Export<'a> {
    options: PdfOptions,
    writer: Writer<'a>,
    pages: PageTree,
    outline: Outline,
    font: InvisibleFont,
    forms: Forms,
    layers: Layers,
    attachments: Attachments,
    labels: PageLabels,
    tags: Tags,
    properties: Properties,
    /// Named destinations; if several have the same name, the first.
    names: BTreeMap<Vec<u8>, Object>,
    /// Whether the batch is a single document.
    is_alone: bool,
    /// Whether something of an original is not carried over, such as a script or a damaged page.
    left_out: bool,
    /// The font of notices, once it exists.
    notice_font: Option<Reference>,
    treated: Treated,
}

/// Writes the documents of a batch as one searchable PDF.
pub(crate) fn write(
    batch: &mut dyn FinishedBatch,
    options: &PdfOptions,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    written(batch, options, out).map(|_| ())
}

/// Writes the PDF, and returns what was done to its pages and data on request.
fn written(
    batch: &mut dyn FinishedBatch,
    options: &PdfOptions,
    out: &mut dyn Write,
) -> Result<(Treated, Value), ExportError> {
    check_drawing(batch, options)?;
    if let Some(standard) = options.standard.filter(|_| !batch.draws()) {
        check(batch, standard)?;
    }
    if !options.changes_pages()
        && let Some(mut signed) = signature::intact(batch)?
    {
        io::copy(&mut signed, out)?;
        return Ok((Treated::default(), Value::Null));
    }
    let mut export = Export::new(batch, options, out)?;
    for entry in &entries(batch) {
        match entry {
            Entry::Read(document) => export.document(batch, document)?,
            Entry::Unread(file) => export.unread(file)?,
        }
    }
    export.finish(batch)
}

/// Warnings about a PDF of these documents, worded for a person, each on one line: digital signatures that it does not
/// keep, and changes because of a standard. Refuses documents that the standard does not allow.
pub(crate) fn prepare(batch: &mut dyn FinishedBatch, options: &PdfOptions) -> Result<Vec<String>, ExportError> {
    check_drawing(batch, options)?;
    let changes = options.standard.map(|standard| check(batch, standard)).transpose()?;
    let lost = signature::lost(batch, options)?;
    let told = |name| {
        format!("{name} is digitally signed, but its signature is not valid for this PDF; keep the original file")
    };
    let changes = changes.iter().flatten().flat_map(FileFindings::warnings);
    Ok(lost.into_iter().map(told).chain(changes).collect())
}

/// Reports as JSON what a PDF of these documents changes in them, and its size. The PDF is generated and discarded.
pub(crate) fn report(
    batch: &mut dyn FinishedBatch,
    options: &PdfOptions,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let findings = options.standard.map(|standard| check(batch, standard)).transpose()?.unwrap_or_default();
    let mut counted = Counted::default();
    let (treated, optimized) = written(batch, options, &mut counted)?;
    let mut sent = 0;
    for document in batch.documents().to_vec() {
        let original = batch.original(document.record_id).map_err(ExportError::Source)?;
        sent += original.metadata()?.len();
    }
    let report = json!({
        "standard": options.standard.map(PdfStandard::name),
        "bytesSent": sent,
        "bytesExported": counted.bytes,
        "optimized": optimized,
        "files": report::files(findings, &treated),
    });
    serde_json::to_writer_pretty(&mut *out, &report).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

/// Counts the written bytes.
#[derive(Default)]
struct Counted {
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Refuses options that need drawing if it is not available.
fn check_drawing(batch: &dyn FinishedBatch, options: &PdfOptions) -> Result<(), ExportError> {
    if options.rasterize && !batch.draws() { Err(UnfitOptions::Undrawn.into()) } else { Ok(()) }
}

/// The changes of each PDF because of a standard. Refuses PDFs whose pages must be drawn if drawing is not available.
fn check(batch: &mut dyn FinishedBatch, standard: PdfStandard) -> Result<Vec<FileFindings>, ExportError> {
    let findings = archive::findings_by_file(batch, standard)?;
    if !batch.draws()
        && let Some((file_name, reason)) = findings.iter().find_map(FileFindings::first_reason)
    {
        return Err(UnfitOptions::CarriedPages { standard, file_name, reason }.into());
    }
    Ok(findings)
}

impl<'a> Export<'a> {
    fn new(batch: &dyn FinishedBatch, options: &PdfOptions, out: &'a mut dyn Write) -> Result<Self, ExportError> {
        let mut writer = Writer::new(out, options.optimize)?;
        if options.standard.is_some() {
            let inks = archive::ink_space(&mut writer)?;
            writer.use_inks(inks);
        }
        let pages = PageTree::new(&mut writer);
        Ok(Self {
            options: options.clone(),
            writer,
            pages,
            outline: Outline::default(),
            font: InvisibleFont::new(),
            forms: Forms::default(),
            layers: Layers::default(),
            attachments: Attachments::default(),
            labels: PageLabels::default(),
            tags: Tags::default(),
            properties: Properties::default(),
            names: BTreeMap::new(),
            is_alone: entries(batch).len() == 1,
            left_out: false,
            notice_font: None,
            treated: Treated::default(),
        })
    }

    /// Writes what all pages share, and returns what was done to them and to the data.
    fn finish(self, batch: &dyn FinishedBatch) -> Result<(Treated, Value), ExportError> {
        let Self { mut writer, properties, treated, .. } = self;
        let mut catalog = Dictionary::new().with("Type", Object::name("Catalog")).with("Pages", self.pages.root());
        self.pages.finish(&mut writer)?;
        self.font.finish(&mut writer)?;
        if let Some(outline) = self.outline.finish(&mut writer)? {
            catalog = catalog.with("Outlines", outline).with("PageMode", Object::name("UseOutlines"));
        }
        catalog = properties.complete(catalog);
        if let Some(form) = self.forms.finish(self.options.standard) {
            catalog.set("AcroForm", form);
        }
        if let Some(layers) = self.layers.finish() {
            catalog.set("OCProperties", layers);
        }
        if let Some(labels) = self.labels.finish(&mut writer)? {
            catalog.set("PageLabels", labels);
        }
        let mut names = Dictionary::new();
        if let Some(files) = self.attachments.finish(&mut catalog, &mut writer)? {
            names.set("EmbeddedFiles", files);
        }
        if let Some(places) = tree::names(self.names, &mut writer)? {
            names.set("Dests", places);
        }
        if !names.is_empty() {
            catalog.set("Names", names);
        }
        self.tags.finish(&mut catalog, &mut writer)?;
        // A single original that follows the standard already has the required entries.
        if let Some(standard) = self.options.standard.filter(|_| !properties.are_taken) {
            let claim = Claim::of(standard);
            catalog = archive::complete(catalog, claim, &properties.information, batch.details(), &mut writer)?;
        }
        let catalog = writer.add(catalog)?;
        let mut information = information(batch.details());
        for (key, value) in properties.information.iter() {
            information.insert(key.clone(), value.clone());
        }
        let info = writer.add(information)?;
        let id = Object::String(identifier(batch));
        let trailer = Dictionary::new().with("Root", catalog).with("Info", info).with("ID", vec![id.clone(), id]);
        let optimized = writer.finish(trailer)?.value();
        Ok((treated, optimized))
    }
}

/// The document information dictionary (ISO 32000-1, section 14.3.3). Its time is the batch's, so that the same batch
/// gives the same bytes.
fn information(details: &BatchDetails) -> Dictionary {
    let time = details.completed_at.unwrap_or(details.batch.updated_at).to_string();
    let digits: String = time.chars().filter(char::is_ascii_digit).take(14).collect();
    let date = Object::text(&format!("D:{digits}Z"));
    Dictionary::new()
        .with("Title", Object::text(&details.batch.name))
        .with("Producer", Object::text(PRODUCER))
        .with("CreationDate", date.clone())
        .with("ModDate", date)
}

/// The identifier of this file, derived from the batch and its records.
fn identifier(batch: &dyn FinishedBatch) -> Vec<u8> {
    let details = batch.details();
    let mut hash = Sha256::new();
    hash.update(details.batch.id.to_string());
    hash.update(details.batch.updated_at.to_string());
    for document in batch.documents() {
        hash.update(document.record_id.to_string());
    }
    hash.finalize()[..16].to_vec()
}
