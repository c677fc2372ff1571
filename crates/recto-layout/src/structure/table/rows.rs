//! Assigns text rows to rows of a table, and recognises headings.

use super::grid::{Columns, Evidence, GridCell, Region, clusters};
use super::headings;
use super::ink::{Ink, Segment, TextRow, is_number};
use crate::structure::list::Marker;
use crate::structure::sheet::percentile;

/// A rule that covers this share of a table's width separates its rows.
const PARTS: f32 = 0.5;
/// Text rows closer than this, in em, are beside each other: a cell with two lines beside one with one line.
const BESIDE: f32 = 0.8;
/// The next text row continues a cell if it is closer than this share of the usual distance.
const TIGHT: f32 = 0.85;
/// The largest distance between lines of a cell, in em.
const LINE: f32 = 1.65;
/// The least share of the table's width that a line of running text covers.
const PROSE: f32 = 0.7;
/// In a table with at most this many bands between rules, the rules do not separate rows.
const FEW_BANDS: usize = 4;
/// The most text rows above a rule that are headings.
const MOST_HEADINGS: usize = 6;

/// The text rows between two rules.
#[derive(Debug, Clone)]
pub(super) struct Band {
    /// The indexes of the text rows, from top to bottom.
    pub(super) text: Vec<usize>,
    /// The y coordinate of the rule above it.
    pub(super) rule: Option<f32>,
}

/// A row of the table.
#[derive(Debug, Clone)]
pub(super) struct LogicalRow {
    pub(super) text: Vec<usize>,
    pub(super) header: bool,
    /// The y coordinate of the rule above it.
    pub(super) rule: Option<f32>,
}

/// The assignment of words to rows.
pub(super) struct Placed {
    pub(super) rows: Vec<LogicalRow>,
    pub(super) cells: Vec<GridCell>,
    pub(super) crossing: usize,
    /// The number of rows of running text.
    pub(super) prose: usize,
    /// Whether a row of running text is among the headings.
    pub(super) has_caption: bool,
    /// The words of the rows at the top, down to the last caption, and of the running text at the bottom.
    pub(super) rim: Vec<usize>,
}

/// The text rows, grouped by the rules around them.
pub(super) fn bands(region: &Region, rows: &[TextRow]) -> Vec<Band> {
    let width = region.right - region.left;
    let parts = |y: &f32| {
        let along: f32 =
            region.across.iter().filter(|s| (s.at - y).abs() <= 2.5).map(|s| s.along(region.left, region.right)).sum();
        let partly = region.evidence == Evidence::Lattice && along >= 0.1 * width;
        along >= PARTS * width || partly
    };
    let lines: Vec<f32> = clusters(region.across.iter().map(|s| s.at)).into_iter().filter(parts).collect();
    let mut bands: Vec<Band> = Vec::new();
    let mut last = usize::MAX;
    for (at, row) in rows.iter().enumerate() {
        let above = lines.partition_point(|y| *y < row.height());
        if above == last {
            if let Some(band) = bands.last_mut() {
                band.text.push(at);
            }
        } else {
            last = above;
            bands.push(Band { text: vec![at], rule: above.checked_sub(1).map(|line| lines[line]) });
        }
    }
    bands
}

/// Assigns the words to rows and cells.
pub(super) fn place(inks: &[Ink<'_>], region: &Region, columns: &Columns, rows: &[TextRow], bands: &[Band]) -> Placed {
    let is_lower = |row: &&TextRow| {
        let first = row.words().next();
        first.is_some_and(|at| inks[at].word.text.starts_with(char::is_lowercase))
    };
    let is_lower_case = rows.iter().filter(is_lower).count() * 5 > rows.len() * 2;
    let table = Table { inks, region, columns, rows, is_lower_case };
    let headings = table.heading_rows(bands);
    let is_head = |at: usize| at < headings;
    let mut logical: Vec<LogicalRow> = Vec::new();
    let pitch = table.pitch(headings);
    let many = bands.len() > FEW_BANDS - 1;
    for band in bands {
        let whole = many && !table.is_split(band, band.text.first().is_some_and(|&at| is_head(at)));
        let mut first = true;
        for &at in &band.text {
            let goes_on = !first
                && logical.last().is_some_and(|row| {
                    whole && row.header == is_head(at)
                        || if is_head(at) {
                            row.header && table.head_goes_on(&row.text, at)
                        } else {
                            !row.header && table.goes_on(&row.text, at, pitch)
                        }
                });
            match logical.last_mut() {
                Some(row) if goes_on => row.text.push(at),
                _ => {
                    logical.push(LogicalRow { text: vec![at], header: is_head(at), rule: band.rule.filter(|_| first) });
                }
            }
            first = false;
        }
    }
    let (cells, crossing) = table.cells(&logical);
    let prose = (0..rows.len()).filter(|&at| table.is_prose(at)).count();
    let caption = (0..headings).rev().find(|&at| table.is_prose(at));
    let above = caption.map_or(0, |at| at + 1);
    let below = (above..rows.len()).rev().take_while(|&at| table.is_prose(at)).count();
    let rim = rows[..above].iter().chain(&rows[rows.len() - below..]).flat_map(TextRow::words).collect();
    Placed { rows: logical, cells, crossing, prose, has_caption: caption.is_some(), rim }
}

pub(super) struct Table<'a, 'p> {
    pub(super) inks: &'a [Ink<'p>],
    pub(super) region: &'a Region,
    pub(super) columns: &'a Columns,
    pub(super) rows: &'a [TextRow],
    /// Whether many rows begin with a lower-case letter, which then does not show that a sentence continues.
    is_lower_case: bool,
}

