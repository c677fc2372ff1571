//! Conversion of points to pixels, for formats that have no other unit.

use recto_domain::Rect;

/// The nominal resolution of pixels. The resolution at which a page was recognised differs from page to page and is not
/// stored. This is the usual resolution of scans, which tools for these formats expect.
pub(crate) const DPI: f32 = 300.0;

/// A box in whole pixels from the top left of the page. Its edges are rounded, so that adjacent boxes stay adjacent.
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

/// A length in points as whole pixels, never negative.
pub(crate) fn pixels(points: f32) -> i64 {
    // NaN becomes zero.
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
