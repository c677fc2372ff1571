//! Assigns the words of table rows to cells.

use super::grid::{Evidence, GridCell};
use super::ink::Segment;
use super::rows::{LogicalRow, Table};
use super::{headings, judge};
use crate::rules::Stretch;

/// The largest deviation of words that align with a column, in em.
const LINED_UP: f32 = 0.5;

impl Table<'_, '_> {
    /// The cells with words, and the number of text rows that cross columns without being headings.
    pub(super) fn cells(&self, logical: &[LogicalRow]) -> (Vec<GridCell>, usize) {
        let mut cells = Vec::new();
        let mut crossing = 0;
        for (number, row) in logical.iter().enumerate() {
            let mut own: Vec<GridCell> = Vec::new();
            if self.is_undivided(row) {
                let words = row.text.iter().flat_map(|&at| self.rows[at].words()).collect();
                add(&mut cells, number, 0, self.columns.count(), words, row.header);
                continue;
            }
            let alone = row.text.iter().map(|&at| self.rows[at].segments.len()).sum::<usize>() == 1;
            for &at in &row.text {
                let text = &self.rows[at];
                let spans = if row.header || alone && self.columns.of(&text.segments[0], text.em).0 > 0 {
                    headings::spans(self, at, logical.get(number + 1).map(|next| next.text.as_slice()))
                } else {
                    text.segments.iter().map(|s| self.columns.of(s, text.em)).collect()
                };
                let mut crosses = false;
                for (segment, (first, last)) in text.segments.iter().zip(spans) {
                    let is_title = alone && first > 0;
                    let is_over_names = row.header && logical.get(number + 1).is_some_and(|next| next.header);
                    let parts = if first == last {
                        Vec::new()
                    } else {
                        self.parts(segment, text.em, is_over_names || is_title)
                    };
                    if parts.len() > 1 {
                        for (column, words) in parts {
                            add(&mut own, number, column, 1, words, row.header);
                        }
                        continue;
                    }
                    crosses |= first < last && !row.header && !is_title;
                    let (column, span) = if first == last || row.header || is_title {
                        (first, last - first + 1)
                    } else if alone || first == 0 {
                        (first, 1)
                    } else {
                        (self.nearest(segment, first, last), 1)
                    };
                    add(&mut own, number, column, span, segment.words.clone(), row.header);
                }
                crossing += usize::from(crosses);
            }
            cells.extend(own);
        }
        (cells, crossing)
    }

    /// The words of a segment, grouped by column, if they stand too close for a gap: numbers, and names that align with
    /// their columns.
    fn parts(&self, segment: &Segment, em: f32, is_over_several: bool) -> Vec<(usize, Vec<usize>)> {
        let mut parts: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut last: Option<usize> = None;
        let mut are_numbers = true;
        for &at in &segment.words {
            let column = self.columns.at(self.inks[at].middle());
            match parts.last_mut() {
                Some((own, words)) if *own == column => words.push(at),
                _ => {
                    if let Some(last) = last {
                        let (a, b) = (&self.inks[last], &self.inks[at]);
                        let gap = b.word.start - a.word.end;
                        are_numbers &= a.is_number() && b.is_number();
                        if gap < 0.15 * em {
                            return Vec::new();
                        }
                    }
                    parts.push((column, vec![at]));
                }
            }
            last = Some(at);
        }
        let lines_up = |(column, words): &(usize, Vec<usize>)| {
            let (start, end) = self.columns.ink[*column];
            judge::extent(self.inks, words).is_some_and(|(from, to)| {
                let off = [from - start, to - end, f32::midpoint(from, to) - f32::midpoint(start, end)];
                off.iter().any(|off| off.abs() < LINED_UP * em)
            })
        };
        if are_numbers || !is_over_several && parts.iter().all(lines_up) { parts } else { Vec::new() }
    }

    /// The column with the largest part of a segment.
    fn nearest(&self, segment: &Segment, first: usize, last: usize) -> usize {
        let shared =
            |column: usize| segment.end.min(self.columns.xs[column + 1]) - segment.start.max(self.columns.xs[column]);
        (first..=last).max_by(|&a, &b| shared(a).total_cmp(&shared(b)).then(b.cmp(&a))).unwrap_or(first)
    }

    /// Whether no vertical rule divides a row of the table, although others divide the columns.
    fn is_undivided(&self, row: &LogicalRow) -> bool {
        let heights = row.text.iter().map(|&at| self.rows[at].height());
        let is_cut = |y: f32| {
            let inner = |s: &&Stretch| {
                self.region.left + 4.0 < s.at && s.at < self.region.right - 4.0 && s.from < y && y < s.to
            };
            self.region.down.iter().any(|s| inner(&s))
        };
        self.region.evidence == Evidence::Lattice
            && self.columns.ruled.iter().all(|ruled| *ruled)
            && row.text.iter().any(|&at| self.spans(at))
            && !heights.into_iter().any(is_cut)
    }
}

/// Adds words to their cell; cells that would overlap are merged.
fn add(cells: &mut Vec<GridCell>, row: usize, column: usize, span: usize, words: Vec<usize>, header: bool) {
    let mut cell = GridCell { row, column, row_span: 1, column_span: span, words, header };
    while let Some(at) = cells.iter().position(|other| {
        other.row == row
            && other.column < cell.column + cell.column_span
            && cell.column < other.column + other.column_span
    }) {
        let other = cells.remove(at);
        let end = (cell.column + cell.column_span).max(other.column + other.column_span);
        cell.column = cell.column.min(other.column);
        cell.column_span = end - cell.column;
        let mut words = other.words;
        words.append(&mut cell.words);
        cell.words = words;
    }
    cells.push(cell);
}
