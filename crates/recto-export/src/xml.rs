//! XML: the same content as the JSON export, with an element for each member that is not null.
//!
//! Values that programs count or look up are attributes; texts are elements. [`XML_SCHEMA`](crate::XML_SCHEMA)
//! describes the structure.

use std::io::{self, Write};

use recto_domain::{
    BatchDetails, BatchFile, Block, BlockKind, Field, FinishedBatch, FinishedDocument, Line, Page, PageOutcome, Rect,
};
use recto_layout::{Table, tables};
use serde_json::Value;

use crate::error::ExportError;
use crate::markup::Markup;
use crate::measure;

/// Separates two pages in the text of a document: XML 1.0 has no form feed.
const PAGE_BREAK: &str = "\n\n";

/// Writes the documents of a batch as one XML document in UTF-8.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut xml = Markup::begin(out, None)?;
    xml.open("export", &[])?;
    write_details(&mut xml, batch.details())?;
    xml.line_end()?;
    xml.open("documents", &[])?;
    let documents = batch.documents().to_vec();
    for document in &documents {
        xml.line_end()?;
        write_document(batch, document, &mut xml)?;
    }
    xml.close("documents")?;
    xml.close("export")?;
    xml.line_end()?;
    Ok(())
}

fn write_details<W: Write>(xml: &mut Markup<W>, details: &BatchDetails) -> Result<(), ExportError> {
    let batch = &details.batch;
    xml.open("batch", &[])?;
    leaf(xml, "id", &batch.id)?;
    leaf(xml, "name", &batch.name)?;
    leaf(xml, "projectId", &batch.project_id)?;
    leaf(xml, "organizationId", &batch.organization_id)?;
    leaf(xml, "userId", &batch.user_id)?;
    optional(xml, "templateId", batch.template_id.as_ref())?;
    optional(xml, "templateName", batch.template_name.as_ref())?;
    leaf(xml, "totalFiles", &batch.total_files)?;
    leaf(xml, "completedFiles", &batch.completed_files)?;
    leaf(xml, "failedFiles", &batch.failed_files)?;
    leaf(xml, "status", &batch.status)?;
    leaf(xml, "progress", &batch.progress)?;
    leaf(xml, "createdAt", &batch.created_at)?;
    leaf(xml, "updatedAt", &batch.updated_at)?;
    list(xml, "uploadIds", "uploadId", &details.upload_ids)?;
    list(xml, "processingHistoryIds", "processingHistoryId", &details.processing_history_ids)?;
    optional(xml, "metadata", details.metadata.as_ref())?;
    xml.open("files", &[])?;
    for file in &details.files {
        write_file(xml, file)?;
    }
    xml.close("files")?;
    leaf(xml, "totalPages", &details.total_pages)?;
    leaf(xml, "completedPages", &details.completed_pages)?;
    leaf(xml, "failedPages", &details.failed_pages)?;
    optional(xml, "etaSeconds", details.eta_seconds.as_ref())?;
    optional(xml, "waitingUntil", details.waiting_until.as_ref())?;
    optional(xml, "startedAt", details.started_at.as_ref())?;
    optional(xml, "completedAt", details.completed_at.as_ref())?;
    xml.close("batch")?;
    Ok(())
}

fn write_file<W: Write>(xml: &mut Markup<W>, file: &BatchFile) -> io::Result<()> {
    xml.open("file", &[])?;
    leaf(xml, "uploadId", &file.upload_id)?;
    leaf(xml, "processingHistoryId", &file.processing_history_id)?;
    leaf(xml, "fileName", &file.file_name)?;
    leaf(xml, "status", &file.status)?;
    optional(xml, "pages", file.pages.as_ref())?;
    leaf(xml, "pagesDone", &file.pages_done)?;
    leaf(xml, "pagesFailed", &file.pages_failed)?;
    optional(xml, "error", file.error.as_ref())?;
    list(xml, "warnings", "warning", &file.warnings)?;
    xml.close("file")
}

fn write_document<W: Write>(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
    xml: &mut Markup<W>,
) -> Result<(), ExportError> {
    xml.open("document", &[])?;
    leaf(xml, "uploadId", &document.upload_id)?;
    leaf(xml, "processingHistoryId", &document.record_id)?;
    leaf(xml, "fileName", &document.file_name)?;
    leaf(xml, "mimeType", document.kind.mime_type())?;
    leaf(xml, "pageCount", &document.page_count)?;
    xml.open("text", &[])?;
    for index in 0..document.page_count {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        if index > 0 {
            xml.text(PAGE_BREAK)?;
        }
        xml.text(&page.text())?;
    }
    xml.close("text")?;
    if let Some(fields) = &document.fields {
        xml.open("fields", &[])?;
        for field in fields {
            write_field(xml, field)?;
        }
        xml.close("fields")?;
    }
    optional(xml, "confidence", document.confidence.map(measure::confidence).as_ref())?;
    list(xml, "warnings", "warning", &document.warnings)?;
    optional(xml, "reusedFrom", document.reused_from.as_ref())?;
    xml.open("pages", &[])?;
    for index in 0..document.page_count {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        xml.line_end()?;
        write_page(xml, &page)?;
    }
    xml.close("pages")?;
    xml.close("document")?;
    Ok(())
}

