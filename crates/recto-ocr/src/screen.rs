//! Pictures whose tones consist of dots: dithered pictures, halftones, the grain of paper scanned in black and white.
//!
//! Engines take each dot for ink. Slight smoothing turns dots into tones again, while letters, which are larger, stay.

use std::borrow::Cow;

use crate::page_image::PageImage;
use crate::reduced::Reduced;

/// If ink and background change more often than this between horizontal and vertical neighbours, the page is full of
/// dots. None of 196 papers of the corpora exceeds 0.24, letters of 6 to 9 pixels reach 0.36, and dithered pages lie
/// between 0.45 and 2.
const MANY_CHANGES: f32 = 0.42;
/// From this value on, a page may be full of dots; smoothed pictures stay below.
const SOME_CHANGES: f32 = 0.2;
/// In that range, it is if it has at least this many specks per letter: small print has up to 2, most halftones 4 or
/// more.
const SPECKS_A_LETTER: usize = 3;
/// One row in this many is examined.
const ROWS: usize = 3;
/// The most smoothing passes. They blur 3 pixels on each side; letters that are visible between coarser dots are large.
const MOST_PASSES: u8 = 9;

/// Whether a picture consists of dots, given its numbers of letter-sized spots and of specks.
pub(crate) fn is_screened(image: &PageImage, near: &Reduced, letters: usize, specks: usize) -> bool {
    let changes = changes(image, near);
    changes >= MANY_CHANGES || (changes >= SOME_CHANGES && specks > SPECKS_A_LETTER * letters)
}

/// The number of smoothing passes for such a picture, and the result.
pub(crate) fn descreened(image: &PageImage, reduced: impl Fn(&PageImage) -> Reduced) -> (u8, PageImage) {
    let mut smooth = smoothed_once(image);
    let mut passes = 1;
    while passes < MOST_PASSES && changes(&smooth, &reduced(&smooth)) >= SOME_CHANGES {
        smooth = smoothed_once(&smooth);
        passes += 1;
    }
    (passes, smooth)
}

/// The picture after that many smoothing passes.
pub(crate) fn smoothed(image: &PageImage, passes: u8) -> Cow<'_, PageImage> {
    (0..passes).fold(Cow::Borrowed(image), |image, _| Cow::Owned(smoothed_once(&image)))
}

/// The share of pixels at which ink and background change within a row, plus the same share between rows; `near` is a
/// copy in which ink is told from background.
fn changes(image: &PageImage, near: &Reduced) -> f32 {
    let Some((threshold, _)) = near.threshold() else { return 0.0 };
    let width = image.width() as usize;
    let rows: Vec<&[u8]> = image.luma().chunks_exact(width).collect();
    let differ = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|&(&a, &b)| (a <= threshold) != (b <= threshold)).count();
    let (mut found, mut all) = (0, 0);
    for pair in rows.windows(2).step_by(ROWS) {
        found += differ(&pair[0][1..], pair[0]) + differ(pair[0], pair[1]);
        all += width;
    }
    found as f32 / all.max(1) as f32
}

