//! JSON: the batch's details and every document with its pages, blocks, lines, words and tables.
//!
//! The members of a document are written one after another, and its text and pages one page at a time, so that
//! documents of any length can be streamed. [`JSON_SCHEMA`](crate::JSON_SCHEMA) describes the structure.

use std::io::{self, Write};

use recto_domain::{
    Block, BlockKind, Field, FinishedBatch, FinishedDocument, Line, Page, PageOutcome, PageSource, RecordStatus,
    Rotation, Word,
};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::ExportError;
use crate::files::UnreadFile;
use crate::flat_text::PAGE_BREAK;
use crate::measure;
use crate::table_view::TableView;

/// Writes the documents of a batch as one JSON object in UTF-8, one page per line.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    member(out, "{", "batch", batch.details())?;
    out.write_all(b",\n\"documents\":[")?;
    let documents = batch.documents().to_vec();
    for (at, document) in documents.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        write_members(batch, document, "{", "\n", out)?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

/// Writes a document as an object on one line, with its status and error first.
pub(crate) fn write_line(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    write_status(RecordStatus::Completed, None, out)?;
    write_members(batch, document, ",", "", out)
}

/// Writes a file without a document as such a line.
pub(crate) fn write_unread_line(file: &UnreadFile, out: &mut dyn Write) -> Result<(), ExportError> {
    write_status(file.status, Some(&file.reason), out)?;
    member(out, ",", "uploadId", &file.upload_id)?;
    member(out, ",", "processingHistoryId", &file.record_id)?;
    member(out, ",", "fileName", &file.file_name)?;
    member(out, ",", "mimeType", &Value::Null)?;
    member(out, ",", "pageCount", &file.pages)?;
    member(out, ",", "text", "")?;
    for name in ["fields", "fieldDetails", "confidence"] {
        member(out, ",", name, &Value::Null)?;
    }
    member::<[Value]>(out, ",", "warnings", &[])?;
    member(out, ",", "reusedFrom", &Value::Null)?;
    member::<[Value]>(out, ",", "pages", &[])?;
    out.write_all(b"}")?;
    Ok(())
}

fn write_status(status: RecordStatus, error: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    member(out, "{", "status", &status)?;
    member(out, ",", "error", &error)
}

/// Writes the members of a document after `lead`, page by page, and ends the object; `line_end` is written before each
/// page.
fn write_members(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
    lead: &str,
    line_end: &str,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    member(out, lead, "uploadId", &document.upload_id)?;
    member(out, ",", "processingHistoryId", &document.record_id)?;
    member(out, ",", "fileName", &document.file_name)?;
    member(out, ",", "mimeType", document.kind.mime_type())?;
    member(out, ",", "pageCount", &document.page_count)?;
    out.write_all(b",\"text\":\"")?;
    for index in 0..document.page_count {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        if index > 0 {
            string_part(out, PAGE_BREAK)?;
        }
        string_part(out, &page.text())?;
    }
    out.write_all(b"\"")?;
    let fields = document.fields.as_deref();
    member(out, ",", "fields", &fields.map(values))?;
    member(out, ",", "fieldDetails", &fields.map(Details))?;
    member(out, ",", "confidence", &document.confidence.map(measure::confidence))?;
    member(out, ",", "warnings", &document.warnings)?;
    member(out, ",", "reusedFrom", &document.reused_from)?;
    out.write_all(b",\"pages\":[")?;
    for index in 0..document.page_count {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        if index > 0 {
            out.write_all(b",")?;
        }
        out.write_all(line_end.as_bytes())?;
        value(out, &PageView::of(&page))?;
    }
    out.write_all(b"]}")?;
    Ok(())
}

/// The values by name, in the template's order.
fn values(fields: &[Field]) -> Map<String, Value> {
    fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect()
}

/// All details of each field, by name.
struct Details<'a>(&'a [Field]);

impl Serialize for Details<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|field| (&field.name, FieldView::of(field))))
    }
}

/// Writes `lead`, the member's name and its value.
fn member<T: Serialize + ?Sized>(out: &mut dyn Write, lead: &str, name: &str, content: &T) -> io::Result<()> {
    write!(out, "{lead}\"{name}\":")?;
    value(out, content)
}

