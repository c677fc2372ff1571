//! ALTO 4.4 (<https://www.loc.gov/standards/alto/>): layout and text for libraries and archives.
//!
//! ALTO describes pages and has no notion of files, so all documents are in one file. Each document is a `Processing`
//! that names its file, and its pages refer to it. Lengths are in 1/1200 inch, which is the finest unit of ALTO and
//! independent of resolution. A page that could not be read is `Missing`, with the reason as detail; a page without
//! text has an empty print space. A file without a document has a `Processing` that says so, and one missing page.

use std::io::{self, Write};

use recto_domain::{Block, BlockKind, FinishedBatch, Line, Page, Rect};

use crate::error::ExportError;
use crate::files::{Entry, UnreadFile, entries};
use crate::flat_text::name_line;
use crate::markup::Markup;
use crate::measure;

const NAMESPACE: &str = "http://www.loc.gov/standards/alto/ns-v4#";
const LOCATION: &str = "http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd";
/// The tags of blocks other than running text.
const TAGS: [(&str, &str); 2] = [("heading", "Heading"), ("table", "Table")];

/// Writes the documents of a batch as one ALTO file in UTF-8.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    let entries = entries(batch);
    let mut xml = Markup::begin(out, None)?;
    xml.open(
        "alto",
        &[
            ("xmlns", NAMESPACE),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xsi:schemaLocation", LOCATION),
            ("SCHEMAVERSION", "4.4"),
        ],
    )?;
    write_description(&mut xml, &entries)?;
    xml.line_end()?;
    xml.open("Tags", &[])?;
    for (id, label) in TAGS {
        xml.empty("LayoutTag", &[("ID", id), ("LABEL", label)])?;
    }
    xml.close("Tags")?;
    xml.line_end()?;
    xml.open("Layout", &[])?;
    let mut empty = true;
    for (at, entry) in entries.iter().enumerate() {
        let document = match entry {
            Entry::Read(document) => document,
            Entry::Unread(file) => {
                xml.line_end()?;
                write_missing(&mut xml, at + 1, file)?;
                empty = false;
                continue;
            }
        };
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            xml.line_end()?;
            write_page(&mut xml, at + 1, &page)?;
            empty = false;
        }
    }
    if empty {
        // The schema requires at least one page.
        xml.empty("Page", &[("ID", "none"), ("PHYSICAL_IMG_NR", "0"), ("QUALITY", "Missing")])?;
    }
    xml.close("Layout")?;
    xml.close("alto")?;
    xml.line_end()?;
    Ok(())
}

fn write_description<W: Write>(xml: &mut Markup<W>, entries: &[Entry]) -> io::Result<()> {
    xml.line_end()?;
    xml.open("Description", &[])?;
    xml.element("MeasurementUnit", &[], "inch1200")?;
    xml.open("sourceImageInformation", &[])?;
    if let [Entry::Read(document)] = entries {
        xml.element("fileName", &[], &name_line(document))?;
    }
    for entry in entries {
        let id = match entry {
            Entry::Read(document) => document.upload_id,
            Entry::Unread(file) => file.upload_id,
        };
        xml.element("fileIdentifier", &[("fileIdentifierLocation", "Recto")], &id.to_string())?;
    }
    xml.close("sourceImageInformation")?;
    for (at, entry) in entries.iter().enumerate() {
        let (category, description) = match entry {
            Entry::Read(document) => ("contentGeneration", format!("Text of {}", name_line(document))),
            Entry::Unread(file) => ("other", format!("No text of {} {}", file.name_line(), file.note())),
        };
        xml.line_end()?;
        xml.open("Processing", &[("ID", &document_id(at + 1))])?;
        xml.element("processingCategory", &[], category)?;
        xml.element("processingStepDescription", &[], &description)?;
        xml.open("processingSoftware", &[])?;
        xml.element("softwareName", &[], "Recto")?;
        xml.element("softwareVersion", &[], env!("CARGO_PKG_VERSION"))?;
        xml.close("processingSoftware")?;
        xml.close("Processing")?;
    }
    xml.close("Description")
}

fn document_id(document: usize) -> String {
    format!("document_{document}")
}

/// Writes the placeholder page for a file without a document.
fn write_missing<W: Write>(xml: &mut Markup<W>, document: usize, file: &UnreadFile) -> io::Result<()> {
    let (id, processing) = (format!("page_{document}_0"), document_id(document));
    let detail = format!("{}: {}", file.status_words(), file.reason);
    xml.empty(
        "Page",
        &[
            ("ID", id.as_str()),
            ("PROCESSINGREFS", &processing),
            ("PHYSICAL_IMG_NR", "0"),
            ("QUALITY", "Missing"),
            ("QUALITY_DETAIL", &detail),
        ],
    )
}

