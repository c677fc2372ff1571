//! Smaller copies of pages, such as thumbnails, that are not marked as such.

use recto_tiff::TiffPage;

use super::TiffFile;
use crate::picture::GreyPicture;

/// The least ratio between the sizes of a page and an unmarked copy.
const SMALLER: f32 = 1.5;
/// The tolerance for the sides of a copy, in pixels, compared with those of its reduced page.
const ROUNDING: f32 = 1.5;
/// The least correlation between the brightness of a copy and of its reduced page.
const ALIKE: f32 = 0.9;
/// Pages whose brightness has a smaller standard deviation, of 255, cannot be compared.
const MIN_CONTRAST: f32 = 4.0;
/// The most pairs that are compared; a file has few unmarked copies.
const MAX_COMPARED: usize = 32;

/// The offsets of the candidates without those that show the same as a larger one.
pub(super) fn without_copies(file: &TiffFile, candidates: &[TiffPage]) -> Vec<u64> {
    let mut compared = 0;
    let is_copy = |index: usize, compared: &mut usize| {
        let small = candidates[index];
        // Neighbours first, because a copy is usually adjacent to its page.
        let mut larger: Vec<usize> = (0..candidates.len()).filter(|&i| is_reduced(small, candidates[i])).collect();
        larger.sort_by_key(|&i| i.abs_diff(index));
        if larger.is_empty() || *compared >= MAX_COMPARED {
            return false;
        }
        let decoded = |i: usize| file.decode(i as u32 + 1, candidates[i].offset).ok();
        let Some(picture) = decoded(index) else { return false };
        larger.into_iter().any(|i| {
            *compared += 1;
            *compared <= MAX_COMPARED && decoded(i).is_some_and(|page| are_alike(&picture, &page))
        })
    };
    let kept: Vec<u64> = (0..candidates.len())
        .filter(|&index| !is_copy(index, &mut compared))
        .map(|index| candidates[index].offset)
        .collect();
    // The largest is not a copy of another, so something is left.
    kept
}

/// Whether the size is a reduction of the other one.
fn is_reduced(small: TiffPage, large: TiffPage) -> bool {
    let ((w, h), (width, height)) = (side(small), side(large));
    w > 0.0
        && h > 0.0
        && width >= SMALLER * w
        && height >= SMALLER * h
        // One of the sides may have been rounded.
        && ((w * height / width - h).abs() <= ROUNDING || (h * width / height - w).abs() <= ROUNDING)
}

fn side(candidate: TiffPage) -> (f32, f32) {
    (candidate.size.0 as f32, candidate.size.1 as f32)
}

/// Whether two pictures of different size show the same: at the smaller size, their brightness is correlated.
fn are_alike(small: &GreyPicture, large: &GreyPicture) -> bool {
    let reduced = reduce(large, small.width, small.height);
    let (a, b) = (Moments::of(&small.luma), Moments::of(&reduced));
    if a.deviation < MIN_CONTRAST || b.deviation < MIN_CONTRAST {
        return false;
    }
    let products = small.luma.iter().zip(&reduced).map(|(x, y)| {
        let (x, y) = (f64::from(*x) - f64::from(a.mean), f64::from(*y) - f64::from(b.mean));
        x * y
    });
    let covariance = (products.sum::<f64>() / reduced.len() as f64) as f32;
    covariance >= ALIKE * a.deviation * b.deviation
}

/// Mean and standard deviation.
struct Moments {
    mean: f32,
    deviation: f32,
}

impl Moments {
    fn of(luma: &[u8]) -> Self {
        let count = luma.len().max(1) as f64;
        let mean = luma.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let variance = luma.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
        Self { mean: mean as f32, deviation: variance.sqrt() as f32 }
    }
}

/// The picture at a smaller size: each pixel is the mean of the pixels that it replaces.
fn reduce(picture: &GreyPicture, width: u32, height: u32) -> Vec<u8> {
    let (columns, rows) = (picture.width as usize, picture.height as usize);
    let range = |i: usize, parts: usize, whole: usize| {
        (i * whole / parts)..((i + 1) * whole / parts).max(i * whole / parts + 1)
    };
    let mut reduced = Vec::with_capacity(width as usize * height as usize);
    for y in 0..height as usize {
        let down = range(y, height as usize, rows);
        for x in 0..width as usize {
            let across = range(x, width as usize, columns);
            let pixels = (across.len() * down.len()).max(1) as u64;
            let sum: u64 = down
                .clone()
                .flat_map(|row| &picture.luma[row * columns + across.start..row * columns + across.end])
                .map(|&v| u64::from(v))
                .sum();
            reduced.push((sum / pixels) as u8);
        }
    }
    reduced
}
