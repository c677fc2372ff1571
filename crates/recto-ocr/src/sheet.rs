//! Removes what surrounds the sheet on a page: the scanner bed, a table, the edge of the glass.
//!
//! Engines separate ink from background with one level for the whole picture. Letters paler than the surroundings of
//! the sheet are lost.

use std::borrow::Cow;

use crate::page_image::PageImage;
use crate::reduced::Reduced;

/// The longer side of the reduced copy, in pixels.
const SIDE: usize = 1000;
/// The surroundings are no lighter than this share of the paper's level.
const DARK: f32 = 0.5;
/// The least share of the picture's edge that they occupy.
const LEAST_EDGE: f32 = 0.02;
/// The largest share of the picture that they cover.
const MOST: f32 = 0.7;
/// A light spot in the dark area with at least this height, in pixels of the copy, and at least `LETTER_PIXELS` pixels
/// may be a letter; the area is then a band or a picture that runs off the page. Of 153 papers with a dark edge, 131
/// have no such spot in it; the others are photos.
const LETTER_HEIGHT: usize = 4;
const LETTER_PIXELS: usize = 8;
/// This many pixels of the copy beyond the dark area there is paper, at least as light as this share of most of the
/// paper. An area that darkens gradually is a shadow, with print in it.
const BEYOND: usize = 4;
const LIGHT: f32 = 0.7;
/// Pixels of the picture within this distance are the blurred edge of the sheet.
const FRINGE: usize = 2;

/// The picture with the surroundings of the sheet made as light as the paper; unchanged if nothing darker surrounds it.
///
/// A page without a dark edge costs only a look at the pixels of its edge.
#[must_use]
pub fn sheet_alone(image: &PageImage) -> Cow<'_, PageImage> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let copy = Reduced::of(image.luma(), width, height, width.max(height).div_ceil(SIDE));
    let Some((threshold, _)) = copy.threshold() else { return Cow::Borrowed(image) };
    let paper = usual_above(&copy.luma, threshold);
    let limit = (f32::from(paper) * DARK) as u8;
    let around = surroundings(&copy, limit).filter(|around| ends_at_paper(&copy, around, paper));
    let Some(around) = around else { return Cow::Borrowed(image) };
    let mut luma = image.luma().to_vec();
    // The edge of the sheet is half way from the level of the surroundings to that of the paper.
    let edge = u8::midpoint(limit, paper);
    let reach = FRINGE.div_ceil(copy.divisor);
    let near = grown(&around, copy.width, copy.height, reach + 1);
    let rows = height.div_ceil(copy.height).max(1);
    for (y, row) in luma.chunks_exact_mut(width).enumerate() {
        let cells = (y / rows).min(copy.height - 1) * copy.width;
        for (x, pixel) in row.iter_mut().enumerate() {
            let cell = cells + (x / copy.divisor).min(copy.width - 1);
            if near[cell] && (around[cell] || *pixel < edge) {
                *pixel = paper;
            }
        }
    }
    Cow::Owned(PageImage::new(image.width(), image.height(), image.dpi(), luma))
}

/// The median of the levels above a threshold.
fn usual_above(luma: &[u8], threshold: u8) -> u8 {
    let mut light: Vec<u8> = luma.iter().copied().filter(|&p| p > threshold).collect();
    let middle = light.len() / 2;
    if light.is_empty() { 255 } else { *light.select_nth_unstable(middle).1 }
}

/// The pixels of the dark area at the edge, if it surrounds a sheet.
fn surroundings(copy: &Reduced, limit: u8) -> Option<Vec<bool>> {
    let (width, height) = (copy.width, copy.height);
    let edge = || {
        let ends = (0..width).flat_map(move |x| [x, (height - 1) * width + x]);
        ends.chain((0..height).flat_map(move |y| [y * width, y * width + width - 1]))
    };
    let is_dark = |at: usize| copy.luma[at] < limit;
    let starts: Vec<usize> = edge().filter(|&at| is_dark(at)).collect();
    if (starts.len() as f32) < LEAST_EDGE * edge().count() as f32 {
        return None;
    }
    let mut around = vec![false; width * height];
    let taken = flood(&mut around, starts, width, is_dark).pixels;
    let is_around = taken as f32 <= MOST * around.len() as f32 && !has_letters(&around, width);
    is_around.then_some(around)
}

/// Pixels that hang together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spot {
    pixels: usize,
    height: usize,
}

/// Whether paper begins where the marked area ends.
fn ends_at_paper(copy: &Reduced, around: &[bool], paper: u8) -> bool {
    let [inner, outer] = [BEYOND - 1, BEYOND].map(|by| grown(around, copy.width, copy.height, by));
    let mut beyond: Vec<u8> = (0..around.len()).filter(|&at| outer[at] && !inner[at]).map(|at| copy.luma[at]).collect();
    let middle = beyond.len() / 2;
    !beyond.is_empty() && f32::from(*beyond.select_nth_unstable(middle).1) >= LIGHT * f32::from(paper)
}

