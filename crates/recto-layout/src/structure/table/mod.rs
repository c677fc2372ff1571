//! The tables of a page: cells in rows and columns, with and without ruling lines.
//!
//! Three kinds of evidence are examined in turn, and each skips what an earlier one has found.
//!
//! - Where vertical and horizontal rules cross, they separate the cells ([`Evidence::Lattice`]).
//! - Horizontal rules with the same ends bound a table without other rules ([`Evidence::Bounds`]).
//! - Elsewhere, rows with the same gaps form a table if their cells are aligned and are not running text, which would
//!   be newspaper columns ([`Evidence::Words`]).
//!
//! Engines often return columns as separate blocks. Rows are therefore always assembled again from the positions of the
//! words.

mod cells;
mod columns;
mod grid;
mod headings;
mod ink;
mod judge;
mod region;
mod rows;
#[cfg(test)]
mod tests;

use recto_domain::{Page, Rect};

use super::element::{Align, Cell, Column, Table};
use super::sheet::{Sheet, TextLine, percentile};
use grid::{Evidence, Grid, Region};
use ink::{Ink, inks};
use judge::Verdict;

/// The most pairs of horizontal rules tried on a page; a page with more is a drawing or ruled paper.
const MOST_ATTEMPTS: usize = 300;
/// The most consecutive rows without a gap, such as a title within the table or the rest of a long cell.
const MOST_PLAIN_ROWS: usize = 4;

/// The tables of a page, in reading order.
#[must_use]
pub fn tables(page: &Page) -> Vec<Table> {
    let sheet = Sheet::of(page);
    let Tables { found, first_line, .. } = find(&sheet);
    let mut found: Vec<(usize, Table)> = first_line.into_iter().zip(found).collect();
    found.sort_by_key(|(line, _)| *line);
    found.into_iter().map(|(_, table)| table).collect()
}

/// The tables of a sheet, and the lines without their words.
pub(super) struct Tables {
    pub(super) found: Vec<Table>,
    /// The first line of each table in reading order.
    pub(super) first_line: Vec<usize>,
    /// The lines without the words in tables; `None` where no words are left.
    pub(super) rest: Vec<Option<TextLine>>,
}

/// The most words of a page on which tables are searched: several times as many as the densest readable page has.
const MOST_WORDS: usize = 30_000;

/// Finds the tables of a sheet.
pub(super) fn find(sheet: &Sheet) -> Tables {
    let inks = inks(sheet);
    let (free, taken) = (vec![true; inks.len()], vec![false; inks.len()]);
    let mut finder = Finder { sheet, inks: &inks, free, taken, tables: Vec::new(), first_line: Vec::new() };
    if inks.len() <= MOST_WORDS {
        finder.lattices();
        finder.bounded();
        finder.aligned();
    }
    let mut gone: Vec<Vec<usize>> = vec![Vec::new(); sheet.lines.len()];
    for (ink, _) in inks.iter().zip(&finder.taken).filter(|(_, taken)| **taken) {
        gone[ink.line].push(ink.at);
    }
    let rest = sheet.lines.iter().zip(gone).map(|(line, gone)| line.without(&gone)).collect();
    Tables { found: finder.tables, first_line: finder.first_line, rest }
}

struct Finder<'a, 'p> {
    sheet: &'a Sheet,
    inks: &'a [Ink<'p>],
    /// Which words may belong to a table that is not found yet.
    free: Vec<bool>,
    /// Which words belong to a table.
    taken: Vec<bool>,
    tables: Vec<Table>,
    first_line: Vec<usize>,
}

impl Finder<'_, '_> {
    fn lattices(&mut self) {
        let (across, down) = (&self.sheet.across, &self.sheet.down);
        for mut region in region::lattices(self.inks, across, down) {
            region.words.retain(|&at| self.free[at]);
            self.take(&region);
        }
    }

    /// Finds tables between horizontal rules. Of the rules with the same ends, the outermost pair that bounds a table
    /// is used first.
    fn bounded(&mut self) {
        let mut attempts = 0;
        for group in region::bounds(&self.sheet.across) {
            let mut first = 0;
            while first + 1 < group.len() && attempts < MOST_ATTEMPTS {
                let found = (first + 1..group.len()).rev().find(|&last| {
                    attempts += 1;
                    let (across, down) = (&self.sheet.across, &self.sheet.down);
                    let between = |above| region::between(self.inks, &self.free, above, group[last], across, down);
                    // Headings may stand between shorter rules above.
                    let higher = region::higher(group[first], across).map(between);
                    let regions = [higher, Some(between(group[first]))];
                    regions.into_iter().flatten().any(|region| self.take(&region))
                });
                first = found.unwrap_or(first + 1);
            }
        }
    }

