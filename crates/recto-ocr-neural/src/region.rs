//! The position of a line of text on a picture.

use recto_domain::{Point, Rect};

/// A rectangle that may be slanted, in pixels of the picture from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The middle.
    pub center: Point,
    /// The length along the line.
    pub length: f32,
    /// The thickness across the line.
    pub thickness: f32,
    /// The direction of the line, in degrees clockwise from left to right. It is above -45 and at most 45 for lines
    /// that are read upright, and 90 for a line that runs down the page.
    pub angle: f32,
    /// The probability that there is text, from 0 to 1.
    pub score: f32,
}

/// Narrow regions that are at least this many times as high as wide are lines that run down the page. Lower ones are
/// single characters.
const DOWN_THE_PAGE: f32 = 2.5;

impl Region {
    /// The region for a rectangle given by its middle, one of its directions, and its sides along and across that
    /// direction. The result has the direction in which the line is read.
    #[must_use]
    pub fn of(center: Point, angle: f32, along: f32, across: f32, score: f32) -> Self {
        // One of the four directions is in this range.
        let quarters = (angle / 90.0).round();
        let (length, thickness) = if quarters as i64 % 2 == 0 { (along, across) } else { (across, along) };
        let level = Self { center, length, thickness, angle: angle - 90.0 * quarters, score };
        if thickness < DOWN_THE_PAGE * length {
            level
        } else {
            Self { length: thickness, thickness: length, angle: level.angle + 90.0, ..level }
        }
    }

    /// The unit vectors along the line and across it. For a level line, the second one points down.
    #[must_use]
    pub fn axes(&self) -> (Point, Point) {
        let (sin, cos) = self.angle.to_radians().sin_cos();
        (Point { x: cos, y: sin }, Point { x: -sin, y: cos })
    }

    /// The position that is `along` pixels from the start of the line and `across` pixels below its upper edge.
    #[must_use]
    pub fn at(&self, along: f32, across: f32) -> Point {
        let (a, c) = self.axes();
        let (along, across) = (along - self.length / 2.0, across - self.thickness / 2.0);
        Point { x: self.center.x + a.x * along + c.x * across, y: self.center.y + a.y * along + c.y * across }
    }

    /// The upright rectangle around the part of the line between two positions along it and two across it.
    #[must_use]
    pub fn part(&self, along: (f32, f32), across: (f32, f32)) -> Rect {
        let corners = [(along.0, across.0), (along.1, across.0), (along.1, across.1), (along.0, across.1)];
        let corners = corners.map(|(along, across)| self.at(along, across));
        let xs = corners.map(|p| p.x);
        let ys = corners.map(|p| p.y);
        let least = |v: [f32; 4]| v.into_iter().fold(f32::INFINITY, f32::min);
        let most = |v: [f32; 4]| v.into_iter().fold(f32::NEG_INFINITY, f32::max);
        Rect::from_edges(least(xs), least(ys), most(xs), most(ys))
    }

    /// The upright rectangle around the region.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        self.part((0.0, self.length), (0.0, self.thickness))
    }

    /// The region enlarged by `by` pixels on each side.
    #[must_use]
    pub fn grown(&self, by: f32) -> Self {
        Self { length: self.length + 2.0 * by, thickness: self.thickness + 2.0 * by, ..*self }
    }

    /// The region on a picture that is larger by these factors.
    #[must_use]
    pub fn scaled(&self, x: f32, y: f32) -> Self {
        let (along, across) = self.axes();
        let (along, across) = (
            Point { x: along.x * self.length * x, y: along.y * self.length * y },
            Point { x: across.x * self.thickness * x, y: across.y * self.thickness * y },
        );
        Self {
            center: Point { x: self.center.x * x, y: self.center.y * y },
            length: along.x.hypot(along.y),
            thickness: across.x.hypot(across.y),
            angle: along.y.atan2(along.x).to_degrees(),
            score: self.score,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_rectangle_stays_where_it_is_whichever_of_its_sides_it_is_told_by(
            x in 0f32..500.0, y in 0f32..500.0, angle in -180f32..180.0, along in 1f32..300.0, across in 1f32..300.0,
        ) {
            let center = Point { x, y };
            let (one, other) = (
                Region::of(center, angle, along, across, 1.0),
                Region::of(center, angle + 90.0, across, along, 1.0),
            );
            let (a, b) = (one.bounds(), other.bounds());
            for (a, b) in [(a.x, b.x), (a.y, b.y), (a.right(), b.right()), (a.bottom(), b.bottom())] {
                prop_assert!((a - b).abs() < 0.1, "{one:?} {other:?}");
            }
            prop_assert!(one.thickness < DOWN_THE_PAGE * one.length);
            prop_assert!(one.angle.abs() <= 45.01 || (45.0..=135.0).contains(&one.angle));
        }

        #[test]
        fn a_scaled_region_has_its_corners_where_they_belong(
            angle in -45f32..45.0, length in 10f32..300.0, thickness in 5f32..30.0, factor in 0.3f32..4.0,
        ) {
            let region = Region { center: Point { x: 400.0, y: 300.0 }, length, thickness, angle, score: 1.0 };
            let (small, large) = (region.bounds(), region.scaled(factor, factor).bounds());
            prop_assert!((small.x * factor - large.x).abs() < 0.5 && (small.bottom() * factor - large.bottom()).abs() < 0.5);
        }
    }

    #[test]
    fn a_single_high_character_is_read_upright_and_a_narrow_column_from_top_to_bottom() {
        let center = Point { x: 50.0, y: 50.0 };
        let one = Region::of(center, 90.0, 20.0, 10.0, 1.0);
        assert_eq!((one.angle, one.length, one.thickness), (0.0, 10.0, 20.0));
        let column = Region::of(center, 0.0, 10.0, 200.0, 1.0);
        assert_eq!((column.angle, column.length, column.thickness), (90.0, 200.0, 10.0));
    }
}