/// Marks everything connected with the starting points by pixel sides.
fn flood(marked: &mut [bool], mut open: Vec<usize>, width: usize, is_part: impl Fn(usize) -> bool) -> Spot {
    let (mut pixels, mut top, mut bottom) = (0, usize::MAX, 0);
    while let Some(at) = open.pop() {
        if marked[at] || !is_part(at) {
            continue;
        }
        marked[at] = true;
        pixels += 1;
        let (x, y) = (at % width, at / width);
        (top, bottom) = (top.min(y), bottom.max(y + 1));
        let beside = [(x > 0).then(|| at - 1), (x + 1 < width).then_some(at + 1)];
        let above_and_below = [at.checked_sub(width), Some(at + width).filter(|&next| next < marked.len())];
        open.extend(beside.into_iter().chain(above_and_below).flatten().filter(|&next| !marked[next]));
    }
    Spot { pixels, height: bottom.saturating_sub(top) }
}

/// Whether spots as large as letters, other than the sheet itself, are enclosed by the marked area.
fn has_letters(around: &[bool], width: usize) -> bool {
    let mut seen = around.to_vec();
    let mut spots: Vec<Spot> = Vec::new();
    for at in 0..seen.len() {
        if !seen[at] {
            spots.push(flood(&mut seen, vec![at], width, |next| !around[next]));
        }
    }
    spots.sort_unstable_by_key(|spot| spot.pixels);
    // The largest is the sheet.
    spots.pop();
    spots.into_iter().any(|spot| spot.height >= LETTER_HEIGHT && spot.pixels >= LETTER_PIXELS)
}

/// The marked area, enlarged by that many pixels.
fn grown(marked: &[bool], width: usize, height: usize, by: usize) -> Vec<bool> {
    let across: Vec<bool> = marked.chunks_exact(width).flat_map(|row| along(row.iter().copied(), width, by)).collect();
    let mut grown = vec![false; width * height];
    for x in 0..width {
        let column = (0..height).map(|y| across[y * width + x]);
        for (y, is_near) in along(column, height, by).into_iter().enumerate() {
            grown[y * width + x] = is_near;
        }
    }
    grown
}

/// The positions of a row that have a marked one within that distance.
fn along(row: impl Iterator<Item = bool>, length: usize, by: usize) -> Vec<bool> {
    let mut near = vec![false; length];
    for (at, _) in row.enumerate().filter(|(_, is_marked)| *is_marked) {
        near[at.saturating_sub(by)..length.min(at + by + 1)].fill(true);
    }
    near
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WIDTH: u32 = 600;
    const HEIGHT: u32 = 800;

    /// A picture defined by a function for the level at each position.
    fn picture(level: impl Fn(u32, u32) -> u8) -> PageImage {
        let luma = (0..WIDTH * HEIGHT).map(|i| level(i % WIDTH, i / WIDTH)).collect();
        PageImage::new(WIDTH, HEIGHT, 150, luma)
    }

    /// Rows of strokes of that level on white.
    fn strokes(x: u32, y: u32, ink: u8) -> u8 {
        if (60..540).contains(&x) && (60..740).contains(&y) && y % 24 < 12 && x % 9 < 4 { ink } else { 240 }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_dark_surround_of_any_width_becomes_paper_and_the_print_stays(
            left in 0u32..50, top in 0u32..50, right in 0u32..50, bottom in 0u32..50, bed in 0u8..90, ink in 0u8..180,
        ) {
            prop_assume!(left + top + right + bottom > 20);
            let is_bed = |x, y| x < left || y < top || x >= WIDTH - right || y >= HEIGHT - bottom;
            let page = picture(|x, y| if is_bed(x, y) { bed } else { strokes(x, y, ink) });
            let sheet = sheet_alone(&page);
            let changed = |i: u32| sheet.luma()[i as usize] != page.luma()[i as usize];
            for i in 0..WIDTH * HEIGHT {
                prop_assert_eq!(changed(i), is_bed(i % WIDTH, i / WIDTH), "at {} {}", i % WIDTH, i / WIDTH);
            }
        }
    }

    #[test]
    fn a_page_without_surround_a_dark_page_a_band_with_letters_and_a_shadow_stay_as_they_are() {
        let plain = picture(|x, y| strokes(x, y, 40));
        let dark = picture(|x, y| 255 - strokes(x, y, 40));
        let band = picture(|x, y| if y < 120 { 255 - strokes(x, y, 15) } else { strokes(x, y, 40) });
        let one_letter = picture(|x, y| match (x, y) {
            (300..306, 20..32) => 240,
            (_, 0..50) => 20,
            _ => strokes(x, y, 40),
        });
        let shadow = picture(|x, y| (u32::from(strokes(x, y, 40)) * (WIDTH - x * 4 / 5) / WIDTH) as u8);
        for page in [plain, dark, band, one_letter, shadow] {
            assert!(matches!(sheet_alone(&page), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn a_picture_of_any_size_can_be_looked_at() {
        for (w, h) in [(1, 1), (1, 3000), (3000, 1), (7, 2), (2001, 13)] {
            let _ = sheet_alone(&PageImage::new(w, h, 300, (0..w * h).map(|i| (i * 97 % 256) as u8).collect()));
        }
    }
}
