//! Coordinate systems (ISO 32000-1, section 8.3): the map between the displayed page and a page's user space, and
//! between a picture and the displayed page.

use recto_domain::{Rotation, Size};

/// The map `x' = a x + c y + e`, `y' = b x + d y + f`, written `a b c d e f`; y grows upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) fn translation(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    pub(super) fn scale(x: f64, y: f64) -> Self {
        Self([x, 0.0, 0.0, y, 0.0, 0.0])
    }

    /// A translation to a position given with y downwards from the top of a page of that height.
    pub(super) fn translation_of((x, y): (f64, f64), page_height: f64) -> Self {
        Self::translation(x, page_height - y)
    }

    /// The clockwise rotation by the angle with that sine and cosine.
    pub(super) fn turned(sin: f64, cos: f64) -> Self {
        Self([cos, -sin, sin, cos, 0.0, 0.0])
    }

    /// The inverse map; `None` if the map is singular.
    pub(super) fn inverse(self) -> Option<Self> {
        let [a, b, c, d, e, f] = self.0;
        let area = a * d - b * c;
        (area.abs() > 1e-9).then(|| {
            let [a, b, c, d] = [d / area, -b / area, -c / area, a / area];
            Self([a, b, c, d, -e * a - f * c, -e * b - f * d])
        })
    }

    /// The image of a position.
    pub(super) fn place(self, (x, y): (f64, f64)) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// This map followed by another.
    pub(super) fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], [na, nb, nc, nd, ne, nf]) = (self.0, next.0);
        Self([
            a * na + b * nc,
            a * nb + b * nd,
            c * na + d * nc,
            c * nb + d * nd,
            e * na + f * nc + ne,
            e * nb + f * nd + nf,
        ])
    }

    /// The clockwise rotation of the unit square onto itself.
    fn unit_turn(rotation: Rotation) -> Self {
        match rotation {
            Rotation::None => Self::IDENTITY,
            Rotation::Clockwise => Self([0.0, -1.0, 1.0, 0.0, 0.0, 1.0]),
            Rotation::Half => Self([-1.0, 0.0, 0.0, -1.0, 1.0, 1.0]),
            Rotation::CounterClockwise => Self([0.0, 1.0, -1.0, 0.0, 1.0, 0.0]),
        }
    }

    /// The map from the unit square of a stored picture to the page that shows it: mirrored first, then rotated.
    pub(super) fn picture(mirrored: bool, rotation: Rotation, page: Size) -> Self {
        let mirror = if mirrored { Self([-1.0, 0.0, 0.0, 1.0, 1.0, 0.0]) } else { Self::IDENTITY };
        let onto_page = Self::scale(page.width.into(), page.height.into());
        mirror.then(Self::unit_turn(rotation)).then(onto_page)
    }

    /// The map from the displayed page, y upwards from its bottom left corner, to the user space of a page whose
    /// visible area is `visible` and whose rotation is `rotation`.
    ///
    /// The sizes may differ by a factor, as on pages with a `UserUnit`.
    pub(super) fn displayed_to_user(displayed: Size, rotation: Rotation, visible: Frame) -> Self {
        let positive = |side: f32| if side > 0.0 { 1.0 / f64::from(side) } else { 1.0 };
        Self::scale(positive(displayed.width), positive(displayed.height))
            .then(Self::unit_turn(rotation.inverse()))
            .then(Self::scale(visible.right - visible.left, visible.top - visible.bottom))
            .then(Self::translation(visible.left, visible.bottom))
    }
}

/// A rectangle in user space.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) bottom: f64,
    pub(super) right: f64,
    pub(super) top: f64,
}

impl Frame {
    /// The visible area of a page without a size: US Letter, as in viewers.
    pub(super) const LETTER: Self = Self { left: 0.0, bottom: 0.0, right: 612.0, top: 792.0 };

    /// The frame between two opposite corners; `None` when it has no area.
    pub(super) fn from_corners([x0, y0, x1, y1]: [f64; 4]) -> Option<Self> {
        let frame = Self { left: x0.min(x1), bottom: y0.min(y1), right: x0.max(x1), top: y0.max(y1) };
        (frame.left < frame.right && frame.bottom < frame.top).then_some(frame)
    }

    /// The common part; `None` when they do not overlap.
    pub(super) fn intersection(self, other: Self) -> Option<Self> {
        Self::from_corners([
            self.left.max(other.left),
            self.bottom.max(other.bottom),
            self.right.min(other.right).max(self.left.max(other.left)),
            self.top.min(other.top).max(self.bottom.max(other.bottom)),
        ])
    }
}
