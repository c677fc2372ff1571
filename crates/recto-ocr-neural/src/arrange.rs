//! Puts the lines of a page in blocks in reading order.
//!
//! The page is cut recursively (G. Nagy and S. Seth, "Hierarchical representation of optically scanned documents", 1984):
//! where a white stripe runs down between two columns of running text, the left one is read before the right one; else
//! where a white stripe runs across, what is above is read before what is below. Names and amounts of a receipt are no
//! columns: what stands on one height is one line.

use recto_domain::{Block, BlockKind, Line, Rect, Word};

use crate::outline::GROWTH;
use crate::words::ReadLine;

/// The middle part of a line's height by which lines are told apart: the rectangles around them overlap.
const CORE: f32 = 0.5;
/// A rectangle reaches beyond the ends of its line's ink by this part of its thickness: by as much as the detector's core
/// of a long line was grown on each side.
const BEYOND_INK: f32 = GROWTH / 2.0 / (1.0 + GROWTH);
/// Columns have a white stripe between them that is wider than this many heights of a line,
const GUTTER: f32 = 0.5;
/// lines that are longer than this many heights,
const COLUMN: f32 = 8.0;
/// and no fewer than this.
const COLUMN_LINES: usize = 4;
/// Beside lines that are longer than this stands a column whatever the length of its lines,
const PROSE: f32 = 14.0;
/// unless more than this share of them stand on the height of a line on the other side,
const ROWS: f32 = 0.6;
/// to within this part of a height.
const SAME_ROW: f32 = 0.25;
/// Lines of one paragraph are less than this many heights apart, from middle to middle,
const PITCH: f32 = 1.6;
/// and none is this many times as high as the other.
const OTHER_SIZE: f32 = 1.5;
/// A line that is this many times as high as is usual on the page is a heading.
const HEADING: f32 = 1.5;

/// Blocks in reading order.
#[must_use]
pub fn arrange(lines: Vec<ReadLine>) -> Vec<Block> {
    let (down, level): (Vec<ReadLine>, Vec<ReadLine>) =
        lines.into_iter().filter(|line| !line.words.is_empty()).partition(|line| line.region.angle > 45.0);
    let height = usual(level.iter().map(|line| line.region.thickness)).unwrap_or(1.0);
    let mut page = Order { height, rows: Vec::new() };
    page.part(level.into_iter().map(Piece::of).collect());
    let mut blocks: Vec<Block> = paragraphs(page.rows).into_iter().filter_map(|rows| block(rows, height)).collect();
    let beside = down.into_iter().map(|line| vec![Row { pieces: vec![Piece::of(line)], starts_column: true }]);
    blocks.extend(beside.filter_map(|rows| block(rows, f32::INFINITY)));
    blocks
}

/// A line, or a part of one, as the detector found it.
struct Piece {
    line: ReadLine,
    /// Around it, in pixels.
    bounds: Rect,
}

impl Piece {
    fn of(line: ReadLine) -> Self {
        Self { bounds: line.region.bounds(), line }
    }

    /// The stretch of the page's height that its core takes.
    fn core(&self) -> (f32, f32) {
        let half = self.line.region.thickness * CORE / 2.0;
        (self.line.region.center.y - half, self.line.region.center.y + half)
    }

    /// The stretch of the page's width that its ink takes.
    fn stretch(&self) -> (f32, f32) {
        let beyond = (BEYOND_INK * self.line.region.thickness).min(self.bounds.width / 2.0);
        (self.bounds.x + beyond, self.bounds.right() - beyond)
    }
}

/// Pieces on one height, from left to right.
struct Row {
    pieces: Vec<Piece>,
    /// What stands before it in the order does not stand above it.
    starts_column: bool,
}

impl Row {
    fn middle(&self) -> f32 {
        self.pieces.iter().map(|p| p.line.region.center.y).sum::<f32>() / self.pieces.len() as f32
    }

    fn height(&self) -> f32 {
        self.pieces.iter().map(|p| p.line.region.thickness).fold(0.0, f32::max)
    }

    fn stretch(&self) -> (f32, f32) {
        self.pieces.iter().map(Piece::stretch).fold((f32::INFINITY, 0.0), |(l, r), (a, b)| (l.min(a), r.max(b)))
    }
}

/// Rows in reading order.
struct Order {
    /// The usual height of a line.
    height: f32,
    rows: Vec<Row>,
}

