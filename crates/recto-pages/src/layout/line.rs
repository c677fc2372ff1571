//! Groups words into lines.

use recto_domain::{Line, Rect, Word};

use super::frame::Direction;
use super::visual::words_in_order;
use super::word::PlacedWord;

/// A gap of this many type sizes splits a line into segments: columns, or the cells of a table.
const SEGMENT_GAP: f32 = 1.5;
/// Segments whose heights overlap by this share are on one line.
const SHARED_HEIGHT: f32 = 0.5;
/// Words of one stream line are on different lines when their baselines differ by more than this, in type sizes.
const BASELINE_STEP: f32 = 0.7;

/// Closely spaced words on one baseline, in logical order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    pub(super) words: Vec<PlacedWord>,
    /// The bounding box of the cells, in the frame.
    pub(super) cell: Rect,
    pub(super) size: f32,
}

impl Segment {
    pub(super) fn of(words: Vec<PlacedWord>) -> Option<Self> {
        let cell = Rect::around(words.iter().map(|w| w.cell))?;
        let size = words.iter().map(|w| w.size).fold(0.0, f32::max);
        Some(Self { words, cell, size })
    }

    /// Appends the segment that follows it on its line.
    pub(super) fn go_on_with(&mut self, next: Self) {
        self.cell = self.cell.union(&next.cell);
        self.size = self.size.max(next.size);
        self.words.extend(next.words);
    }

    pub(super) fn characters(&self) -> usize {
        self.words.iter().map(|w| w.text.chars().count()).sum()
    }

    /// Its words in reading order.
    fn into_words(self, right_to_left: bool) -> Vec<Word> {
        if self.words.iter().any(|w| !w.letters.is_empty()) {
            return words_in_order(self.words, right_to_left);
        }
        self.words.into_iter().map(|w| Word { text: w.text, bbox: w.bbox, confidence: 1.0 }).collect()
    }

    pub(super) fn right_to_left_characters(&self) -> usize {
        self.words.iter().filter(|w| w.right_to_left).map(|w| w.text.chars().count()).sum()
    }
}

/// A line of one region.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlacedLine {
    /// The segments in reading order.
    pub(super) segments: Vec<Segment>,
    /// The bounding box of the cells, in the frame.
    pub(super) cell: Rect,
    pub(super) size: f32,
    right_to_left: bool,
}

impl PlacedLine {
    /// `from_right` says whether most of the page runs from right to left.
    fn of(mut segments: Vec<Segment>, from_right: bool) -> Option<Self> {
        let cell = Rect::around(segments.iter().map(|s| s.cell))?;
        let size = segments.iter().map(|s| s.size).fold(0.0, f32::max);
        segments.sort_by(|a, b| a.cell.x.total_cmp(&b.cell.x));
        let right_to_left = runs_from_right(&segments, from_right);
        if right_to_left {
            segments.reverse();
        }
        Some(Self { segments, cell, size, right_to_left })
    }

    pub(super) fn into_line(self, direction: Direction) -> Option<Line> {
        let right_to_left = self.right_to_left;
        let words = self.segments.into_iter().flat_map(|segment| segment.into_words(right_to_left)).collect();
        Line::of(direction.degrees(), words)
    }
}

/// Whether a line runs from right to left. On a right-to-left page, lines without letters do so too, such as rows of
/// digits.
fn runs_from_right(segments: &[Segment], page: bool) -> bool {
    let words = || segments.iter().flat_map(|s| &s.words);
    let any = words().any(|w| w.right_to_left);
    let letters = words().any(|w| w.text.chars().any(char::is_alphabetic));
    if page { any || !letters } else { any && is_right_to_left(segments) }
}

/// Whether most of the text runs from right to left.
pub(super) fn is_right_to_left(segments: &[Segment]) -> bool {
    let all: usize = segments.iter().map(Segment::characters).sum();
    let leaning: usize = segments.iter().map(Segment::right_to_left_characters).sum();
    leaning * 2 > all
}

/// Splits the stream of words where one does not continue the other.
pub(super) fn segments(words: Vec<PlacedWord>) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut open: Vec<PlacedWord> = Vec::new();
    for word in words {
        if open.last().is_some_and(|last| !is_followed(last, &word)) {
            segments.extend(Segment::of(std::mem::take(&mut open)));
        }
        open.push(word);
    }
    segments.extend(Segment::of(open));
    segments
}

fn is_followed(last: &PlacedWord, next: &PlacedWord) -> bool {
    let size = last.size.max(next.size);
    if (last.baseline - next.baseline).abs() > size * BASELINE_STEP {
        return false;
    }
    let gap = (next.cell.x - last.cell.right()).max(last.cell.x - next.cell.right());
    // Overlapping words on one baseline are printed over each other: bold type made of two passes, or garbage.
    (-size..size * SEGMENT_GAP).contains(&gap) || last.stream_line == next.stream_line && gap < 0.0
}

/// The lines of a region from top to bottom; `from_right` says whether most of the page runs from right to left.
pub(super) fn lines(mut segments: Vec<Segment>, from_right: bool) -> Vec<PlacedLine> {
    segments.sort_by(|a, b| a.cell.center().y.total_cmp(&b.cell.center().y));
    let mut lines: Vec<Vec<Segment>> = Vec::new();
    let mut cell = Rect::default();
    for segment in segments {
        match lines.last_mut() {
            Some(line) if shares_height(&cell, &segment.cell) && !overlaps(line, &segment) => {
                line.push(segment);
            }
            _ => {
                cell = segment.cell;
                lines.push(vec![segment]);
            }
        }
    }
    lines.into_iter().filter_map(|segments| PlacedLine::of(segments, from_right)).collect()
}

/// Whether the segment is above or below one that is already in the line.
fn overlaps(line: &[Segment], segment: &Segment) -> bool {
    line.iter().any(|other| {
        let common = other.cell.right().min(segment.cell.right()) - other.cell.x.max(segment.cell.x);
        common > 0.5 * other.cell.width.min(segment.cell.width)
    })
}

fn shares_height(a: &Rect, b: &Rect) -> bool {
    let common = a.bottom().min(b.bottom()) - a.y.max(b.y);
    common >= SHARED_HEIGHT * a.height.min(b.height)
}
