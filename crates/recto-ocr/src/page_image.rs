//! The picture of a page, in the form that engines take.

use recto_domain::{Rotation, Size};

/// A page as 8-bit grey pixels: rows from top to bottom, 0 black, 255 white, without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct PageImage {
    width: u32,
    height: u32,
    dpi: u32,
    luma: Vec<u8>,
}

impl PageImage {
    /// A picture of `width` x `height` pixels at `dpi` pixels per inch, the same in both directions.
    ///
    /// # Panics
    /// When `luma` does not have `width * height` bytes or `dpi` is 0. That is an error of the caller; no file can
    /// cause it.
    #[must_use]
    pub fn new(width: u32, height: u32, dpi: u32, luma: Vec<u8>) -> Self {
        assert_eq!(luma.len(), width as usize * height as usize, "one byte a pixel");
        assert!(dpi > 0, "a resolution is positive");
        Self { width, height, dpi, luma }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Pixels per inch.
    #[must_use]
    pub fn dpi(&self) -> u32 {
        self.dpi
    }

    /// Points per pixel.
    #[must_use]
    pub fn scale(&self) -> f32 {
        72.0 / self.dpi as f32
    }

    /// The size in points.
    #[must_use]
    pub fn size(&self) -> Size {
        Size { width: self.width as f32 * self.scale(), height: self.height as f32 * self.scale() }
    }

    /// The pixels, row by row.
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }

    /// Like [`PageImage::luma`], when the picture is no longer needed.
    pub(crate) fn into_luma(self) -> Vec<u8> {
        self.luma
    }

    /// The picture rotated by quarter turns.
    #[must_use]
    pub fn turned(&self, rotation: Rotation) -> Self {
        let (w, h) = (self.width as usize, self.height as usize);
        let luma = match rotation {
            Rotation::None => self.luma.clone(),
            Rotation::Half => self.luma.iter().rev().copied().collect(),
            Rotation::Clockwise => transposed(&self.luma, w, h, |x, y| x * h + (h - 1 - y)),
            Rotation::CounterClockwise => transposed(&self.luma, w, h, |x, y| (w - 1 - x) * h + y),
        };
        let (width, height) = match rotation {
            Rotation::None | Rotation::Half => (self.width, self.height),
            Rotation::Clockwise | Rotation::CounterClockwise => (self.height, self.width),
        };
        Self { width, height, dpi: self.dpi, luma }
    }
}

/// Moves every pixel of a `w` x `h` picture to the index given by `target`. It works tile by tile, so that the rows
/// read and written stay in the cache; on a 300 dpi page this is several times faster than column by column.
fn transposed(luma: &[u8], w: usize, h: usize, target: impl Fn(usize, usize) -> usize) -> Vec<u8> {
    const TILE: usize = 64;
    let mut out = vec![0; luma.len()];
    for top in (0..h).step_by(TILE) {
        for left in (0..w).step_by(TILE) {
            for y in top..(top + TILE).min(h) {
                for x in left..(left + TILE).min(w) {
                    out[target(x, y)] = luma[y * w + x];
                }
            }
        }
    }
    out
}

impl std::fmt::Debug for PageImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PageImage({} x {} px, {} dpi)", self.width, self.height, self.dpi)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_clockwise_turn_takes_the_left_column_to_the_top_row() {
        let picture = PageImage::new(2, 3, 300, vec![1, 2, 3, 4, 5, 6]);
        let turned = picture.turned(Rotation::Clockwise);
        assert_eq!((turned.width(), turned.height()), (3, 2));
        assert_eq!(turned.luma(), [5, 3, 1, 6, 4, 2]);
        assert_eq!(picture.turned(Rotation::CounterClockwise).luma(), [2, 4, 6, 1, 3, 5]);
    }

    proptest! {
        #[test]
        fn a_turn_and_its_inverse_give_the_picture_back(w in 1u32..150, h in 1u32..150, quarter in 0i32..4) {
            let luma = (0..w * h).map(|i| (i % 251) as u8).collect();
            let picture = PageImage::new(w, h, 300, luma);
            let turn = Rotation::from_degrees(quarter * 90).unwrap();
            prop_assert_eq!(picture.turned(turn).turned(turn.inverse()), picture);
        }
    }
}