impl Order {
    fn part(&mut self, pieces: Vec<Piece>) {
        if let Some(gutter) = self.gutter(&pieces) {
            let (left, right): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|p| p.stretch().1 <= gutter);
            for column in [left, right] {
                let first = self.rows.len();
                self.part(column);
                if let Some(row) = self.rows.get_mut(first) {
                    row.starts_column = true;
                }
            }
            return;
        }
        let across = stripes(pieces.iter().map(Piece::core));
        let widest = across.into_iter().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
        if let Some((_, below)) = widest {
            let (above, below): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|p| p.core().1 < below);
            self.part(above);
            self.part(below);
        } else if !pieces.is_empty() {
            self.rows.extend(rows(pieces));
        }
    }

    /// The place of the widest white stripe between two columns.
    fn gutter(&self, pieces: &[Piece]) -> Option<f32> {
        stripes(pieces.iter().map(Piece::stretch))
            .into_iter()
            .filter(|(from, to)| to - from >= GUTTER * self.height)
            .filter(|&(_, to)| {
                let (right, left): (Vec<&Piece>, Vec<&Piece>) = pieces.iter().partition(|p| p.stretch().0 >= to);
                let (l, r) = (column_length(&left), column_length(&right));
                (l >= COLUMN && r >= COLUMN) || (l.min(r) > 0.0 && l.max(r) >= PROSE && !are_rows(&left, &right))
            })
            .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))
            .map(|(_, to)| to)
    }
}

/// The usual length of the lines, in heights of a line; 0 when they are too few for a column.
fn column_length(pieces: &[&Piece]) -> f32 {
    if pieces.len() < COLUMN_LINES {
        return 0.0;
    }
    usual(pieces.iter().map(|p| p.bounds.width / p.line.region.thickness)).unwrap_or(0.0)
}

/// Whether most lines of the side that has fewer stand on the height of a line of the other.
fn are_rows(left: &[&Piece], right: &[&Piece]) -> bool {
    let (few, many) = if left.len() < right.len() { (left, right) } else { (right, left) };
    let has_partner = |p: &&&Piece| {
        let region = &p.line.region;
        many.iter().any(|other| (other.line.region.center.y - region.center.y).abs() < SAME_ROW * region.thickness)
    };
    few.iter().filter(has_partner).count() as f32 > ROWS * few.len() as f32
}

/// The stretches between the first and the last that none of them touches.
fn stripes(stretches: impl Iterator<Item = (f32, f32)>) -> Vec<(f32, f32)> {
    let mut sorted: Vec<(f32, f32)> = stretches.collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = Vec::new();
    let mut end = f32::INFINITY;
    for (from, to) in sorted {
        if from > end {
            free.push((end, from));
        }
        end = if end.is_finite() { end.max(to) } else { to };
    }
    free
}

/// The rows of pieces between which no white stripe runs across.
fn rows(mut pieces: Vec<Piece>) -> Vec<Row> {
    pieces.sort_by(|a, b| a.line.region.center.y.total_cmp(&b.line.region.center.y));
    let mut rows: Vec<Row> = Vec::new();
    for piece in pieces {
        let (from, to) = piece.core();
        let fits = |row: &Row| {
            let shares_height = row.pieces.iter().any(|other| {
                let (a, b) = other.core();
                to.min(b) - from.max(a) > 0.4 * (to - from).min(b - a)
            });
            let (left, right) = piece.stretch();
            let is_beside = row.pieces.iter().all(|other| {
                let (a, b) = other.stretch();
                right.min(b) - left.max(a) < 0.3 * (right - left).min(b - a)
            });
            shares_height && is_beside
        };
        match rows.iter_mut().rev().find(|row| fits(row)) {
            Some(row) => row.pieces.push(piece),
            None => rows.push(Row { pieces: vec![piece], starts_column: false }),
        }
    }
    for row in &mut rows {
        row.pieces.sort_by(|a, b| a.bounds.x.total_cmp(&b.bounds.x));
    }
    rows.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
    rows
}

/// Rows that follow closely on each other.
fn paragraphs(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut paragraphs: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let goes_on = |before: &Row| {
            let (low, high) = (before.height().min(row.height()), before.height().max(row.height()));
            let ((a, b), (c, d)) = (before.stretch(), row.stretch());
            !row.starts_column
                && row.middle() - before.middle() < PITCH * high
                && high < OTHER_SIZE * low
                && b.min(d) > a.max(c)
        };
        match paragraphs.last_mut() {
            Some(last) if last.last().is_some_and(goes_on) => last.push(row),
            _ => paragraphs.push(vec![row]),
        }
    }
    paragraphs
}

