//! Points as pixels, for the formats that know no other unit.

use recto_domain::Rect;

/// The resolution that pixels are counted at. What a page was recognised at differs from page to page and is not kept;
/// this is the usual one of scans, so that the numbers look as such tools expect them.
pub(crate) const DPI: f32 = 300.0;

/// A box in whole pixels from the top left of the page. The edges are rounded, so that boxes that touch still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelBox {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) right: i64,
    pub(crate) bottom: i64,
}

impl PixelBox {
    pub(crate) fn of(rect: &Rect) -> Self {
        let (left, top) = (pixels(rect.x), pixels(rect.y));
        Self { left, top, right: pixels(rect.right()).max(left), bottom: pixels(rect.bottom()).max(top) }
    }

    pub(crate) fn width(self) -> i64 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> i64 {
        self.bottom - self.top
    }
}

/// A length in points in whole pixels, never negative.
pub(crate) fn pixels(points: f32) -> i64 {
    // A number that is none becomes zero.
    (f64::from(points) * f64::from(DPI) / 72.0).round().max(0.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_that_touch_still_do() {
        let left = PixelBox::of(&Rect { x: 10.1, y: 0.0, width: 5.2, height: 7.2 });
        let right = PixelBox::of(&Rect { x: 15.3, y: 0.0, width: 5.2, height: 7.2 });
        assert_eq!(left.right, right.left);
        assert_eq!((left.height(), pixels(72.0), pixels(f32::NAN), pixels(-3.0)), (30, 300, 0, 0));
    }
}
