//! Groups the lines of a page into blocks in reading order.
//!
//! [`recto_layout::regions`] distinguishes columns, which are read one after the other, from rows. Pieces of a region
//! at the same height form one line.

use recto_domain::{Block, BlockKind, Line, Rect, Word};

use crate::outline::GROWTH;
use crate::words::ReadLine;

/// The middle part of a line's height that is compared to tell lines apart, because their rectangles overlap.
const CORE: f32 = 0.5;
/// A rectangle extends beyond the ink at each end of its line by this part of its thickness. The detector grows the
/// core of a long line on each side by that much.
const BEYOND_INK: f32 = GROWTH / 2.0 / (1.0 + GROWTH);
/// The largest distance between the middles of two lines of one paragraph, in line heights.
const PITCH: f32 = 1.6;
/// The least ratio of the heights of two lines that cannot be in one paragraph.
const OTHER_SIZE: f32 = 1.5;
/// A line that is this many times as high as the usual line of the page is a heading.
const HEADING: f32 = 1.5;

/// The lines as blocks in reading order.
#[must_use]
pub fn arrange(lines: Vec<ReadLine>) -> Vec<Block> {
    let (down, level): (Vec<ReadLine>, Vec<ReadLine>) =
        lines.into_iter().filter(|line| !line.words.is_empty()).partition(|line| line.region.angle > 45.0);
    let height = usual(level.iter().map(|line| line.region.thickness)).unwrap_or(1.0);
    let mut blocks: Vec<Block> = paragraphs(ordered(level.into_iter().map(Piece::of).collect()))
        .into_iter()
        .filter_map(|rows| block(rows, height))
        .collect();
    let beside = down.into_iter().map(|line| vec![Row { pieces: vec![Piece::of(line)], starts_column: true }]);
    blocks.extend(beside.filter_map(|rows| block(rows, f32::INFINITY)));
    blocks
}

/// A line, or a part of one, as the detector found it.
struct Piece {
    line: ReadLine,
    /// The rectangle around it, in pixels.
    bounds: Rect,
}

impl Piece {
    fn of(line: ReadLine) -> Self {
        Self { bounds: line.region.bounds(), line }
    }

    /// The rectangle around its ink, with its text.
    fn place(&self) -> recto_layout::Piece {
        let ((left, right), half) = (self.stretch(), self.line.region.thickness / 2.0);
        let middle = self.line.region.center.y;
        let bounds = Rect::from_edges(left, middle - half, right, middle + half);
        let words: Vec<&str> = self.line.words.iter().map(|word| word.text.as_str()).collect();
        recto_layout::Piece::new(bounds, self.line.region.thickness, &words.join(" "))
    }

    /// The vertical extent of its core: top and bottom.
    fn core(&self) -> (f32, f32) {
        let half = self.line.region.thickness * CORE / 2.0;
        (self.line.region.center.y - half, self.line.region.center.y + half)
    }

    /// The horizontal extent of its ink: left and right.
    fn stretch(&self) -> (f32, f32) {
        let beyond = (BEYOND_INK * self.line.region.thickness).min(self.bounds.width / 2.0);
        (self.bounds.x + beyond, self.bounds.right() - beyond)
    }
}

/// Pieces at the same height, from left to right.
struct Row {
    pieces: Vec<Piece>,
    /// Whether a new column starts here: the row before it in reading order is not above it.
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

/// The rows in reading order.
fn ordered(pieces: Vec<Piece>) -> Vec<Row> {
    let places: Vec<recto_layout::Piece> = pieces.iter().map(Piece::place).collect();
    let mut pieces: Vec<Option<Piece>> = pieces.into_iter().map(Some).collect();
    let mut ordered = Vec::new();
    for region in recto_layout::regions(&places) {
        let mut of_region = rows(region.into_iter().filter_map(|at| pieces[at].take()).collect());
        if let Some(first) = of_region.first_mut() {
            first.starts_column = true;
        }
        ordered.extend(of_region);
    }
    ordered
}

/// The rows formed by the pieces of one region, from top to bottom.
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

/// Groups rows that follow closely on each other.
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

    /// A line of one word, 10 pixels high, that starts at `x` and is at the height `y`.
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
        let prose = "and so it went on, line after line, until the end";
        let text_lines = (0..8u8).map(|i| line(prose, 120.0, 40.0 + 12.0 * f32::from(i), 300.0));
        let notes = (0..6u8).map(|i| line(&format!("note {i}"), 20.0, 44.0 + 15.0 * f32::from(i), 50.0));
        let expected = format!("note 0\nnote 1\nnote 2\nnote 3\nnote 4\nnote 5 | {}", [prose; 8].join("\n"));
        assert_eq!(text(text_lines.chain(notes).collect()), expected);
    }

    #[test]
    fn names_and_amounts_stand_on_one_line() {
        let lines = (0..6u8)
            .flat_map(|i| {
                let y = 40.0 + 14.0 * f32::from(i);
                [line(&format!("{i}.50"), 300.0, y + 2.0, 30.0), line(&format!("name{i}"), 20.0, y, 120.0)]
            })
            .collect();
        let expected: Vec<String> = (0..6).map(|i| format!("name{i} {i}.50")).collect();
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
