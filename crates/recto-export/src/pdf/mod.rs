//! One searchable PDF of all documents.
//!
//! Pages of PDFs are carried over object by object and never drawn anew; pictures become pages in the compression
//! they came in. Where a page was recognised, its words lie invisibly on it. Everything is written as it is read:
//! only the places of the written objects are remembered until the end.
//!
//! A file without a document has a page that names it and says why; see [`unread`].
//!
//! It can follow a standard for archives: what of an original does not is left out or drawn; see [`archive`] and [`claim`].
//!
//! Pages can be set straight, cut in two ([`view`]) and cleaned ([`clean`]), and data made smaller ([`optimize`]).

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

/// What the parts of the export share.
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
    /// Places by name; of several with one name the first.
    names: BTreeMap<Vec<u8>, Object>,
    /// Whether the batch is a single document.
    is_alone: bool,
    /// Whether something of an original is not carried over, such as a script or a page that is damaged.
    left_out: bool,
    /// The font of notices, once there is one.
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

/// Writes it, and tells what was done to its pages and data because it was asked for.
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

/// What is worth knowing of a PDF of these documents, for a person, each on one line: digital signatures that it does
/// not keep, and what a standard changes. Refuses documents that the standard does not allow.
pub(crate) fn prepare(batch: &mut dyn FinishedBatch, options: &PdfOptions) -> Result<Vec<String>, ExportError> {
    check_drawing(batch, options)?;
    let changes = options.standard.map(|standard| check(batch, standard)).transpose()?;
    let lost = signature::lost(batch, options)?;
    let told = |name| {
        format!("{name} is digitally signed, and its signature does not hold for this PDF; keep the file itself")
    };
    let changes = changes.iter().flatten().flat_map(FileFindings::warnings);
    Ok(lost.into_iter().map(told).chain(changes).collect())
}

/// What a PDF of these documents changes of them and how large it is, as JSON. The PDF is made and thrown away.
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

/// Counts what is written.
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

/// Refuses to have pages drawn where nobody draws.
fn check_drawing(batch: &dyn FinishedBatch, options: &PdfOptions) -> Result<(), ExportError> {
    if options.rasterize && !batch.draws() { Err(UnfitOptions::Undrawn.into()) } else { Ok(()) }
}

/// What a standard changes of each PDF. Refuses those of which pages have to be drawn where nobody draws.
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

    /// Writes what all pages share, and tells what was done to them and to the data.
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
        // An original that is alone and of that standard brings what it asks for along.
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

/// What tells this file from others: made of the batch and its records.
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