fn value<T: Serialize + ?Sized>(out: &mut dyn Write, content: &T) -> io::Result<()> {
    Ok(serde_json::to_writer(out, content)?)
}

/// Writes part of a string; its quotes are written elsewhere.
fn string_part(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let quoted = serde_json::to_string(text)?;
    out.write_all(&quoted.as_bytes()[1..quoted.len() - 1])
}

#[derive(Serialize)]
struct FieldView<'a> {
    value: &'a Value,
    raw: Option<&'a str>,
    confidence: Option<f64>,
    page: Option<u32>,
    bbox: Option<[f64; 4]>,
    source: Option<&'a str>,
    corrected: bool,
    why: &'a [String],
}

impl<'a> FieldView<'a> {
    fn of(field: &'a Field) -> Self {
        Self {
            value: &field.value,
            raw: field.raw.as_deref(),
            confidence: field.confidence.map(measure::confidence),
            page: field.page,
            bbox: field.bbox.as_ref().map(measure::bbox),
            source: field.source.as_deref(),
            corrected: field.corrected,
            why: &field.why,
        }
    }
}

/// How much of a page [`page_value`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageDetail {
    /// Everything except blocks and tables.
    Text,
    /// Also blocks, lines and words with their boxes, and tables.
    Words,
}

/// A page as in the JSON export, for programs that show single pages.
///
/// # Panics
/// Never: numbers that JSON cannot represent are replaced by some that it can.
#[must_use]
pub fn page_value(page: &Page, detail: PageDetail) -> Value {
    let mut view = PageView::without_tables(page);
    if detail == PageDetail::Words {
        view.tables = TableView::all_of(page);
    }
    let mut value = serde_json::to_value(view).expect("a page with finite numbers makes JSON");
    if detail == PageDetail::Text
        && let Some(members) = value.as_object_mut()
    {
        members.shift_remove("blocks");
        members.shift_remove("tables");
    }
    value
}

#[derive(Serialize)]
struct PageView<'a> {
    number: u32,
    status: PageOutcome,
    error: Option<&'a str>,
    width: f64,
    height: f64,
    rotation: Rotation,
    source: Option<&'a PageSource>,
    language: Option<&'a str>,
    confidence: Option<f64>,
    text: String,
    blocks: Vec<BlockView<'a>>,
    tables: Vec<TableView>,
}

#[derive(Serialize)]
struct BlockView<'a> {
    kind: BlockKind,
    bbox: [f64; 4],
    lines: Vec<LineView<'a>>,
}

#[derive(Serialize)]
struct LineView<'a> {
    bbox: [f64; 4],
    angle: f64,
    text: String,
    confidence: f64,
    words: Vec<WordView<'a>>,
}

#[derive(Serialize)]
struct WordView<'a> {
    text: &'a str,
    bbox: [f64; 4],
    confidence: f64,
}

impl<'a> PageView<'a> {
    fn of(page: &'a Page) -> Self {
        Self { tables: TableView::all_of(page), ..Self::without_tables(page) }
    }

    fn without_tables(page: &'a Page) -> Self {
        Self {
            number: page.number,
            status: page.outcome(),
            error: page.error.as_deref(),
            width: measure::points(page.size.width),
            height: measure::points(page.size.height),
            rotation: page.rotation,
            source: page.source.as_ref(),
            language: page.language.as_deref(),
            confidence: page.confidence.map(measure::confidence),
            text: page.text(),
            blocks: page.blocks.iter().map(BlockView::of).collect(),
            tables: Vec::new(),
        }
    }
}

impl<'a> BlockView<'a> {
    fn of(block: &'a Block) -> Self {
        Self {
            kind: block.kind,
            bbox: measure::bbox(&block.bbox),
            lines: block.lines.iter().map(LineView::of).collect(),
        }
    }
}

impl<'a> LineView<'a> {
    fn of(line: &'a Line) -> Self {
        Self {
            bbox: measure::bbox(&line.bbox),
            angle: measure::degrees(line.angle),
            text: line.text(),
            confidence: measure::confidence(line.confidence()),
            words: line.words.iter().map(WordView::of).collect(),
        }
    }
}

impl<'a> WordView<'a> {
    fn of(word: &'a Word) -> Self {
        Self { text: &word.text, bbox: measure::bbox(&word.bbox), confidence: measure::confidence(word.confidence) }
    }
}
