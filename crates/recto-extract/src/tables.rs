//! Which cells of the tables that recto-layout finds on a page its words stand in.

use std::collections::BTreeMap;

use recto_domain::{Page, Point, Rect};

/// A cell of a table, by what it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableCell {
    /// Index among the tables of the document.
    pub(crate) table: usize,
    pub(crate) row: usize,
    pub(crate) column: usize,
    /// How many columns it reaches over.
    pub(crate) columns: u32,
}

/// The cells of the tables of a page, each with its box on the page as it lies.
pub(crate) struct PageTables(Vec<(Rect, TableCell)>);

impl PageTables {
    /// The tables of a page; `first` is the index of the first of them.
    pub(crate) fn of(page: &Page, first: usize) -> Self {
        let mut cells = Vec::new();
        for (table, found) in (first..).zip(recto_layout::tables(page)) {
            // How many rows from the next one on are taken in a column by a cell from above.
            let mut taken: BTreeMap<usize, u32> = BTreeMap::new();
            for (row, begun) in found.rows.iter().enumerate() {
                let mut next: BTreeMap<usize, u32> = BTreeMap::new();
                let mut column = 0;
                for cell in begun {
                    while taken.contains_key(&column) {
                        column += 1;
                    }
                    let over = cell.col_span as usize;
                    cells.push((cell.bbox, TableCell { table, row, column, columns: cell.col_span }));
                    next.extend((column..column + over).map(|at| (at, cell.row_span)));
                    column += over;
                }
                next.extend(taken);
                taken = next.into_iter().filter(|(_, rows)| *rows > 1).map(|(at, rows)| (at, rows - 1)).collect();
            }
        }
        Self(cells)
    }

    /// The cell in which a point of the page lies.
    pub(crate) fn at(&self, point: Point) -> Option<TableCell> {
        self.0.iter().find(|(bbox, _)| holds(bbox, point)).map(|(_, cell)| *cell)
    }

    /// How many tables the document has so far.
    pub(crate) fn end(&self, first: usize) -> usize {
        self.0.last().map_or(first, |(_, cell)| cell.table + 1)
    }
}

fn holds(bbox: &Rect, point: Point) -> bool {
    (bbox.x..bbox.right()).contains(&point.x) && (bbox.y..bbox.bottom()).contains(&point.y)
}
