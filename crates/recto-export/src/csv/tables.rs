//! The tables of all pages in one CSV: one row per table row, preceded by its file, page and table number.
//!
//! All rows have as many columns as the widest table, so that programs can read them as one table. The text of a cell
//! that spans rows or columns is in its first place.

use std::io::Write;

use recto_domain::FinishedBatch;
use recto_layout::tables;

use super::Table;
use crate::error::ExportError;
use crate::files::{Entry, entries};
use crate::flat_text::failure_note;
use crate::options::ExportOptions;

/// The columns before those of the tables: the position of a row, and its kind.
const HEADER: [&str; 5] = ["fileName", "page", "table", "row", "kind"];
/// The kinds of rows: column headings, values, or the reason why there are none.
const NAMES: &str = "header";
const VALUES: &str = "body";
const PROBLEM: &str = "problem";

/// Writes the tables of all documents of a batch, in UTF-8 with CRLF. Files and pages that could not be read have a row
/// with the reason.
pub(crate) fn write_tables(
    batch: &mut dyn FinishedBatch,
    options: &ExportOptions,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let width = widest(batch)?.max(1);
    let mut table = Table::begin(options, out)?;
    let names: Vec<String> = (1..=width).map(|number| format!("column{number}")).collect();
    table.row(HEADER.into_iter().chain(names.iter().map(String::as_str)))?;
    let mut row = |place: [&str; 5], cells: &[&str]| {
        place.iter().try_for_each(|cell| table.strangers_cell(cell))?;
        (0..width).try_for_each(|at| table.strangers_cell(cells.get(at).copied().unwrap_or_default()))?;
        table.end_row()
    };
    for entry in &entries(batch) {
        let document = match entry {
            Entry::Read(document) => document,
            Entry::Unread(file) => {
                row([&file.file_name, "", "", "", PROBLEM], &[&file.note()])?;
                continue;
            }
        };
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            let page_number = page.number.to_string();
            if let Some(note) = failure_note(&page) {
                row([&document.file_name, &page_number, "", "", PROBLEM], &[&note])?;
            }
            for (found, number) in tables(&page).iter().zip(1..) {
                let number = i32::to_string(&number);
                for (at, cells) in found.texts().iter().enumerate() {
                    let kind = if at < found.header_rows() { NAMES } else { VALUES };
                    row([&document.file_name, &page_number, &number, &(at + 1).to_string(), kind], cells)?;
                }
            }
        }
    }
    Ok(())
}

/// The number of columns of the widest table.
fn widest(batch: &mut dyn FinishedBatch) -> Result<usize, ExportError> {
    let mut widest = 0;
    for document in batch.documents().to_vec() {
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            widest = tables(&page).iter().map(|table| table.columns.len()).fold(widest, usize::max);
        }
    }
    Ok(widest)
}
