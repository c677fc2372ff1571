//! Text that is drawn more than once at nearly the same place: to look bold, to cast a shadow, or by mistake.

use std::collections::{HashMap, HashSet};

use recto_domain::Point;

use super::word::{Glyph, Piece};

/// The largest distance between copies, in type sizes.
const REACH: f32 = 0.4;
/// A copy closer than this share of its own width cannot be the next letter of the word, …
const SAME_PLACE: f32 = 0.5;
/// Characters drawn by one command are adjacent letters, unless they are closer together than narrow letters.
const NARROW: f32 = 0.25;
/// … nor can one further away across the line than this share of the type size.
const SAME_LINE: f32 = 0.3;
/// The largest ratio of the type sizes of copies.
const SIZE_RATIO: f32 = 1.06;
/// Copies in a text have equal offsets, within this share of the type size.
const SAME_STEP: f32 = 0.03;
/// The most characters, and the most offsets of copies, that a character is compared with: a page has few in one place.
const MAX_COMPARED: usize = 64;
const MAX_STEPS: usize = 20_000;
/// The side of the squares in which copies are searched, in points.
const SQUARE: f32 = 24.0;

/// Indexes of the pieces that are second and later copies of characters.
///
/// A copy is the same character in the same direction and size, closer than the next letter could be. A character
/// narrower than the offset (an `l`, a full stop) is treated like the letters beside it.
pub(crate) fn copies(pieces: &[Piece]) -> HashSet<usize> {
    let glyphs: Vec<(usize, &Glyph)> = (0..)
        .zip(pieces)
        .filter_map(|(i, piece)| if let Piece::Glyph(glyph) = piece { Some((i, glyph)) } else { None })
        .collect();
    copies_among(&glyphs)
}

/// Indexes of the pieces that are copies.
fn copies_among(glyphs: &[(usize, &Glyph)]) -> HashSet<usize> {
    let mut squares: HashMap<(char, i32, i32), Vec<usize>> = HashMap::new();
    let square = |v: f32| (v / SQUARE).floor() as i32;
    let mut copies: HashSet<usize> = HashSet::new();
    let mut doubtful: Vec<(usize, usize)> = Vec::new();
    let mut steps: Vec<(Point, f32, Point)> = Vec::new();
    for (place, &(index, glyph)) in glyphs.iter().enumerate() {
        let reach = REACH * glyph.size;
        let mut is_copy = false;
        let mut other = None;
        for x in square(glyph.origin.x - reach)..=square(glyph.origin.x + reach) {
            for y in square(glyph.origin.y - reach)..=square(glyph.origin.y + reach) {
                for &earlier in squares.get(&(glyph.text, x, y)).into_iter().flatten().rev().take(MAX_COMPARED) {
                    let (earlier_index, original) = glyphs[earlier];
                    match nearness(original, glyph) {
                        Nearness::Copy => {
                            is_copy = true;
                            steps.push((glyph.origin, glyph.size, step(original, glyph)));
                        }
                        Nearness::Doubtful if !copies.contains(&earlier_index) => other = Some(earlier),
                        _ => {}
                    }
                }
            }
        }
        if is_copy {
            copies.insert(index);
        } else {
            if let Some(earlier) = other {
                doubtful.push((earlier, place));
            }
            squares.entry((glyph.text, square(glyph.origin.x), square(glyph.origin.y))).or_default().push(place);
        }
    }
    for (earlier, later) in doubtful {
        let (index, glyph) = glyphs[later];
        let original = glyphs[earlier].1;
        let this = step(original, glyph);
        // It has the same offset as its neighbours, and the original is kept.
        let as_beside = steps.iter().take(MAX_STEPS).any(|(at, size, step)| {
            let near = (at.x - glyph.origin.x).abs() < 12.0 * size && (at.y - glyph.origin.y).abs() < 0.5 * size;
            let off = SAME_STEP * glyph.size;
            near && (step.x - this.x).abs() < off && (step.y - this.y).abs() < off
        });
        if as_beside && !copies.contains(&glyphs[earlier].0) {
            copies.insert(index);
        }
    }
    copies
}

enum Nearness {
    /// It cannot be another letter.
    Copy,
    /// It may be a copy or the next letter.
    Doubtful,
    Apart,
}

fn nearness(original: &Glyph, glyph: &Glyph) -> Nearness {
    let (small, large) = (original.size.min(glyph.size), original.size.max(glyph.size));
    if original.direction != glyph.direction || large > SIZE_RATIO * small {
        return Nearness::Apart;
    }
    // The letters of a ligature have the same position too.
    if original.object == glyph.object && original.origin == glyph.origin && original.cell == glyph.cell {
        return Nearness::Apart;
    }
    let step = step(original, glyph);
    // The cells of slanted letters extend to the left; the next letter is to the right of the pen position.
    let cell = original.direction.rect_to_frame(&original.cell);
    let ahead = cell.right() - original.direction.to_frame(original.origin).x;
    let width = cell.width.min(ahead).max(0.0);
    let width = if original.object == glyph.object { width.min(NARROW * large) } else { width };
    if step.y.abs() > SAME_LINE * large || step.x.abs() > REACH * large {
        Nearness::Apart
    } else if step.x.abs() < SAME_PLACE * width {
        Nearness::Copy
    } else {
        Nearness::Doubtful
    }
}

/// The offset of a copy from its original, along and across the line.
fn step(original: &Glyph, glyph: &Glyph) -> Point {
    // Several characters may share a pen position if the file gives the text of a drawing.
    let frame = original.direction;
    let left = |g: &Glyph| frame.rect_to_frame(&g.cell).x;
    Point { x: left(glyph) - left(original), y: frame.to_frame(glyph.origin).y - frame.to_frame(original.origin).y }
}
