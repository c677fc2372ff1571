//! Positions on a page.
//!
//! The unit is the point (1/72 inch) unless a name says pixels. The origin is the top left corner of the page as
//! it is displayed; x grows to the right, y downwards. Angles are in degrees, clockwise.

use serde::{Deserialize, Serialize};

/// A point on the page.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
}

/// Width and height.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Size {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Size {
    /// The size after a rotation: a quarter turn swaps the sides.
    #[must_use]
    pub fn turned(self, rotation: Rotation) -> Self {
        match rotation {
            Rotation::None | Rotation::Half => self,
            Rotation::Clockwise | Rotation::CounterClockwise => Self { width: self.height, height: self.width },
        }
    }
}

/// A rectangle with sides parallel to the page's. Serialises as `[x, y, width, height]`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width, never negative.
    pub width: f32,
    /// Height, never negative.
    pub height: f32,
}

impl Rect {
    /// The rectangle with these edges; opposite edges may be swapped.
    #[must_use]
    pub fn from_edges(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self { x: left.min(right), y: top.min(bottom), width: (right - left).abs(), height: (bottom - top).abs() }
    }

    /// Right edge.
    #[must_use]
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// Bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// Area in square points.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// The middle.
    #[must_use]
    pub fn center(&self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }

    /// The rectangle with its position and size multiplied by a factor.
    #[must_use]
    pub fn times(&self, factor: f32) -> Self {
        Self { x: self.x * factor, y: self.y * factor, width: self.width * factor, height: self.height * factor }
    }

    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_edges(
            self.x.min(other.x),
            self.y.min(other.y),
            self.right().max(other.right()),
            self.bottom().max(other.bottom()),
        )
    }

    /// The smallest rectangle that holds all of them; `None` if there are none.
    #[must_use]
    pub fn around(rects: impl IntoIterator<Item = Self>) -> Option<Self> {
        rects.into_iter().reduce(|a, b| a.union(&b))
    }

    /// The common part; `None` when they do not overlap.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let (left, top) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        (left < right && top < bottom).then(|| Self::from_edges(left, top, right, bottom))
    }

    /// The part that lies on a page of that size; `None` when no part does.
    #[must_use]
    pub fn clipped(&self, page: Size) -> Option<Self> {
        self.intersection(&Self { x: 0.0, y: 0.0, width: page.width, height: page.height })
    }
}

impl Serialize for Rect {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A hundredth of a point is 0.0035 mm: finer than any scan, and short in JSON.
        let round = |v: f32| (f64::from(v) * 100.0).round() / 100.0;
        [round(self.x), round(self.y), round(self.width), round(self.height)].serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rect {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [x, y, width, height] = <[f32; 4]>::deserialize(deserializer)?;
        Ok(Self { x, y, width, height })
    }
}

/// A rotation by a multiple of 90 degrees. Serialises as the degrees clockwise: 0, 90, 180, 270.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
pub enum Rotation {
    /// Upright.
    #[default]
    None,
    /// By 90 degrees clockwise.
    Clockwise,
    /// By 180 degrees.
    Half,
    /// By 90 degrees counter-clockwise, which is 270 clockwise.
    CounterClockwise,
}

impl Rotation {
    /// The rotation by that many degrees clockwise: any multiple of 90, including negative ones; `None` for other
    /// angles.
    #[must_use]
    pub fn from_degrees(degrees: i32) -> Option<Self> {
        match degrees.rem_euclid(360) {
            0 => Some(Self::None),
            90 => Some(Self::Clockwise),
            180 => Some(Self::Half),
            270 => Some(Self::CounterClockwise),
            _ => None,
        }
    }

    /// Degrees clockwise: 0, 90, 180 or 270.
    #[must_use]
    pub fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Clockwise => 90,
            Self::Half => 180,
            Self::CounterClockwise => 270,
        }
    }

    /// This rotation followed by another.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        match (self.degrees() + next.degrees()) % 360 {
            90 => Self::Clockwise,
            180 => Self::Half,
            270 => Self::CounterClockwise,
            _ => Self::None,
        }
    }

    /// The inverse rotation.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Clockwise => Self::CounterClockwise,
            Self::CounterClockwise => Self::Clockwise,
            same => same,
        }
    }

    /// The map that rotates a page of that size (before the rotation) so that its top left corner is the origin again.
    #[must_use]
    pub fn affine(self, page: Size) -> Affine {
        match self {
            Self::None => Affine::IDENTITY,
            Self::Clockwise => Affine { a: 0.0, b: 1.0, c: -1.0, d: 0.0, e: page.height, f: 0.0 },
            Self::Half => Affine { a: -1.0, b: 0.0, c: 0.0, d: -1.0, e: page.width, f: page.height },
            Self::CounterClockwise => Affine { a: 0.0, b: -1.0, c: 1.0, d: 0.0, e: 0.0, f: page.width },
        }
    }
}

