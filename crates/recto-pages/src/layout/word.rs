//! Words out of a stream of characters.

use recto_domain::{Point, Rect};

use super::frame::Direction;
use super::unicode::{is_right_to_left, readable};

/// A gap of this share of the type size ends a word.
const WORD_GAP: f32 = 0.3;
/// A step of this share of the type size across the line ends a word; superscripts step less.
const BASELINE_STEP: f32 = 0.7;
/// Two sizes of one word differ by no more than this factor; small capitals and superscripts do.
const SIZE_RATIO: f32 = 2.5;

/// A visible character, or what a broken font left of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glyph {
    /// As the file maps it.
    pub(crate) text: char,
    /// Around its ink, on the displayed page.
    pub(crate) ink: Rect,
    /// Around the room that it takes in its line.
    pub(crate) cell: Rect,
    /// Where the pen was put down.
    pub(crate) origin: Point,
    /// Type size in points.
    pub(crate) size: f32,
    /// Where its line runs.
    pub(crate) direction: Direction,
}

/// What a stream of characters is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// A character.
    Glyph(Glyph),
    /// The end of a word.
    Blank,
    /// The end of a line.
    LineEnd,
}

/// A word with what its place among others depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlacedWord {
    pub(super) text: String,
    /// Around the ink, on the displayed page.
    pub(super) bbox: Rect,
    /// Around its cells, in the frame of its direction.
    pub(super) cell: Rect,
    /// The y of the baseline in that frame.
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) direction: Direction,
    /// Of a script that runs from right to left.
    pub(super) right_to_left: bool,
    /// The line of the stream it stands in.
    pub(super) stream_line: usize,
}

/// The words of a stream, in its order. A word ends at a blank, at the end of a line and where its characters stand
/// apart.
pub(super) fn words(pieces: &[Piece]) -> Vec<PlacedWord> {
    let mut words = Vec::new();
    let mut open: Vec<&Glyph> = Vec::new();
    let mut stream_line = 0;
    for piece in pieces {
        match piece {
            Piece::Glyph(glyph) => {
                if open.last().is_some_and(|last| !is_continued(last, glyph)) {
                    words.extend(word_of(&open, stream_line));
                    open.clear();
                }
                open.push(glyph);
            }
            Piece::Blank | Piece::LineEnd => {
                words.extend(word_of(&open, stream_line));
                open.clear();
                stream_line += usize::from(*piece == Piece::LineEnd);
            }
        }
    }
    words.extend(word_of(&open, stream_line));
    words
}

/// The type size of most characters; 0 without words.
pub(super) fn typical_size(words: &[PlacedWord]) -> f32 {
    let mut sizes: Vec<(f32, usize)> = words.iter().map(|w| (w.size, w.text.chars().count())).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sizes.iter().map(|s| s.1).sum::<usize>() / 2;
    let mut sum = 0;
    sizes
        .into_iter()
        .find(|(_, characters)| {
            sum += characters;
            sum > half
        })
        .map_or(0.0, |(size, _)| size)
}

fn is_continued(last: &Glyph, next: &Glyph) -> bool {
    if last.direction != next.direction {
        return false;
    }
    let (small, large) = (last.size.min(next.size), last.size.max(next.size));
    if large > small * SIZE_RATIO {
        return false;
    }
    let (a, b) = (last.direction.to_frame(last.origin), last.direction.to_frame(next.origin));
    if (a.y - b.y).abs() > large * BASELINE_STEP {
        return false;
    }
    let (a, b) = (last.direction.rect_to_frame(&last.cell), last.direction.rect_to_frame(&next.cell));
    let gap = (b.x - a.right()).max(a.x - b.right());
    gap <= large * WORD_GAP
}

fn word_of(glyphs: &[&Glyph], stream_line: usize) -> Option<PlacedWord> {
    let first = glyphs.first()?;
    let letters = glyphs.iter().filter(|g| g.text.is_alphabetic()).count();
    let right_to_left = glyphs.iter().filter(|g| is_right_to_left(g.text)).count() * 2 > letters.max(1);
    let text = if right_to_left { logical(glyphs) } else { glyphs.iter().map(|g| g.text).collect::<String>() };
    let text = readable(&text);
    if text.trim().is_empty() {
        return None;
    }
    let direction = first.direction;
    let size = glyphs.iter().map(|g| g.size).fold(0.0, f32::max);
    // Superscripts are the smaller ones: the baseline is that of the largest.
    let base = glyphs.iter().find(|g| g.size >= size).unwrap_or(first);
    Some(PlacedWord {
        right_to_left,
        text,
        bbox: Rect::around(glyphs.iter().map(|g| g.ink))?,
        cell: Rect::around(glyphs.iter().map(|g| direction.rect_to_frame(&g.cell)))?,
        baseline: direction.to_frame(base.origin).y,
        size,
        direction,
        stream_line,
    })
}

/// The characters of a word of a right-to-left script as they are read: from the right, but digits and letters of
/// other scripts in between from the left.
fn logical(glyphs: &[&Glyph]) -> String {
    let middle = |g: &Glyph| g.direction.rect_to_frame(&g.cell).center().x;
    let mut placed: Vec<&Glyph> = glyphs.to_vec();
    // A stable sort leaves marks behind the letters that they stand on.
    placed.sort_by(|a, b| middle(b).total_cmp(&middle(a)));
    let runs_left = |g: &&Glyph| g.text.is_alphanumeric() && !is_right_to_left(g.text);
    let mut text = String::with_capacity(placed.len() * 2);
    for run in placed.chunk_by(|a, b| runs_left(a) == runs_left(b)) {
        if run.first().is_some_and(runs_left) {
            text.extend(run.iter().rev().map(|g| g.text));
        } else {
            text.extend(run.iter().map(|g| g.text));
        }
    }
    text
}
