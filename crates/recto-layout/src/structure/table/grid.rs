//! The cells of a potential table: words in rows and columns.

use super::columns::{MOST_COLUMNS, gutters};
use super::ink::{Gap, Ink, Segment, TextRow, text_rows};
use super::rows;
use crate::rules::Stretch;
use crate::structure::list::Marker;

/// Rules closer than this, in points, are one line of the grid.
const NEAR: f32 = 4.0;
/// A rule belongs to a side of a cell when it covers this share of it.
const ALONG: f32 = 0.5;
/// A column whose cells are separated by rules has at least one in this many of the table's rules.
const OWN_RULES: usize = 6;
/// The share of rows that must have a gap for a further division of a column between rules.
const PARTED: f32 = 0.5;

/// The most places (rows times columns) of a grid. No readable page has a larger table, and the cost of processing a
/// grid grows faster than its size.
const MOST_PLACES: usize = 20_000;

/// The evidence that a part of a page is a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Crossing rules.
    Lattice,
    /// Horizontal rules above and below.
    Bounds,
    /// Only the positions of words.
    Words,
}

/// A part of a page that may be a table.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) words: Vec<usize>,
    pub(super) evidence: Evidence,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
    /// The vertical rules in it.
    pub(super) down: Vec<Stretch>,
    /// The horizontal rules in it.
    pub(super) across: Vec<Stretch>,
}

/// A cell of a grid.
#[derive(Debug, Clone)]
pub(super) struct GridCell {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) row_span: usize,
    pub(super) column_span: usize,
    /// The words in reading order.
    pub(super) words: Vec<usize>,
    pub(super) header: bool,
}

/// Words assigned to cells. Cells do not overlap, and they cover all places.
#[derive(Debug)]
pub(super) struct Grid {
    /// The x coordinates of the column edges, one more than there are columns.
    pub(super) xs: Vec<f32>,
    /// The y coordinates of the row edges, one more than there are rows.
    pub(super) ys: Vec<f32>,
    pub(super) cells: Vec<GridCell>,
    /// The number of text rows that were assigned to rows of the grid.
    pub(super) text_rows: usize,
    /// The number of rows whose words cross columns without being headings.
    pub(super) crossing: usize,
    /// The number of rows of running text.
    pub(super) prose: usize,
    /// Whether a row of running text is among the headings: a caption.
    pub(super) has_caption: bool,
    /// The words of captions and notes at the edge.
    pub(super) rim: Vec<usize>,
    /// Whether rules separate all columns and nearly all rows.
    pub(super) is_ruled: bool,
}

/// The columns of a table.
pub(super) struct Columns {
    pub(super) xs: Vec<f32>,
    /// For each inner column edge, whether it is a rule.
    pub(super) ruled: Vec<bool>,
    /// The extent of the words of each column.
    pub(super) ink: Vec<(f32, f32)>,
}

impl Columns {
    pub(super) fn count(&self) -> usize {
        self.xs.len() - 1
    }

    pub(super) fn at(&self, x: f32) -> usize {
        self.xs[1..self.count()].partition_point(|edge| *edge <= x)
    }

    /// The columns that a segment occupies.
    pub(super) fn of(&self, segment: &Segment, em: f32) -> (usize, usize) {
        let margin = (0.35 * em).min(segment.width() / 2.0);
        (self.at(segment.start + margin), self.at(segment.end - margin))
    }

    fn find(region: &Region, rows: &[TextRow]) -> Self {
        let inner = |x: &f32| *x > region.left + NEAR && *x < region.right - NEAR;
        let ruled: Vec<f32> = clusters(region.down.iter().map(|s| s.at)).into_iter().filter(inner).collect();
        let mut xs = vec![region.left];
        let mut kinds = Vec::new();
        let all: Vec<&TextRow> = rows.iter().collect();
        for (at, &end) in ruled.iter().chain([&region.right]).enumerate() {
            let start = if at == 0 { f32::MIN } else { ruled[at - 1] - 1.0 };
            let until = if at == ruled.len() { f32::MAX } else { end + 1.0 };
            let found = gutters(&all, start, until);
            let found = if ruled.is_empty() { found } else { supported(&all, start, until, found) };
            kinds.extend(found.iter().map(|_| false));
            xs.extend(found);
            xs.push(end);
            kinds.push(true);
        }
        kinds.pop();
        let mut columns = Self { ink: vec![(f32::MAX, f32::MIN); xs.len() - 1], xs, ruled: kinds };
        for row in rows {
            for segment in &row.segments {
                let (first, last) = columns.of(segment, row.em);
                if first == last {
                    let ink = &mut columns.ink[first];
                    *ink = (ink.0.min(segment.start), ink.1.max(segment.end));
                }
            }
        }
        columns
    }
}