fn block(rows: Vec<Row>, usual_height: f32) -> Option<Block> {
    let is_heading = rows.len() <= 2 && rows.iter().all(|row| row.height() >= HEADING * usual_height);
    let line = |row: Row| {
        let angles: f32 = row.pieces.iter().map(|p| p.line.region.angle).sum();
        let angle = angles / row.pieces.len() as f32;
        let words: Vec<Word> = row.pieces.into_iter().flat_map(|p| p.line.words).collect();
        Line::of(angle, words)
    };
    let kind = if is_heading { BlockKind::Heading } else { BlockKind::Paragraph };
    Block::of(kind, rows.into_iter().filter_map(line).collect())
}

/// The median.
fn usual(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use recto_domain::Point;

    use super::*;
    use crate::region::Region;

    /// A line of one word from `x` on, 10 pixels high, at the height `y`.
    fn line(text: &str, x: f32, y: f32, length: f32) -> ReadLine {
        let center = Point { x: x + length / 2.0, y };
        let region = Region { center, length, thickness: 10.0, angle: 0.0, score: 1.0 };
        let word = Word { text: text.to_owned(), bbox: region.bounds(), confidence: 1.0 };
        ReadLine { region, words: vec![word] }
    }

    fn text(lines: Vec<ReadLine>) -> String {
        arrange(lines).iter().map(Block::text).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn columns_of_running_text_are_read_one_after_the_other_under_their_heading() {
        let mut lines = vec![line("title", 100.0, 20.0, 300.0)];
        for i in 0..5u8 {
            let y = 60.0 + 12.0 * f32::from(i);
            lines.push(line(&format!("r{i}"), 260.0, y + 3.0, 200.0));
            lines.push(line(&format!("l{i}"), 20.0, y, 200.0));
        }
        lines.push(line("foot", 200.0, 150.0, 120.0));
        assert_eq!(text(lines), "title | l0\nl1\nl2\nl3\nl4 | r0\nr1\nr2\nr3\nr4 | foot");
    }

    #[test]
    fn notes_in_the_margin_are_a_column_of_their_own() {
        let text_lines = (0..8u8).map(|i| line(&format!("t{i}"), 120.0, 40.0 + 12.0 * f32::from(i), 300.0));
        let notes = (0..6u8).map(|i| line(&format!("n{i}"), 20.0, 44.0 + 15.0 * f32::from(i), 50.0));
        assert_eq!(text(text_lines.chain(notes).collect()), "n0\nn1\nn2\nn3\nn4\nn5 | t0\nt1\nt2\nt3\nt4\nt5\nt6\nt7");
    }

    #[test]
    fn names_and_amounts_stand_on_one_line() {
        let lines = (0..6u8)
            .flat_map(|i| {
                let y = 40.0 + 14.0 * f32::from(i);
                [line(&format!("amount{i}"), 300.0, y + 2.0, 30.0), line(&format!("name{i}"), 20.0, y, 120.0)]
            })
            .collect();
        let expected: Vec<String> = (0..6).map(|i| format!("name{i} amount{i}")).collect();
        assert_eq!(text(lines), expected.join("\n"));
    }

    #[test]
    fn white_space_and_another_size_of_letters_end_a_paragraph() {
        let mut large = line("large", 20.0, 100.0, 100.0);
        large.region.thickness = 18.0;
        let lines =
            vec![line("a", 20.0, 40.0, 100.0), line("b", 20.0, 52.0, 100.0), line("c", 20.0, 76.0, 100.0), large];
        let blocks = arrange(lines);
        assert_eq!(blocks.iter().map(Block::text).collect::<Vec<_>>(), ["a\nb", "c", "large"]);
        assert_eq!(blocks[2].kind, BlockKind::Heading);
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_doubled(
            places in proptest::collection::vec((0f32..500.0, 0f32..500.0, 5f32..300.0, -44f32..91.0), 0..60),
        ) {
            let lines = places.iter().enumerate().map(|(i, &(x, y, length, angle))| {
                let mut line = line(&i.to_string(), x, y, length);
                line.region.angle = angle;
                line
            });
            let blocks = arrange(lines.collect());
            let words = blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words);
            let mut found: Vec<usize> = words.map(|w| w.text.parse().unwrap()).collect();
            found.sort_unstable();
            prop_assert_eq!(found, (0..places.len()).collect::<Vec<_>>());
        }
    }
}
