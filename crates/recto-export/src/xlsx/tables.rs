//! The tables on the pages, one sheet per table.

use std::io::Write;

use recto_domain::{FinishedBatch, RecordId, RecordStatus};
use recto_layout::{Table, tables};

use super::cell::Cell;
use super::problems::Problem;
use super::sheet::{Column, Shape, Sheet};
use crate::error::ExportError;
use crate::files::Entry;

/// The most tables in a workbook: they are kept in memory until the sheets are written.
const MOST: usize = 100;
/// The most cells in all of them.
const MOST_CELLS: usize = 200_000;
/// The widths of columns, in characters: that of their longest cell, within this range.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=48;
/// Whole numbers with more digits lose their last digits in a spreadsheet.
const MOST_DIGITS: usize = 15;

/// A table and its position.
pub(super) struct PlacedTable {
    record_id: RecordId,
    file_name: String,
    page: u32,
    table: Table,
}

/// The tables of the documents in order, as many as a workbook holds; and a problem if there are more.
pub(super) fn placed(
    batch: &mut dyn FinishedBatch,
    entries: &[Entry],
) -> Result<(Vec<PlacedTable>, Option<Problem>), ExportError> {
    let mut placed = Vec::new();
    let mut cells = 0;
    for entry in entries {
        let Entry::Read(document) = entry else { continue };
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            for table in tables(&page) {
                cells += table.rows.len() * table.columns.len();
                if placed.len() == MOST || cells > MOST_CELLS {
                    let what = "the tables from this page on are not in this workbook; the CSV of tables has them all";
                    let (record_id, file_name) = (document.record_id, document.file_name.clone());
                    let (status, page) = (RecordStatus::Completed, Some(page.number));
                    let problem = Problem { record_id, file_name, status, page, what: what.to_owned() };
                    return Ok((placed, Some(problem)));
                }
                let (record_id, file_name) = (document.record_id, document.file_name.clone());
                placed.push(PlacedTable { record_id, file_name, page: page.number, table });
            }
        }
    }
    Ok((placed, None))
}

impl PlacedTable {
    /// The number of rows below the column headings.
    pub(super) fn row_count(&self) -> u32 {
        (self.table.rows.len() - self.header_rows()) as u32
    }

    /// At least one row is below the header, so that the rows of a table with only headings are shown as values.
    fn header_rows(&self) -> usize {
        let headers = self.table.header_rows();
        if headers < self.table.rows.len() { headers } else { 0 }
    }

    /// The file and the page, and the columns of the table, with their headings if it has any.
    pub(super) fn columns(&self) -> Vec<Column> {
        let texts = self.table.texts();
        let (names, values) = texts.split_at(self.header_rows());
        let column = |at: usize| {
            let parts: Vec<&str> = names.iter().map(|row| row[at]).filter(|name| !name.is_empty()).collect();
            let name = if parts.is_empty() { format!("column{}", at + 1) } else { parts.join(" ") };
            let longest = values.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
            let width = (longest + 2).clamp(*WIDTHS.start(), *WIDTHS.end()) as u32;
            let is_number = |row: &Vec<&str>| row[at].is_empty() || matches!(cell(row[at]), Cell::Whole(_));
            if values.iter().all(is_number) { Column::of_numbers(name, width) } else { Column::new(name, width) }
        };
        let place = [Column::new("fileName", 32), Column::of_numbers("page", 9)];
        place.into_iter().chain((0..self.table.columns.len()).map(column)).collect()
    }

    /// Writes the rows of the table below its column headings.
    pub(super) fn write(
        &self,
        columns: &[Column],
        shape: &Shape<'_>,
        out: impl Write,
    ) -> Result<Vec<String>, ExportError> {
        let mut sheet = Sheet::begin(out, columns, shape)?;
        for row in self.table.texts().iter().skip(self.header_rows()) {
            sheet.begin_row()?;
            sheet.file_name(&self.file_name, self.record_id)?;
            sheet.cell(&Cell::Whole(self.page.into()))?;
            row.iter().try_for_each(|text| sheet.cell(&cell(text)))?;
            sheet.end_row()?;
        }
        Ok(sheet.end()?)
    }
}

/// A text becomes a number only if it is unambiguous: digits without separators, which mean thousands in one country
/// and decimals in another, and without a leading zero, which codes have.
fn cell(text: &str) -> Cell {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.len() <= MOST_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(number) if is_plain && (digits == "0" || !digits.starts_with('0')) => Cell::Whole(number),
        _ if text.is_empty() => Cell::Empty,
        _ => Cell::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_nothing_else_is_a_number() {
        assert_eq!((cell("12"), cell("-7"), cell("0")), (Cell::Whole(12), Cell::Whole(-7), Cell::Whole(0)));
        for text in ["1.234", "1,5", "007", "12 %", "+4", "1234567890123456", "-"] {
            assert_eq!(cell(text), Cell::Text(text.to_owned()));
        }
        assert_eq!(cell(""), Cell::Empty);
    }
}