/// The gutters between two rules that most rows confirm.
fn supported(rows: &[&TextRow], from: f32, to: f32, found: Vec<f32>) -> Vec<f32> {
    let inside = |row: &&&TextRow| row.segments.iter().any(|s| s.start >= from && s.end <= to);
    let rows: Vec<&&TextRow> = rows.iter().filter(inside).collect();
    let parts = |x: &f32| {
        let parted = rows.iter().filter(|row| {
            let mut own = row.segments.iter().filter(|s| s.start >= from && s.end <= to);
            let before = own.clone().any(|s| s.end <= *x);
            before && own.any(|s| s.start >= *x)
        });
        let count = parted.count();
        count >= 2 && count as f32 >= PARTED * rows.len() as f32
    };
    found.into_iter().filter(parts).collect()
}

/// The centres of groups of close values.
pub(super) fn clusters(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    let mut groups: Vec<(f32, f32)> = Vec::new();
    for value in values {
        match groups.last_mut() {
            Some((first, last)) if value - *first <= NEAR => *last = value,
            _ => groups.push((value, value)),
        }
    }
    groups.into_iter().map(|(first, last)| f32::midpoint(first, last)).collect()
}

impl Grid {
    pub(super) fn of(inks: &[Ink<'_>], region: &Region) -> Option<Self> {
        let rows = text_rows(inks, &region.words, Gap::fine(inks, &region.words), &region.down);
        let columns = Columns::find(region, &rows);
        let columns = without_markers(inks, &rows, columns);
        if !(2..=MOST_COLUMNS).contains(&columns.count()) || rows.len() * columns.count() > MOST_PLACES {
            return None;
        }
        let bands = rows::bands(region, &rows);
        let placed = rows::place(inks, region, &columns, &rows, &bands);
        let mut grid = Self::filled(region, columns.xs.clone(), &rows, placed);
        grid.merge_across(region, &columns);
        grid.merge_down(region);
        let ruled_rows = grid.ys.iter().filter(|y| region.across.iter().any(|s| (s.at - **y).abs() <= NEAR)).count();
        grid.is_ruled = columns.ruled.iter().all(|ruled| *ruled) && ruled_rows * 5 >= grid.ys.len() * 4;
        grid.without_empty_lines();
        Some(grid)
    }

    /// The grid with the words in their cells and all places covered.
    fn filled(region: &Region, xs: Vec<f32>, rows: &[TextRow], placed: rows::Placed) -> Self {
        let columns = xs.len() - 1;
        let count = placed.rows.len();
        let mut ys = vec![region.top];
        for pair in placed.rows.windows(2) {
            let (above, below) = (&pair[0], &pair[1]);
            let bottom = above.text.iter().map(|&at| rows[at].baseline + 0.25 * rows[at].em).fold(f32::MIN, f32::max);
            let top = below.text.iter().map(|&at| rows[at].baseline - 0.8 * rows[at].em).fold(f32::MAX, f32::min);
            let y = below.rule.unwrap_or_else(|| f32::midpoint(bottom, top));
            let last = ys[ys.len() - 1];
            ys.push(y.max(last));
        }
        ys.push(region.bottom.max(ys[ys.len() - 1]));
        let mut taken = vec![false; count * columns];
        let mut cells = Vec::new();
        for cell in placed.cells {
            for column in cell.column..cell.column + cell.column_span {
                taken[cell.row * columns + column] = true;
            }
            cells.push(cell);
        }
        for (place, _) in taken.iter().enumerate().filter(|(_, taken)| !**taken) {
            let (row, column) = (place / columns, place % columns);
            let header = placed.rows[row].header;
            cells.push(GridCell { row, column, row_span: 1, column_span: 1, words: Vec::new(), header });
        }
        cells.sort_by_key(|cell| (cell.row, cell.column));
        Self {
            xs,
            ys,
            cells,
            text_rows: rows.len(),
            crossing: placed.crossing,
            prose: placed.prose,
            has_caption: placed.has_caption,
            rim: placed.rim,
            is_ruled: false,
        }
    }

    pub(super) fn row_count(&self) -> usize {
        self.ys.len() - 1
    }

    /// Merges empty cells with their neighbours to the side where other rows have a rule but this row has none.
    fn merge_across(&mut self, region: &Region, columns: &Columns) {
        if region.evidence != Evidence::Lattice {
            return;
        }
        for row in 0..self.row_count() {
            let (top, bottom) = (self.ys[row], self.ys[row + 1]);
            let is_ruled =
                |edge: usize| !columns.ruled[edge - 1] || runs_along(&region.down, columns.xs[edge], NEAR, top, bottom);
            let own: Vec<usize> = (0..self.cells.len()).filter(|&at| self.cells[at].row == row).collect();
            let columns_of: Vec<usize> = self.cells.iter().map(|cell| cell.column).collect();
            for group in own.chunk_by(|_, &b| !is_ruled(columns_of[b])) {
                let mut filled = group.iter().filter(|&&at| !self.cells[at].words.is_empty());
                let (Some(&first), None) = (filled.next(), filled.next()) else { continue };
                let column = self.cells[group[0]].column;
                let end = group.iter().map(|&at| self.cells[at].column + self.cells[at].column_span).max();
                self.cells[first].column = column;
                self.cells[first].column_span = end.unwrap_or(column + 1) - column;
                for &at in group.iter().filter(|&&at| at != first) {
                    self.cells[at].column_span = 0;
                }
            }
            self.cells.retain(|cell| cell.column_span > 0);
        }
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
    }

    /// Merges cells with those above where other columns have a rule but this column has none.
    fn merge_down(&mut self, region: &Region) {
        let rows = self.row_count();
        let mut merged: Vec<GridCell> = Vec::new();
        let has_rule = |grid: &Self, cell: &GridCell, y: f32| {
            let (left, right) = (grid.xs[cell.column], grid.xs[cell.column + cell.column_span]);
            runs_along(&region.across, y, NEAR, left, right)
        };
        let is_line: Vec<bool> =
            (0..=rows).map(|at| region.across.iter().any(|s| (s.at - self.ys[at]).abs() <= NEAR)).collect();
        let columns = self.xs.len() - 1;
        // Columns that have rules throughout the table, and not just here and there.
        let inner = is_line[1..rows].iter().filter(|line| **line).count();
        let ruled: Vec<bool> = (0..columns)
            .map(|column| {
                let own = (1..rows).filter(|&at| {
                    is_line[at] && runs_along(&region.across, self.ys[at], NEAR, self.xs[column], self.xs[column + 1])
                });
                let own = own.count();
                (own > 1 || inner < 2) && own * OWN_RULES >= inner
            })
            .collect();
        let wide: Vec<usize> = self.cells.iter().filter(|c| c.column_span > 1 && c.header).map(|c| c.row).collect();
        for cell in std::mem::take(&mut self.cells) {
            let above = merged.iter_mut().rev().find(|other| {
                other.column == cell.column
                    && other.column_span == cell.column_span
                    && other.row + other.row_span == cell.row
            });
            let y = self.ys[cell.row];
            let joins = |above: &GridCell| {
                let one_empty = above.words.is_empty() || cell.words.is_empty();
                if region.evidence == Evidence::Lattice {
                    is_line[cell.row]
                        && above.header == cell.header
                        && !has_rule(self, &cell, y)
                        && (ruled[cell.column] || rows <= 3)
                        && !(above.words.is_empty() && cell.words.is_empty())
                } else {
                    // A heading over one column continues beside the headings below one that spans several columns.
                    let beside = wide.contains(&above.row);
                    above.header
                        && cell.header
                        && (one_empty || beside)
                        && cell.column_span == 1
                        && !has_rule(self, &cell, y)
                }
            };
            match above {
                Some(above) if joins(above) => {
                    above.row_span += cell.row_span;
                    above.words.extend(cell.words);
                }
                _ => merged.push(cell),
            }
        }
        self.cells = merged;
    }

    /// Splits a grid into the tables that stand side by side in it, whose columns have the same names in the same
    /// order.
    pub(super) fn side_by_side(self, text: impl Fn(&[usize]) -> String) -> Vec<Self> {
        let columns = self.xs.len() - 1;
        let first = self.cells.iter().filter(|cell| cell.row == 0);
        let names: Vec<String> = first.filter(|cell| cell.column_span == 1).map(|cell| text(&cell.words)).collect();
        let repeats = |each: &usize| {
            columns.is_multiple_of(*each)
                && names.iter().enumerate().all(|(at, name)| !name.is_empty() && *name == names[at % each])
                && self.cells.iter().all(|c| c.column / each == (c.column + c.column_span - 1) / each)
        };
        let Some(each) = (2..columns).find(repeats).filter(|_| names.len() == columns) else { return vec![self] };
        let plain = &Self { xs: Vec::new(), ys: Vec::new(), cells: Vec::new(), rim: Vec::new(), ..self };
        let part = |number: usize| {
            let from = number * each;
            let own = self.cells.iter().filter(|cell| cell.column / each == number);
            let cells = own.map(|cell| GridCell { column: cell.column - from, ..cell.clone() }).collect();
            let xs = self.xs[from..=from + each].to_vec();
            let mut part = Self { xs, ys: self.ys.clone(), cells, rim: Vec::new(), ..*plain };
            part.without_empty_lines();
            part
        };
        (0..columns / each).map(part).collect()
    }

    /// Removes rows and columns in which no cell with words begins.
    fn without_empty_lines(&mut self) {
        for row in (0..self.row_count()).rev() {
            if self.row_count() > 1 && self.cells.iter().all(|cell| cell.row != row || cell.words.is_empty()) {
                self.ys.remove(if row == 0 { 0 } else { row });
                self.cells.retain_mut(|cell| {
                    if (cell.row..cell.row + cell.row_span).contains(&row) {
                        cell.row_span -= 1;
                    }
                    cell.row -= usize::from(cell.row > row);
                    cell.row_span > 0
                });
            }
        }
        for column in (0..self.xs.len() - 1).rev() {
            let is_empty = self.cells.iter().all(|cell| cell.column != column || cell.words.is_empty());
            if self.xs.len() > 2 && is_empty {
                self.xs.remove(if column == 0 { 0 } else { column });
                self.cells.retain_mut(|cell| {
                    if (cell.column..cell.column + cell.column_span).contains(&column) {
                        cell.column_span -= 1;
                    }
                    cell.column -= usize::from(cell.column > column);
                    cell.column_span > 0
                });
            }
        }
    }
}

/// Whether rules at a position run along most of a range.
fn runs_along(rules: &[Stretch], at: f32, near: f32, from: f32, to: f32) -> bool {
    let along: f32 = rules.iter().filter(|s| (s.at - at).abs() <= near).map(|s| s.along(from, to)).sum();
    along >= ALONG * (to - from)
}

/// The columns except those that contain only list markers.
fn without_markers(inks: &[Ink<'_>], rows: &[TextRow], mut columns: Columns) -> Columns {
    for column in (0..columns.count().saturating_sub(1)).rev() {
        let cells = rows.iter().flat_map(|row| row.segments.iter().map(move |s| (s, row.em)));
        let own: Vec<&Segment> =
            cells.filter(|(s, em)| columns.of(s, *em) == (column, column)).map(|(s, _)| s).collect();
        let is_bullet = |s: &&&Segment| {
            s.words.len() == 1 && Marker::read(&inks[s.words[0]].word.text).is_some_and(Marker::is_bullet)
        };
        let bullets = own.iter().filter(is_bullet).count();
        if !columns.ruled[column] && bullets * 10 > own.len() * 7 {
            columns.xs.remove(column + 1);
            columns.ruled.remove(column);
            let next = columns.ink.remove(column + 1);
            let ink = &mut columns.ink[column];
            *ink = (ink.0.min(next.0), ink.1.max(next.1));
        }
    }
    columns
}