fn write_page<W: Write>(xml: &mut Markup<W>, document: usize, page: &Page) -> io::Result<()> {
    let id = format!("page_{document}_{}", page.number);
    let (width, height) = (inches1200(page.size.width).to_string(), inches1200(page.size.height).to_string());
    let (number, processing) = (page.number.to_string(), document_id(document));
    let confidence = page.confidence.map(|confidence| measure::confidence(confidence).to_string());
    let detail = page.error.as_ref().map(|error| format!("could not be read: {error}"));
    let mut attributes = vec![
        ("ID", id.as_str()),
        ("PROCESSINGREFS", &processing),
        ("WIDTH", &width),
        ("HEIGHT", &height),
        ("PHYSICAL_IMG_NR", &number),
    ];
    if let Some(detail) = &detail {
        attributes.extend([("QUALITY", "Missing"), ("QUALITY_DETAIL", detail)]);
        return xml.empty("Page", &attributes);
    }
    attributes.extend(confidence.as_deref().map(|confidence| ("PC", confidence)));
    // The languages are in order of preference, as in `eng+deu`.
    let languages: Vec<&str> = page.language.iter().flat_map(|l| l.split('+')).filter(|l| is_language(l)).collect();
    let others = languages.iter().skip(1).copied().collect::<Vec<_>>().join(" ");
    attributes.extend(languages.first().map(|language| ("LANG", *language)));
    if !others.is_empty() {
        attributes.push(("OTHERLANGS", &others));
    }
    xml.open("Page", &attributes)?;
    let space = [("HPOS", "0"), ("VPOS", "0"), ("WIDTH", width.as_str()), ("HEIGHT", &height)];
    xml.open("PrintSpace", &space)?;
    for (at, block) in page.blocks.iter().enumerate() {
        xml.line_end()?;
        write_block(xml, &format!("{document}_{}_{}", page.number, at + 1), block)?;
    }
    xml.close("PrintSpace")?;
    xml.close("Page")
}

/// Whether a text is a language as `xs:language` defines it; the names of some engines' models are not.
fn is_language(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn write_block<W: Write>(xml: &mut Markup<W>, number: &str, block: &Block) -> io::Result<()> {
    let id = format!("block_{number}");
    let place = AltoBox::of(&block.bbox);
    let mut attributes = vec![("ID", id.as_str())];
    match block.kind {
        BlockKind::Paragraph => {}
        BlockKind::Heading => attributes.push(("TAGREFS", TAGS[0].0)),
        BlockKind::Table => attributes.push(("TAGREFS", TAGS[1].0)),
    }
    attributes.extend(place.attributes());
    xml.open("TextBlock", &attributes)?;
    for (at, line) in block.lines.iter().enumerate() {
        xml.line_end()?;
        write_line(xml, &format!("line_{number}_{}", at + 1), line)?;
    }
    xml.close("TextBlock")
}

fn write_line<W: Write>(xml: &mut Markup<W>, id: &str, line: &Line) -> io::Result<()> {
    let place = AltoBox::of(&line.bbox);
    let attributes = [[("ID", id)].as_slice(), &place.attributes()].concat();
    xml.open("TextLine", &attributes)?;
    for (at, word) in line.words.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).and_then(|at| line.words.get(at)) {
            // From the end of one word to the beginning of the next, whichever of them is at the left.
            let left = before.bbox.right().min(word.bbox.right());
            let gap = Rect { x: left, width: (word.bbox.x.max(before.bbox.x) - left).max(0.0), ..word.bbox };
            let place = AltoBox::of(&gap);
            xml.empty("SP", &[("HPOS", &place.left), ("VPOS", &place.top), ("WIDTH", &place.width)])?;
        }
        let place = AltoBox::of(&word.bbox);
        let confidence = measure::confidence(word.confidence).to_string();
        let content = [("CONTENT", word.text.as_str()), ("WC", &confidence)];
        xml.empty("String", &[place.attributes().as_slice(), &content].concat())?;
    }
    xml.close("TextLine")
}

/// A box as attributes.
struct AltoBox {
    left: String,
    top: String,
    width: String,
    height: String,
}

impl AltoBox {
    fn of(rect: &Rect) -> Self {
        let [left, top, width, height] =
            [rect.x, rect.y, rect.width, rect.height].map(|length| inches1200(length).to_string());
        Self { left, top, width, height }
    }

    fn attributes(&self) -> [(&str, &str); 4] {
        [("HPOS", &self.left), ("VPOS", &self.top), ("WIDTH", &self.width), ("HEIGHT", &self.height)]
    }
}

/// Converts points to 1/1200 inch.
fn inches1200(points: f32) -> i64 {
    // NaN becomes zero.
    (f64::from(points) * 1200.0 / 72.0).round() as i64
}