impl Table<'_, '_> {
    pub(super) fn text(&self, segment: &Segment) -> String {
        segment.words.iter().map(|&at| self.inks[at].word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The columns in which a text row has words.
    pub(super) fn filled(&self, row: usize) -> Vec<usize> {
        let row = &self.rows[row];
        let mut filled: Vec<usize> = row
            .segments
            .iter()
            .flat_map(|s| {
                let (first, last) = self.columns.of(s, row.em);
                first..=last
            })
            .collect();
        filled.dedup();
        filled
    }

    pub(super) fn spans(&self, row: usize) -> bool {
        let row = &self.rows[row];
        row.segments.iter().any(|s| {
            let (first, last) = self.columns.of(s, row.em);
            first < last
        })
    }

    /// Whether the words of a row outside its first column are mostly numbers.
    pub(super) fn is_numeric(&self, row: usize) -> bool {
        let row = &self.rows[row];
        let values = row.segments.iter().filter(|s| self.columns.of(s, row.em).0 > 0);
        let (mut numbers, mut all) = (0, 0);
        for segment in values {
            all += 1;
            numbers += usize::from(
                segment.words.iter().filter(|&&at| self.inks[at].is_number()).count() * 2 > segment.words.len(),
            );
        }
        all > 0 && numbers * 2 > all
    }

    /// Whether there is a vertical rule at the left edge of a column at some height.
    pub(super) fn is_cut(&self, column: usize, y: f32) -> bool {
        let x = self.columns.xs[column];
        self.region.down.iter().any(|s| (s.at - x).abs() <= 4.0 && s.from < y && y < s.to)
    }

    /// Whether a text row is a single line of words across most of the table.
    fn is_prose(&self, row: usize) -> bool {
        let row = &self.rows[row];
        let [segment] = row.segments.as_slice() else { return false };
        let (first, last) = self.columns.of(segment, row.em);
        first == 0 && last > 0 && segment.width() > PROSE * (self.region.right - self.region.left)
    }

    /// The number of text rows at the top that are headings.
    fn heading_rows(&self, bands: &[Band]) -> usize {
        let mut end = self.headings_above(bands);
        // Text below a spanning heading, with nothing beside it, names the columns.
        while end > 0
            && (end + 1) * 2 <= self.rows.len()
            && headings::is_over_others(self, end - 1, end)
            && self.filled(end).first().is_some_and(|column| *column > 0)
        {
            end += 1;
        }
        end
    }

    /// The number of text rows at the top that are headings, judged by rules and numbers.
    fn headings_above(&self, bands: &[Band]) -> usize {
        let all = self.rows.len();
        let first = bands.first().map_or(0, |band| band.text.len());
        let numeric: Vec<bool> = (0..all).map(|row| self.is_numeric(row)).collect();
        let numbers = numeric.iter().filter(|numeric| **numeric).count();
        if bands.len() > 1 && first <= MOST_HEADINGS && first * 2 <= all {
            // Text above a rule, unless rules separate all rows.
            let mut end = first;
            // Few rules separate headings and groups of rows, so a row between two rules near the top names columns.
            if bands.len() <= FEW_BANDS && bands[1].text.len() == 1 && (first + 1) * 3 <= all {
                end += 1;
            }
            // A second band of headings, without numbers and with hardly anything else below it.
            for band in bands[1..].iter().skip(usize::from(end > first)) {
                let is_heading = band.text.len() <= 3
                    && band.text.iter().all(|&row| !numeric[row])
                    && numbers * 2 > all - end
                    && end + band.text.len() <= MOST_HEADINGS
                    && self.filled(band.text[0]).iter().any(|column| *column > 0);
                if !is_heading {
                    break;
                }
                end += band.text.len();
            }
            return end;
        }
        if numbers * 2 > all {
            let before = numeric.iter().take_while(|numeric| !**numeric).count();
            let has_values = |row: usize| self.filled(row).iter().any(|column| *column > 0);
            let end = (0..before).rev().find(|&row| has_values(row)).map_or(0, |row| row + 1);
            return if end <= MOST_HEADINGS { end } else { 0 };
        }
        // Without numbers, the first row is a heading if it has a name for every column.
        usize::from(all >= 3 && self.filled(0).len() == self.columns.count() && !numeric[0])
    }

    /// The usual distance between rows of the body.
    fn pitch(&self, headings: usize) -> f32 {
        let full = |row: usize| self.filled(row).len() * 2 > self.columns.count();
        let body: Vec<usize> = (headings..self.rows.len()).filter(|&row| full(row)).collect();
        let distances = body.windows(2).filter(|pair| pair[1] == pair[0] + 1);
        let distances = distances.map(|pair| self.rows[pair[1]].baseline - self.rows[pair[0]].baseline);
        percentile(distances, 0.5).unwrap_or(f32::MAX)
    }

    /// Whether the text rows of a band between rules are several rows of the table.
    fn is_split(&self, band: &Band, is_head: bool) -> bool {
        if band.text.len() < 2 || is_head {
            return band.text.len() > 1 && is_head && band.text.iter().any(|&row| self.spans(row));
        }
        let mut lines: Vec<Vec<(usize, &Segment)>> = vec![Vec::new(); self.columns.count()];
        for &at in &band.text {
            for segment in &self.rows[at].segments {
                let (first, last) = self.columns.of(segment, self.rows[at].em);
                if first == last {
                    lines[first].push((at, segment));
                }
            }
        }
        let several: Vec<&Vec<(usize, &Segment)>> = lines.iter().filter(|lines| lines.len() > 1).collect();
        let numbers = |lines: &&&Vec<(usize, &Segment)>| lines.iter().all(|(_, s)| is_number(&self.text(s)));
        if several.iter().any(|lines| numbers(&lines)) {
            return true;
        }
        // A line that ends before it is full is intended as a line.
        let meant = several.iter().enumerate().filter(|(_, lines)| {
            let (left, right) = (
                lines.iter().map(|(_, s)| s.start).fold(f32::MAX, f32::min),
                lines.iter().map(|(_, s)| s.end).fold(f32::MIN, f32::max),
            );
            let column = self.columns.at(f32::midpoint(left, right));
            let width = self.columns.xs[column + 1] - self.columns.xs[column];
            lines.windows(2).all(|pair| {
                let (above, below) = (pair[0].1, pair[1].1);
                let first = below.words.iter().map(|&at| self.inks[at].word.end - self.inks[at].word.start).next();
                let em = self.rows[pair[0].0].em;
                above.width() + 0.3 * em + first.unwrap_or(0.0) < width - 1.5 * em
                    && Marker::read(&self.inks[below.words[0]].word.text).is_none()
            })
        });
        let meant = meant.count();
        meant > 1 && meant == several.len()
    }

    /// Whether a text row continues the rows above it.
    fn goes_on(&self, above: &[usize], at: usize, pitch: f32) -> bool {
        let (Some(&last), row) = (above.last(), &self.rows[at]) else { return false };
        let distance = row.baseline - self.rows[last].baseline;
        let em = row.em.min(self.rows[last].em);
        let filled = self.filled(at);
        let of_last = self.filled(last);
        if distance < BESIDE * em && filled.iter().all(|column| !of_last.contains(column)) {
            return true;
        }
        if distance > LINE * em || self.spans(at) {
            return false;
        }
        let of_above: Vec<usize> = above.iter().flat_map(|&row| self.filled(row)).collect();
        // Words beside it in the next text row already belong to another row.
        let next = self.rows.get(at + 1).filter(|next| next.baseline - row.baseline < BESIDE * em);
        if next.is_some() {
            let beside = self.filled(at + 1);
            if beside.iter().all(|c| !filled.contains(c)) && beside.iter().any(|c| of_above.contains(c)) {
                return false;
            }
        }
        let first = |column: usize| {
            let segment = row.segments.iter().find(|s| self.columns.of(s, row.em).0 == column);
            segment.map(|s| self.text(s)).unwrap_or_default()
        };
        let is_lower = filled.iter().any(|&column| first(column).starts_with(char::is_lowercase));
        let has_numbers = filled.iter().any(|&column| column > 0 && is_number(&first(column)));
        let is_part = filled.iter().all(|column| of_above.contains(column));
        let fewer = filled.len() < self.columns.count() && filled.len() <= of_above.len();
        let starts = |pick: fn(char) -> bool| filled.iter().all(|&column| first(column).starts_with(pick));
        if is_part && !has_numbers && !self.is_lower_case && filled.first() == Some(&0) && starts(char::is_lowercase) {
            return true;
        }
        if is_part && fewer && !has_numbers {
            let tight = distance < TIGHT * pitch && filled.len() < of_above.len();
            return is_lower || tight && pitch < f32::MAX;
        }
        // The values are level with the last line of the entry that they belong to.
        let only_stub = of_above.iter().all(|column| *column == 0);
        let above_text = self.rows[last].segments.first().map(|s| self.text(s)).unwrap_or_default();
        let unfinished = above_text.ends_with(['-', ',', '–']) || is_lower && first(0).starts_with(char::is_lowercase);
        only_stub && filled.first() == Some(&0) && unfinished && distance < 1.4 * em
    }

    /// Whether a text row continues the headings above it.
    fn head_goes_on(&self, above: &[usize], at: usize) -> bool {
        let Some(&last) = above.last() else { return false };
        let distance = self.rows[at].baseline - self.rows[last].baseline;
        let em = self.rows[at].em.min(self.rows[last].em);
        let is_heading_over_others = above.iter().any(|&row| headings::is_over_others(self, row, at));
        distance < LINE * em && !is_heading_over_others && !self.spans(at)
    }
}
