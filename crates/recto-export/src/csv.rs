//! CSV as in RFC 4180: one row per document, for spreadsheets and scripts.
//!
//! A batch with a template has a column for each field instead of the text. Lists of objects are JSON in their cell or,
//! with [`CsvLayout::Items`], rows of a second table after an empty line.
//!
//! [`write_tables`] writes the tables on the pages instead.
//!
//! A file without a document has a row too, with its status and a note in place of its text. Field columns have no
//! place for notes, so a last column `problems` is added when there is something to report.

mod tables;

use std::io::{self, Write};

pub(crate) use tables::write_tables;

use recto_domain::{Field, FieldType, FinishedBatch, FinishedDocument, RecordStatus};
use serde_json::Value;

use crate::error::ExportError;
use crate::field_table::{self, Column, FieldTable, field_named, is_list_of_objects};
use crate::files::{Entry, UnreadFile, entries, failed_pages, failed_pages_in_words};
use crate::flat_text::{PAGE_BREAK, page_text};
use crate::formula;
use crate::measure;
use crate::notation::Notation;
use crate::options::{CsvLayout, ExportOptions};

/// Makes Excel read the file as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The columns of every document.
const HEADER: [&str; 4] = ["fileName", "status", "pages", "confidence"];
/// The last column when no document has a template.
const TEXT: &str = "text";
/// The column after the fields when a file or a page of the batch could not be read.
const PROBLEMS: &str = "problems";
/// The columns of every line item.
const ITEM_HEADER: [&str; 2] = ["fileName", "field"];

/// Writes a header and one row per file of a batch, in UTF-8 with CRLF. Text cells are written page by page.
pub(crate) fn write(
    batch: &mut dyn FinishedBatch,
    options: &ExportOptions,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let layout = options.csv_layout;
    let mut table = Table::begin(options, out)?;
    let documents = batch.documents().to_vec();
    let Some(fields) = FieldTable::of(&documents) else {
        table.row(HEADER.into_iter().chain([TEXT]))?;
        for entry in &entries(batch) {
            match entry {
                Entry::Read(document) => write_text(batch, document, &mut table)?,
                Entry::Unread(file) => {
                    write_unread(file, &mut table)?;
                    table.strangers_cell(&file.note())?;
                    table.end_row()?;
                }
            }
        }
        if layout == CsvLayout::Items {
            write_items(&documents, &[], &mut table)?;
        }
        return Ok(());
    };
    let columns = || fields.columns.iter().filter(|column| layout == CsvLayout::Documents || !column.only_items);
    let entries = entries(batch);
    let problems = problems(batch, &entries)?;
    let last = problems.is_some().then_some(PROBLEMS);
    table.row(HEADER.into_iter().chain(columns().map(|column| column.name.as_str())).chain(last))?;
    for (at, entry) in entries.iter().enumerate() {
        match entry {
            Entry::Read(document) => write_fields(document, columns(), layout, &mut table)?,
            Entry::Unread(file) => {
                write_unread(file, &mut table)?;
                columns().try_for_each(|_| table.cell(""))?;
            }
        }
        if let Some(problem) = problems.as_ref().and_then(|problems| problems.get(at)) {
            table.strangers_cell(problem)?;
        }
        table.end_row()?;
    }
    if layout == CsvLayout::Items {
        write_items(&documents, &fields.item_columns, &mut table)?;
    }
    Ok(())
}

fn write_beginning(document: &FinishedDocument, table: &mut Table<'_>) -> io::Result<()> {
    table.strangers_cell(&document.file_name)?;
    table.cell(RecordStatus::Completed.as_str())?;
    table.cell(&document.page_count.to_string())?;
    let confidence = document.confidence.map(|confidence| table.notation.number(&measure::confidence(confidence)));
    table.cell(&confidence.unwrap_or_default())
}

fn write_unread(file: &UnreadFile, table: &mut Table<'_>) -> io::Result<()> {
    table.strangers_cell(&file.file_name)?;
    table.cell(file.status.as_str())?;
    table.cell(&file.pages.map(|pages| pages.to_string()).unwrap_or_default())?;
    table.cell("")
}