impl From<Rotation> for u16 {
    fn from(rotation: Rotation) -> Self {
        rotation.degrees()
    }
}

impl TryFrom<u16> for Rotation {
    type Error = String;

    fn try_from(degrees: u16) -> Result<Self, String> {
        Self::from_degrees(i32::from(degrees)).ok_or_else(|| format!("{degrees} is not a multiple of 90 degrees"))
    }
}

/// The map `x' = a x + c y + e`, `y' = b x + d y + f`, as in PDF 32000-1 section 8.3.4 (but with y downwards).
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the letters are defined by the formula above")]
pub struct Affine {
    pub a: f32,
    pub b: f32,
    pub c: f32,
    pub d: f32,
    pub e: f32,
    pub f: f32,
}

impl Affine {
    /// The identity map.
    pub const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    /// A rotation by `degrees` clockwise (as displayed) about a point.
    #[must_use]
    pub fn rotation_about(degrees: f32, center: Point) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self {
            a: cos,
            b: sin,
            c: -sin,
            d: cos,
            e: center.x - cos * center.x + sin * center.y,
            f: center.y - sin * center.x - cos * center.y,
        }
    }

    /// A translation.
    #[must_use]
    pub fn translation(x: f32, y: f32) -> Self {
        Self { e: x, f: y, ..Self::IDENTITY }
    }

    /// This map followed by another.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self {
            a: next.a * self.a + next.c * self.b,
            b: next.b * self.a + next.d * self.b,
            c: next.a * self.c + next.c * self.d,
            d: next.b * self.c + next.d * self.d,
            e: next.a * self.e + next.c * self.f + next.e,
            f: next.b * self.e + next.d * self.f + next.f,
        }
    }

    /// The image of a point.
    #[must_use]
    pub fn apply(&self, p: Point) -> Point {
        Point { x: self.a * p.x + self.c * p.y + self.e, y: self.b * p.x + self.d * p.y + self.f }
    }

    /// The bounding box of a rectangle's image.
    #[must_use]
    pub fn apply_rect(&self, r: &Rect) -> Rect {
        let corners = [(r.x, r.y), (r.right(), r.y), (r.x, r.bottom()), (r.right(), r.bottom())]
            .map(|(x, y)| self.apply(Point { x, y }));
        let (mut left, mut top, mut right, mut bottom) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
        for p in corners {
            (left, top) = (left.min(p.x), top.min(p.y));
            (right, bottom) = (right.max(p.x), bottom.max(p.y));
        }
        Rect::from_edges(left, top, right, bottom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: Size = Size { width: 600.0, height: 800.0 };

    #[test]
    fn a_clockwise_turn_takes_the_bottom_left_to_the_top_left() {
        let p = Rotation::Clockwise.affine(PAGE).apply(Point { x: 0.0, y: 800.0 });
        assert_eq!(p, Point { x: 0.0, y: 0.0 });
    }

    proptest! {
        #[test]
        fn a_turn_and_its_inverse_leave_a_rectangle_in_place(
            x in 0f32..500.0, y in 0f32..700.0, w in 1f32..100.0, h in 1f32..100.0, quarter in 0i32..4,
        ) {
            let turn = Rotation::from_degrees(quarter * 90).unwrap();
            let there = turn.affine(PAGE);
            let back = turn.inverse().affine(PAGE.turned(turn));
            let r = Rect { x, y, width: w, height: h };
            let moved = there.apply_rect(&r);
            prop_assert!(moved.clipped(PAGE.turned(turn)).is_some());
            let same = there.then(&back).apply_rect(&r);
            prop_assert!((same.x - x).abs() < 0.01 && (same.y - y).abs() < 0.01);
            prop_assert!((same.width - w).abs() < 0.01 && (same.height - h).abs() < 0.01);
        }
    }
}
