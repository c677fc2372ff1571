//! Directions of lines, and the coordinate frames in which lines of a direction are horizontal.

use std::collections::BTreeMap;

use recto_domain::{Point, Rect};

use super::word::{Piece, PlacedWord};

/// The direction of a line in whole degrees clockwise from left-to-right, 0 to 359.
///
/// Directions within [`Direction::TOLERANCE`] of a quarter turn count as that turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Direction(u16);

impl Direction {
    const TOLERANCE: i32 = 4;

    /// From degrees clockwise; any number.
    pub(crate) fn from_degrees(degrees: f32) -> Self {
        let whole = if degrees.is_finite() { (degrees.round() as i32).rem_euclid(360) } else { 0 };
        let quarter = (whole + 45) / 90 * 90;
        let settled = if (whole - quarter).abs() <= Self::TOLERANCE { quarter % 360 } else { whole };
        Self(settled as u16)
    }

    /// The direction in degrees clockwise.
    pub(crate) fn degrees(self) -> f32 {
        f32::from(self.0)
    }

    /// The position of a point of the page in the frame in which this direction runs along x.
    pub(super) fn to_frame(self, p: Point) -> Point {
        match self.0 {
            0 => p,
            90 => Point { x: p.y, y: -p.x },
            180 => Point { x: -p.x, y: -p.y },
            270 => Point { x: -p.y, y: p.x },
            degrees => {
                let (sin, cos) = f32::from(degrees).to_radians().sin_cos();
                Point { x: p.x * cos + p.y * sin, y: p.y * cos - p.x * sin }
            }
        }
    }

    /// A rectangle of the page in the frame. Exact for quarter turns. For other angles, a square of the same area with
    /// the same centre, which suits single characters.
    pub(super) fn rect_to_frame(self, r: &Rect) -> Rect {
        if self.0.is_multiple_of(90) {
            let (a, b) =
                (self.to_frame(Point { x: r.x, y: r.y }), self.to_frame(Point { x: r.right(), y: r.bottom() }));
            return Rect::from_edges(a.x, a.y, b.x, b.y);
        }
        let middle = self.to_frame(r.center());
        let half = r.area().sqrt() / 2.0;
        Rect { x: middle.x - half, y: middle.y - half, width: 2.0 * half, height: 2.0 * half }
    }
}

/// Marks East Asian characters that stand below each other as running downwards. Files do not show this, because each
/// of these characters is upright.
pub(super) fn with_vertical_runs(pieces: &[Piece]) -> Vec<Piece> {
    let mut pieces = pieces.to_vec();
    for i in 1..pieces.len() {
        let (before, from) = pieces.split_at_mut(i);
        let (Some(Piece::Glyph(last)), Some(Piece::Glyph(next))) = (before.last_mut(), from.first_mut()) else {
            continue;
        };
        let size = last.size.max(next.size);
        let (across, down) = (next.cell.center().x - last.cell.center().x, next.origin.y - last.origin.y);
        let upright = next.direction == Direction::default()
            && (last.direction == Direction::default() || last.direction == Direction(90));
        let below = across.abs() < 0.3 * size && (0.5 * size..2.0 * size).contains(&down);
        if upright && below && is_east_asian(last.text) && is_east_asian(next.text) {
            last.direction = Direction(90);
            next.direction = Direction(90);
        }
    }
    pieces
}

/// Whether a character may be set in vertical columns: Han, kana, Hangul and their punctuation, by Unicode block.
pub(super) fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE10}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The words by direction: the direction with most characters first, the others sorted by angle.
pub(super) fn by_direction(words: Vec<PlacedWord>) -> Vec<(Direction, Vec<PlacedWord>)> {
    let mut groups: BTreeMap<Direction, Vec<PlacedWord>> = BTreeMap::new();
    for word in words {
        groups.entry(word.direction).or_default().push(word);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    let weight = |words: &[PlacedWord]| words.iter().map(|w| w.text.len()).sum::<usize>();
    if let Some(main) = (0..groups.len()).max_by_key(|&i| (weight(&groups[i].1), std::cmp::Reverse(i))) {
        let main = groups.remove(main);
        groups.insert(0, main);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_nearly_level_line_is_level() {
        assert_eq!(Direction::from_degrees(358.0), Direction::default());
        assert_eq!(Direction::from_degrees(-88.7).degrees(), 270.0);
        assert_eq!(Direction::from_degrees(30.2).degrees(), 30.0);
    }

    proptest! {
        #[test]
        fn a_step_along_the_direction_is_a_step_along_x(
            degrees in 0f32..360.0, x in -500f32..500.0, y in -500f32..500.0, step in 1f32..100.0,
        ) {
            let direction = Direction::from_degrees(degrees);
            let (sin, cos) = direction.degrees().to_radians().sin_cos();
            let here = direction.to_frame(Point { x, y });
            let there = direction.to_frame(Point { x: x + step * cos, y: y + step * sin });
            prop_assert!((there.x - here.x - step).abs() < 0.01);
            prop_assert!((there.y - here.y).abs() < 0.01);
        }
    }
}
