//! The tables of a page as in the JSON export.

use recto_domain::Page;
use recto_layout::{Cell, Table, tables};
use serde::Serialize;
use serde_json::Value;

use crate::measure;

/// A table as in the JSON export.
#[derive(Debug, Serialize)]
pub(crate) struct TableView {
    bbox: [f64; 4],
    rows: Vec<Vec<CellView>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CellView {
    text: String,
    bbox: [f64; 4],
    header: bool,
    row_span: u32,
    col_span: u32,
}

impl TableView {
    /// The tables of a page in reading order.
    pub(crate) fn all_of(page: &Page) -> Vec<Self> {
        tables(page).into_iter().map(Self::of).collect()
    }

    fn of(table: Table) -> Self {
        let bbox = measure::bbox(&table.bbox);
        Self { bbox, rows: table.rows.into_iter().map(|row| row.into_iter().map(CellView::of).collect()).collect() }
    }
}

impl CellView {
    fn of(cell: Cell) -> Self {
        let bbox = measure::bbox(&cell.bbox);
        Self { text: cell.text, bbox, header: cell.header, row_span: cell.row_span, col_span: cell.col_span }
    }
}

/// The tables of a page as in the JSON export, for programs that show single pages.
///
/// # Panics
/// Never: numbers that JSON cannot represent are replaced by some that it can.
#[must_use]
pub fn table_values(page: &Page) -> Vec<Value> {
    let value = |table| serde_json::to_value(table).expect("a table with finite numbers makes JSON");
    TableView::all_of(page).into_iter().map(value).collect()
}
