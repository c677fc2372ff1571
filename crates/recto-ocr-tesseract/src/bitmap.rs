//! Pictures of black and white only.

use recto_ocr::PageImage;

/// One bit a pixel, set where it is white; rows begin at whole bytes, the leftmost pixel in the highest bit.
pub(crate) struct Bitmap {
    width: usize,
    height: usize,
    bits: Vec<u8>,
}

impl Bitmap {
    /// The picture with nothing lost; `None` when it has a grey pixel. Pages with any are mostly found out in the first
    /// rows.
    pub(crate) fn of(image: &PageImage) -> Option<Self> {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let mut bits = Vec::with_capacity(width.div_ceil(8) * height);
        for row in image.luma().chunks_exact(width) {
            if row.iter().any(|p| !matches!(p, 0 | 255)) {
                return None;
            }
            bits.extend(
                row.chunks(8)
                    .map(|pixels| pixels.iter().enumerate().fold(0u8, |byte, (i, white)| byte | (white & (0x80 >> i)))),
            );
        }
        Some(Self { width, height, bits })
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// Bytes from one row to the next.
    pub(crate) fn stride(&self) -> usize {
        self.width.div_ceil(8)
    }

    pub(crate) fn bits(&self) -> &[u8] {
        &self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_at_whole_bytes_and_white_is_set() {
        let mut luma = vec![255; 2 * 10];
        luma[0] = 0;
        luma[19] = 0;
        let bitmap = Bitmap::of(&PageImage::new(10, 2, 300, luma)).unwrap();
        assert_eq!((bitmap.width(), bitmap.height(), bitmap.stride()), (10, 2, 2));
        assert_eq!(bitmap.bits(), [0b0111_1111, 0b1100_0000, 0b1111_1111, 0b1000_0000]);
    }

    #[test]
    fn a_grey_pixel_is_kept_out() {
        assert!(Bitmap::of(&PageImage::new(2, 1, 300, vec![255, 254])).is_none());
    }
}