    /// Finds tables without rules.
    fn aligned(&mut self) {
        for rows in region::parts_of_page(self.inks, &self.free, &self.sheet.down) {
            self.aligned_in(&rows, MOST_PLAIN_ROWS);
        }
    }

    /// If rows are not a table with that many rows without a gap between rows with cells, they may be several tables
    /// with fewer.
    fn aligned_in(&mut self, rows: &[ink::TextRow], most_plain: usize) {
        for run in region::runs(rows, most_plain) {
            let words: Vec<usize> = run.iter().flat_map(ink::TextRow::words).collect();
            let (across, down) = (&self.sheet.across, &self.sheet.down);
            let region = region::region(self.inks, words, Evidence::Words, None, across, down);
            if !self.take(&region) && most_plain > 0 {
                self.aligned_in(run, most_plain / 2);
            }
        }
    }

    /// Takes a region as a table if it is one; if it is a chart, excludes its words from further searches.
    fn take(&mut self, region: &Region) -> bool {
        let Some(grid) = Grid::of(self.inks, region) else { return false };
        if region.evidence == Evidence::Words && !grid.rim.is_empty() {
            let words: Vec<usize> = region.words.iter().copied().filter(|at| !grid.rim.contains(at)).collect();
            let (across, down) = (&self.sheet.across, &self.sheet.down);
            // There are fewer words in each call.
            return self.take(&region::region(self.inks, words, Evidence::Words, None, across, down));
        }
        match judge::verdict(self.inks, region, &grid) {
            Verdict::Neither => return false,
            Verdict::Chart => {}
            Verdict::Table => {
                for part in grid.side_by_side(|words| self.text(words)) {
                    let words: Vec<usize> = part.cells.iter().flat_map(|cell| cell.words.iter().copied()).collect();
                    self.first_line.push(words.iter().map(|&at| self.inks[at].line).min().unwrap_or(0));
                    self.tables.push(self.table(&part));
                    for at in words {
                        self.taken[at] = true;
                    }
                }
            }
        }
        for &at in &region.words {
            self.free[at] = false;
        }
        true
    }

    fn table(&self, grid: &Grid) -> Table {
        let place = |left: usize, right: usize, top: usize, bottom: usize| {
            self.sheet.on_page(&Rect::from_edges(grid.xs[left], grid.ys[top], grid.xs[right], grid.ys[bottom]))
        };
        let columns = grid.xs.len() - 1;
        let mut rows: Vec<Vec<Cell>> = vec![Vec::new(); grid.row_count()];
        for cell in &grid.cells {
            rows[cell.row].push(Cell {
                text: self.text(&cell.words),
                bbox: place(cell.column, cell.column + cell.column_span, cell.row, cell.row + cell.row_span),
                header: cell.header,
                row_span: cell.row_span as u32,
                col_span: cell.column_span as u32,
            });
        }
        Table {
            bbox: place(0, columns, 0, grid.row_count()),
            columns: (0..columns)
                .map(|at| Column { width: grid.xs[at + 1] - grid.xs[at], align: self.align(grid, at) })
                .collect(),
            rows,
        }
    }

    fn text(&self, words: &[usize]) -> String {
        words.iter().map(|&at| self.inks[at].word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The alignment of most cells of a column.
    fn align(&self, grid: &Grid, column: usize) -> Align {
        let own = grid.cells.iter().filter(|c| c.column == column && c.column_span == 1);
        let ink = |words: &[usize]| judge::extent(self.inks, words);
        let places: Vec<(f32, f32)> = own.filter_map(|cell| ink(&cell.words)).collect();
        // How many are aligned, and how far the others are off.
        let lined_up = |pick: fn(&(f32, f32)) -> f32| {
            let middle = percentile(places.iter().map(pick), 0.5).unwrap_or(0.0);
            let off = places.iter().map(|place| (pick(place) - middle).abs());
            let near = off.clone().filter(|off| *off < 0.8 * self.sheet.em).count();
            (near, off.sum::<f32>())
        };
        let (starts, ends) = (lined_up(|p| p.0), lined_up(|p| p.1));
        let middles = lined_up(|p| f32::midpoint(p.0, p.1));
        let slack = 0.05 * self.sheet.em * places.len() as f32;
        let is_better = |a: (usize, f32), b: (usize, f32)| a.0 > b.0 || a.0 == b.0 && a.1 + slack < b.1;
        if is_better(ends, starts) && !is_better(middles, ends) {
            Align::End
        } else if is_better(middles, starts) {
            Align::Center
        } else {
            Align::Start
        }
    }
}
