//! Groups a stream of characters into words.

use recto_domain::{Point, Rect};

use super::bidi::{has_direction, is_right_to_left};
use super::frame::Direction;
use super::raised;
use super::spacing::{Between, Run, gap, is_solid};
use super::unicode::readable;
use super::visual::{Letter, letters_of};

/// A gap of this many type sizes ends a run of characters.
const RUN_GAP: f32 = 1.5;
/// A step across the line of this share of the type size ends a word; superscripts step less.
const BASELINE_STEP: f32 = 0.7;
/// The largest ratio of sizes in one word, as with small capitals and superscripts.
const SIZE_RATIO: f32 = 2.5;

/// The dimensions of hyphens and minus signs, in type sizes: their height above the baseline, thickness and width; and
/// their least ratio of width to thickness.
const BAR_HEIGHTS: std::ops::Range<f32> = 0.1..0.55;
const BAR_THICKNESSES: std::ops::Range<f32> = 0.015..0.2;
const BAR_WIDTH: f32 = 0.15;
const BAR_SHAPE: f32 = 1.5;

/// A visible character, or the remains of one from a broken font.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glyph {
    /// The character in the file's map.
    pub(crate) text: char,
    /// The bounding box of its ink, on the displayed page.
    pub(crate) ink: Rect,
    /// The space that it occupies in its line.
    pub(crate) cell: Rect,
    /// The pen position.
    pub(crate) origin: Point,
    /// Type size in points.
    pub(crate) size: f32,
    /// The direction of its line.
    pub(crate) direction: Direction,
    /// The number of the drawing command; characters drawn by one command have the same number.
    pub(crate) object: usize,
}

impl Glyph {
    /// Whether the space it occupies is known; otherwise its cell is its ink.
    pub(super) fn has_room(&self) -> bool {
        self.cell != self.ink
    }

    /// Whether its ink is a horizontal bar at half the height of letters: a hyphen, a minus or a dash, whatever the
    /// file calls it.
    pub(crate) fn is_bar(&self) -> bool {
        let ink = self.direction.rect_to_frame(&self.ink);
        let height = (self.direction.to_frame(self.origin).y - ink.center().y) / self.size;
        self.has_room()
            && BAR_HEIGHTS.contains(&height)
            && BAR_THICKNESSES.contains(&(ink.height / self.size))
            && ink.width >= BAR_WIDTH * self.size
            && ink.width >= BAR_SHAPE * ink.height
    }
}

/// An element of a stream of characters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// A character.
    Glyph(Glyph),
    /// A space character: the end of a word.
    Blank,
    /// A gap that PDFium reports as the end of a word.
    Gap,
    /// The end of a line.
    LineEnd,
}

/// A word with the properties that determine its order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlacedWord {
    pub(super) text: String,
    /// The bounding box of the ink, on the displayed page.
    pub(super) bbox: Rect,
    /// The bounding box of its cells, in the frame of its direction.
    pub(super) cell: Rect,
    /// The y of the baseline in that frame.
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) direction: Direction,
    /// Whether its script runs from right to left.
    pub(super) right_to_left: bool,
    /// The characters, if the word or its neighbour has letters or digits of a right-to-left script; otherwise empty.
    pub(super) letters: Vec<Letter>,
    /// The line of the stream that contains it.
    pub(super) stream_line: usize,
}

/// The words of a stream, in its order. A word ends at a space, at the end of a line, and at a gap between its
/// characters.
pub(super) fn words(pieces: &[Piece]) -> Vec<PlacedWord> {
    let mut words = Vec::new();
    let mut run = Run::default();
    let mut between = Between::Nothing;
    let mut line_ended = false;
    let mut stream_line = 0;
    for piece in pieces {
        match piece {
            Piece::Glyph(glyph) => {
                let last = run.glyphs.last();
                // PDFium also reports a line end after a raised character.
                let follows =
                    last.is_some_and(|last| is_continued(last, glyph) && (!line_ended || is_solid(last, glyph)));
                if !follows {
                    take_words(&mut run, stream_line, &mut words);
                    stream_line += usize::from(line_ended);
                }
                if !run.glyphs.is_empty() {
                    run.between.push(between);
                }
                run.glyphs.push(glyph);
                between = Between::Nothing;
                line_ended = false;
            }
            Piece::Blank => between = Between::Space,
            Piece::Gap if between == Between::Nothing => between = Between::Gap,
            Piece::Gap => {}
            Piece::LineEnd => line_ended = true,
        }
    }
    take_words(&mut run, stream_line, &mut words);
    words
}

/// Splits a run into its words.
fn take_words(run: &mut Run, stream_line: usize, words: &mut Vec<PlacedWord>) {
    let run = std::mem::take(run);
    let mut ends = run.word_ends().into_iter();
    let parts = run.glyphs.chunk_by(|_, _| !ends.next().unwrap_or(true));
    words.extend(parts.flat_map(|part| raised::without_marks(part)).filter_map(|part| word_of(part, stream_line)));
}

/// Whether most letters run from right to left.
pub(super) fn runs_from_right(words: &[PlacedWord]) -> bool {
    let letters = || words.iter().flat_map(|w| w.text.chars()).filter(|c| c.is_alphabetic());
    words.iter().any(|w| w.right_to_left) && letters().filter(|&c| is_right_to_left(c)).count() * 2 > letters().count()
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
    (a.y - b.y).abs() <= large * BASELINE_STEP && gap(last, next) <= RUN_GAP
}

fn word_of(glyphs: &[&Glyph], stream_line: usize) -> Option<PlacedWord> {
    let first = glyphs.first()?;
    let letters = glyphs.iter().filter(|g| g.text.is_alphabetic()).count();
    let right_to_left = glyphs.iter().filter(|g| is_right_to_left(g.text)).count() * 2 > letters.max(1);
    let text = readable(&raised::text_of(glyphs));
    if text.trim().is_empty() {
        return None;
    }
    let direction = first.direction;
    Some(PlacedWord {
        right_to_left,
        letters: if glyphs.iter().any(|g| has_direction(g.text)) { letters_of(glyphs) } else { Vec::new() },
        text,
        bbox: Rect::around(glyphs.iter().map(|g| g.ink))?,
        cell: Rect::around(glyphs.iter().map(|g| direction.rect_to_frame(&g.cell)))?,
        baseline: direction.to_frame(base_of(glyphs)?.origin).y,
        size: glyphs.iter().map(|g| g.size).fold(0.0, f32::max),
        direction,
        stream_line,
    })
}

/// The character that determines the word's baseline: one of the largest, because superscripts are smaller.
pub(super) fn base_of<'a>(glyphs: &[&'a Glyph]) -> Option<&'a Glyph> {
    let size = glyphs.iter().map(|g| g.size).fold(0.0, f32::max);
    glyphs.iter().copied().find(|g| g.size >= size).or(glyphs.first().copied())
}