fn write_field<W: Write>(xml: &mut Markup<W>, field: &Field) -> io::Result<()> {
    let (page, place) = (field.page.map(|page| page.to_string()), field.bbox.as_ref().map(bbox));
    let confidence = field.confidence.map(|confidence| measure::confidence(confidence).to_string());
    let kind = field.kind.to_string();
    let corrected = field.corrected.to_string();
    let all = [
        ("name", Some(&field.name)),
        ("type", Some(&kind)),
        ("corrected", Some(&corrected)),
        ("confidence", confidence.as_ref()),
        ("page", page.as_ref()),
        ("bbox", place.as_ref()),
        ("source", field.source.as_ref()),
    ];
    let known: Vec<_> = all.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?.as_str()))).collect();
    xml.open("field", &known)?;
    if !field.value.is_null() {
        write_value(xml, ("value", None), &field.value)?;
    }
    optional(xml, "raw", field.raw.as_ref())?;
    xml.close("field")
}

/// Writes a value as an element, which may have a name; lists and objects have one element per part.
fn write_value<W: Write>(xml: &mut Markup<W>, element: (&str, Option<&str>), value: &Value) -> io::Result<()> {
    let (element, name) = element;
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let named: Vec<_> = name.map(|name| ("name", name)).into_iter().chain([("kind", kind)]).collect();
    xml.open(element, &named)?;
    match value {
        Value::Null => {}
        Value::Array(list) => list.iter().try_for_each(|item| write_value(xml, ("item", None), item))?,
        Value::Object(members) => {
            members.iter().try_for_each(|(name, member)| write_value(xml, ("member", Some(name)), member))?;
        }
        Value::String(text) => xml.text(text)?,
        scalar => xml.text(&scalar.to_string())?,
    }
    xml.close(element)
}

fn write_page<W: Write>(xml: &mut Markup<W>, page: &Page) -> io::Result<()> {
    let status = match page.outcome() {
        PageOutcome::Read => "read",
        PageOutcome::NoText => "no_text",
        PageOutcome::Failed => "failed",
    };
    xml.open(
        "page",
        &[
            ("number", &page.number.to_string()),
            ("status", status),
            ("width", &measure::points(page.size.width).to_string()),
            ("height", &measure::points(page.size.height).to_string()),
            ("rotation", &page.rotation.degrees().to_string()),
        ],
    )?;
    optional(xml, "error", page.error.as_ref())?;
    optional(xml, "source", page.source.clone().map(String::from).as_ref())?;
    optional(xml, "language", page.language.as_ref())?;
    optional(xml, "confidence", page.confidence.map(measure::confidence).as_ref())?;
    leaf(xml, "text", &page.text())?;
    xml.open("blocks", &[])?;
    for block in &page.blocks {
        write_block(xml, block)?;
    }
    xml.close("blocks")?;
    xml.open("tables", &[])?;
    for table in &tables(page) {
        write_table(xml, table)?;
    }
    xml.close("tables")?;
    xml.close("page")
}

fn write_table<W: Write>(xml: &mut Markup<W>, table: &Table) -> io::Result<()> {
    xml.open("table", &[("bbox", &bbox(&table.bbox))])?;
    for row in &table.rows {
        xml.open("row", &[])?;
        for cell in row {
            let attributes = [
                ("bbox", bbox(&cell.bbox)),
                ("header", cell.header.to_string()),
                ("rowSpan", cell.row_span.to_string()),
                ("colSpan", cell.col_span.to_string()),
            ];
            let attributes = attributes.each_ref().map(|(name, value)| (*name, value.as_str()));
            xml.element("cell", &attributes, &cell.text)?;
        }
        xml.close("row")?;
    }
    xml.close("table")
}

fn write_block<W: Write>(xml: &mut Markup<W>, block: &Block) -> io::Result<()> {
    let kind = match block.kind {
        BlockKind::Paragraph => "paragraph",
        BlockKind::Heading => "heading",
        BlockKind::Table => "table",
    };
    xml.open("block", &[("kind", kind), ("bbox", &bbox(&block.bbox))])?;
    for line in &block.lines {
        write_line(xml, line)?;
    }
    xml.close("block")
}

fn write_line<W: Write>(xml: &mut Markup<W>, line: &Line) -> io::Result<()> {
    let angle = measure::degrees(line.angle).to_string();
    let confidence = measure::confidence(line.confidence()).to_string();
    xml.open("line", &[("bbox", &bbox(&line.bbox)), ("angle", &angle), ("confidence", &confidence)])?;
    xml.element("text", &[], &line.text())?;
    for word in &line.words {
        let confidence = measure::confidence(word.confidence).to_string();
        xml.element("word", &[("bbox", &bbox(&word.bbox)), ("confidence", &confidence)], &word.text)?;
    }
    xml.close("line")
}

/// The four numbers separated by spaces.
fn bbox(rect: &Rect) -> String {
    measure::bbox(rect).map(|number| number.to_string()).join(" ")
}

fn leaf<W: Write, T: ToString + ?Sized>(xml: &mut Markup<W>, name: &str, content: &T) -> io::Result<()> {
    xml.element(name, &[], &content.to_string())
}

/// Writes an element, unless the content is null.
fn optional<W: Write, T: ToString>(xml: &mut Markup<W>, name: &str, content: Option<&T>) -> io::Result<()> {
    content.map_or(Ok(()), |content| leaf(xml, name, content))
}

fn list<W: Write, T: ToString>(xml: &mut Markup<W>, name: &str, item: &str, contents: &[T]) -> io::Result<()> {
    xml.open(name, &[])?;
    for content in contents {
        leaf(xml, item, content)?;
    }
    xml.close(name)
}