/// Descriptions of what could not be read of each file; `None` when everything was read.
fn problems(batch: &mut dyn FinishedBatch, entries: &[Entry]) -> Result<Option<Vec<String>>, ExportError> {
    let mut problems = Vec::with_capacity(entries.len());
    for entry in entries {
        problems.push(match entry {
            Entry::Read(document) => failed_pages_in_words(&failed_pages(batch, document)?),
            Entry::Unread(file) => file.reason.clone(),
        });
    }
    Ok(Some(problems).filter(|problems| problems.iter().any(|problem| !problem.is_empty())))
}

fn write_fields<'a>(
    document: &FinishedDocument,
    columns: impl Iterator<Item = &'a Column>,
    layout: CsvLayout,
    table: &mut Table<'_>,
) -> io::Result<()> {
    write_beginning(document, table)?;
    for column in columns {
        match field_named(document, &column.name) {
            Some(field) if layout == CsvLayout::Documents || !is_list_of_objects(field) => {
                table.field(field)?;
            }
            _ => table.cell("")?,
        }
    }
    Ok(())
}

/// Writes the second table. It is written even without items, so that readers always find it.
fn write_items(documents: &[FinishedDocument], columns: &[String], table: &mut Table<'_>) -> io::Result<()> {
    table.end_row()?;
    table.row(ITEM_HEADER.into_iter().chain(columns.iter().map(String::as_str)))?;
    for item in field_table::items(documents) {
        table.strangers_cell(&item.document.file_name)?;
        table.strangers_cell(&item.field.name)?;
        for column in columns {
            table.value(item.members.get(column).unwrap_or(&Value::Null))?;
        }
        table.end_row()?;
    }
    Ok(())
}

fn write_text(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
    table: &mut Table<'_>,
) -> Result<(), ExportError> {
    write_beginning(document, table)?;
    table.begin_long_cell()?;
    for index in 0..document.page_count {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        let text = page_text(&page);
        if index > 0 {
            table.part(PAGE_BREAK)?;
        } else if formula::runs(&text) && (document.page_count > 1 || !formula::is_plain_number(&text)) {
            table.part("'")?;
        }
        table.part(&text)?;
    }
    table.end_long_cell()?;
    table.end_row()?;
    Ok(())
}

/// A table being written. The csv crate needs a whole cell at a time. The text of a long document is written in parts,
/// which the two quoting rules of RFC 4180 also allow.
struct Table<'w> {
    out: &'w mut dyn Write,
    delimiter: char,
    notation: Notation,
    /// Whether the row already has a cell.
    in_row: bool,
}

impl<'w> Table<'w> {
    fn begin(options: &ExportOptions, out: &'w mut dyn Write) -> io::Result<Self> {
        if options.csv_byte_order_mark {
            out.write_all(BYTE_ORDER_MARK.as_bytes())?;
        }
        let notation = Notation::of(options.date_format.as_ref(), options.locale);
        Ok(Self { out, delimiter: options.csv_delimiter.sign(), notation, in_row: false })
    }

    /// Writes a header; field names come from users.
    fn row<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        for cell in cells {
            self.strangers_cell(cell)?;
        }
        self.end_row()
    }

    /// Writes a cell, quoted only if necessary.
    fn cell(&mut self, text: &str) -> io::Result<()> {
        if text.contains(['"', self.delimiter, '\r', '\n']) {
            self.begin_long_cell()?;
            self.part(text)?;
            self.end_long_cell()
        } else {
            self.separate()?;
            self.out.write_all(text.as_bytes())
        }
    }

    /// Writes a cell with untrusted content.
    fn strangers_cell(&mut self, text: &str) -> io::Result<()> {
        self.cell(&formula::guarded(text))
    }

    /// Writes the value of a field. A text that looks like a date stays text if the template asks for text.
    fn field(&mut self, field: &Field) -> io::Result<()> {
        match (field.kind, &field.value) {
            (FieldType::String, Value::String(text)) => self.strangers_cell(text),
            (_, value) => self.value(value),
        }
    }

    fn value(&mut self, value: &Value) -> io::Result<()> {
        let text = self.notation.cell(value);
        self.strangers_cell(&text)
    }

    fn begin_long_cell(&mut self) -> io::Result<()> {
        self.separate()?;
        self.out.write_all(b"\"")
    }

    fn part(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.replace('"', "\"\"").as_bytes())
    }

    fn end_long_cell(&mut self) -> io::Result<()> {
        self.out.write_all(b"\"")
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.in_row = false;
        self.out.write_all(b"\r\n")
    }

    fn separate(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.in_row, true) { write!(self.out, "{}", self.delimiter) } else { Ok(()) }
    }
}
