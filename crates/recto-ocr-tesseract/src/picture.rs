//! Pages as pictures of Leptonica, which Tesseract uses directly. Tesseract's own function for raw pixels makes a call
//! for every pixel.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use recto_ocr::PageImage;

// SAFETY: the signatures are those of `allheaders.h` of Leptonica, which `build.rs` links.
unsafe extern "C" {
    fn pixCreate(width: c_int, height: c_int, depth: c_int) -> *mut c_void;
    fn pixDestroy(picture: *mut *mut c_void);
    fn pixGetWpl(picture: *const c_void) -> c_int;
    fn pixGetData(picture: *mut c_void) -> *mut u32;
}

/// A `Pix`, owned through its reference count.
pub(crate) struct Picture(NonNull<c_void>);

impl Picture {
    /// The page as a `Pix`. It has 1 bit per pixel when the page is black and white, which saves Tesseract the search
    /// for a threshold, otherwise 8 bits. `None` when there is not enough memory, or when the page has no pixels.
    pub(crate) fn of(page: &PageImage) -> Option<Self> {
        if page.luma().is_empty() {
            return None;
        }
        let (width, height) = (page.width() as usize, page.height() as usize);
        let is_black_and_white = page.luma().chunks_exact(width).all(has_two_levels);
        let picture = Self::blank(page, if is_black_and_white { 1 } else { 8 })?;
        // SAFETY: the picture is alive.
        let words_a_row = usize::try_from(unsafe { pixGetWpl(picture.0.as_ptr()) }).ok()?;
        // SAFETY: the data of a picture are `height` rows of words, zeros so far, and nobody else has this one.
        let words = unsafe {
            let first = NonNull::new(pixGetData(picture.0.as_ptr()))?;
            std::slice::from_raw_parts_mut(first.as_ptr(), words_a_row * height)
        };
        for (pixels, words) in page.luma().chunks_exact(width).zip(words.chunks_exact_mut(words_a_row)) {
            if is_black_and_white {
                fill(words, pixels, black_bits);
            } else {
                fill(words, pixels, |pixels: &[u8; 4]| u32::from_be_bytes(*pixels));
            }
        }
        Some(picture)
    }

    fn blank(page: &PageImage, depth: c_int) -> Option<Self> {
        let (width, height) = (page.width().try_into().ok()?, page.height().try_into().ok()?);
        // SAFETY: any numbers can be given; what cannot be made is null.
        NonNull::new(unsafe { pixCreate(width, height, depth) }).map(Self)
    }

    /// The pointer for Tesseract's functions, which take a reference of their own.
    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.0.as_ptr()
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        let mut picture = self.0.as_ptr();
        // SAFETY: it was made by `pixCreate`, and this gives up the share that came with it.
        unsafe { pixDestroy(&raw mut picture) };
    }
}

/// Whether all pixels are black or white.
fn has_two_levels(pixels: &[u8]) -> bool {
    // Black and white are the values whose bits are all equal.
    pixels.iter().fold(0, |odd, &p| odd | (p ^ (p.cast_signed() >> 7).cast_unsigned())) == 0
}

/// Fills a row with `N` pixels per word, the leftmost in the highest bits.
fn fill<const N: usize>(words: &mut [u32], pixels: &[u8], word_of: impl Fn(&[u8; N]) -> u32) {
    let (whole, rest) = pixels.as_chunks::<N>();
    for (word, pixels) in words.iter_mut().zip(whole) {
        *word = word_of(pixels);
    }
    if !rest.is_empty() {
        let mut last = [255; N];
        last[..rest.len()].copy_from_slice(rest);
        words[whole.len()] = word_of(&last);
    }
}

/// One bit per pixel, set where the pixel is black.
fn black_bits(pixels: &[u8; 32]) -> u32 {
    // For each eight pixels, the multiplication moves the lowest bit of every pixel to its place in the highest byte.
    // One bit of the factor moves one of them.
    let white = |eight: &[u8; 8]| {
        let lowest = u64::from_le_bytes(*eight) & 0x0101_0101_0101_0101;
        (lowest.wrapping_mul(0x8040_2010_0804_0201) >> 56) as u32
    };
    !pixels.as_chunks::<8>().0.iter().fold(0, |word, eight| (word << 8) | white(eight))
}

#[cfg(test)]
mod tests {
    use super::*;

    // SAFETY: as above.
    unsafe extern "C" {
        fn pixGetDepth(picture: *const c_void) -> c_int;
        fn pixGetPixel(picture: *mut c_void, x: c_int, y: c_int, value: *mut u32) -> c_int;
    }

    /// The depth in bits, and the value of every pixel.
    fn read(page: &PageImage) -> (i32, Vec<u32>) {
        let picture = Picture::of(page).unwrap();
        let value = |i: u32| {
            let mut value = 0;
            let (x, y) = ((i % page.width()) as c_int, (i / page.width()) as c_int);
            // SAFETY: the picture is alive, and the value outlives the call.
            assert_eq!(unsafe { pixGetPixel(picture.as_ptr(), x, y, &raw mut value) }, 0);
            value
        };
        // SAFETY: the picture is alive.
        let depth = unsafe { pixGetDepth(picture.as_ptr()) };
        (depth, (0..page.width() * page.height()).map(value).collect())
    }

    #[test]
    fn grey_pages_keep_every_pixel() {
        for width in [1, 3, 4, 5, 33] {
            let luma: Vec<u8> = (0..width * 3).map(|i| (i * 37 % 256) as u8).collect();
            let expected = (8, luma.iter().map(|&p| u32::from(p)).collect());
            assert_eq!(read(&PageImage::new(width, 3, 300, luma)), expected);
        }
    }

    #[test]
    fn black_and_white_pages_take_a_bit_a_pixel() {
        for width in [1, 7, 8, 31, 32, 33, 100] {
            let luma: Vec<u8> = (0..width * 3).map(|i| if i * i % 7 < 3 { 0 } else { 255 }).collect();
            let expected = (1, luma.iter().map(|&p| u32::from(p == 0)).collect());
            assert_eq!(read(&PageImage::new(width, 3, 300, luma)), expected);
        }
    }

    #[test]
    fn one_grey_pixel_makes_a_page_grey() {
        for odd in [1, 127, 128, 254] {
            assert_eq!(read(&PageImage::new(2, 1, 300, vec![255, odd])), (8, vec![255, u32::from(odd)]));
        }
    }

    #[test]
    fn a_page_without_pixels_is_no_picture() {
        assert!(Picture::of(&PageImage::new(0, 0, 300, Vec::new())).is_none());
    }
}