/// Each pixel becomes the mean of its neighbourhood with the weights 1, 4, 6, 4, 1 in both directions: a Gaussian of
/// one pixel.
fn smoothed_once(image: &PageImage) -> PageImage {
    const WEIGHTS: [u16; 5] = [1, 4, 6, 4, 1];
    const HALF: usize = WEIGHTS.len() / 2;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut luma = Vec::with_capacity(width * height);
    let row_at = |y: usize| &image.luma()[(y.saturating_sub(HALF)).min(height - 1) * width..][..width];
    let mut column = vec![0u16; width + 2 * HALF];
    for y in 0..height {
        column.fill(0);
        for (offset, weight) in WEIGHTS.into_iter().enumerate() {
            for (sum, &p) in column[HALF..].iter_mut().zip(row_at(y + offset)) {
                *sum += weight * u16::from(p);
            }
        }
        for sum in &mut column {
            *sum = (*sum + 8) / 16;
        }
        let (first, last) = (column[HALF], column[HALF + width - 1]);
        column[..HALF].fill(first);
        column[HALF + width..].fill(last);
        luma.extend(column.windows(WEIGHTS.len()).map(|around| {
            let sum: u16 = around.iter().zip(WEIGHTS).map(|(p, weight)| p * weight).sum();
            ((sum + 8) / 16) as u8
        }));
    }
    PageImage::new(image.width(), image.height(), image.dpi(), luma)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::statistics;

    const WIDTH: u32 = 900;
    const HEIGHT: u32 = 700;

    /// Black letters with strokes 4 pixels wide on a background of that level.
    fn page(ground: u8) -> PageImage {
        let is_ink = |x: u32, y: u32| x % 24 < 16 && y % 50 < 24 && (x % 24 < 4 || y % 50 < 4 || x % 24 >= 12);
        let level = |i: u32| if is_ink(i % WIDTH, i / WIDTH) { 10 } else { ground };
        PageImage::new(WIDTH, HEIGHT, 300, (0..WIDTH * HEIGHT).map(level).collect())
    }

    /// Black and white by a threshold that differs from pixel to pixel.
    fn dots(page: &PageImage, threshold: impl Fn(u32, u32) -> u8) -> PageImage {
        let bit = |(i, &p): (usize, &u8)| {
            let i = i as u32;
            if p > threshold(i % WIDTH, i / WIDTH) { 255 } else { 0 }
        };
        PageImage::new(WIDTH, HEIGHT, 300, page.luma().iter().enumerate().map(bit).collect())
    }

    /// The matrix of B. Bayer, "An optimum method for two-level rendition of continuous-tone pictures", 1973.
    fn ordered(x: u32, y: u32) -> u8 {
        let bit = |n: u32, i: u32| (n >> i) & 1;
        let cell = (0..3).fold(0, |cell, i| (cell << 2) | (2 * (bit(x, i) ^ bit(y, i)) + bit(y, i)));
        (cell * 4 + 2) as u8
    }

    /// Round dots that grow with the tone, 6 pixels apart.
    fn round(x: u32, y: u32) -> u8 {
        let wave = |n: u32| (std::f32::consts::TAU * n as f32 / 6.0).cos();
        (63.0 * (wave(x) + wave(y) + 2.0)) as u8 + 1
    }

    #[test]
    fn dots_become_tones_and_letters_stay() {
        let clean = statistics(&page(200));
        assert_eq!(clean.smoothing, 0);
        for threshold in [ordered, round] {
            let seen = statistics(&dots(&page(200), threshold));
            assert!((1..=MOST_PASSES).contains(&seen.smoothing), "{seen:?}");
            assert!(seen.letters.abs_diff(clean.letters) * 10 < clean.letters, "{seen:?} {clean:?}");
        }
    }

    #[test]
    fn an_even_tone_of_dots_is_blank() {
        let grey = PageImage::new(WIDTH, HEIGHT, 300, vec![130; (WIDTH * HEIGHT) as usize]);
        assert!(statistics(&dots(&grey, ordered)).blank);
    }

    #[test]
    fn small_print_in_black_and_white_is_left_alone() {
        let is_ink = |x: u32, y: u32| x % 5 < 3 && y % 11 < 6 && (x % 5 < 1 || matches!(y % 11, 0 | 5));
        let level = |i: u32| if is_ink(i % WIDTH, i / WIDTH) { 0 } else { 255 };
        let print = PageImage::new(WIDTH, HEIGHT, 72, (0..WIDTH * HEIGHT).map(level).collect());
        assert_eq!(statistics(&print).smoothing, 0);
    }

    proptest! {
        #[test]
        fn smoothing_keeps_what_is_even(width in 1u32..20, height in 1u32..20, level: u8, passes in 0u8..4) {
            let even = PageImage::new(width, height, 300, vec![level; (width * height) as usize]);
            prop_assert_eq!(smoothed(&even, passes).into_owned(), even);
        }
    }
}
