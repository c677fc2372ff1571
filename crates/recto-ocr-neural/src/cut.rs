//! Cuts the picture of one line out of the page.

use std::ops::Range;

use recto_ocr::PageImage;

use crate::region::Region;

/// The height in pixels of the pictures that recognisers take.
pub(crate) const HEIGHT: usize = 48;
/// The width in pixels of these pictures is a multiple of this.
const STEP: usize = 8;
/// The greatest width in pixels. A longer line is squeezed.
const MAX_WIDTH: usize = 4096;
/// The smallest width in pixels that the networks take.
const MIN_WIDTH: usize = 16;

/// The picture of one line: level, grey, and 48 pixels high.
#[derive(Clone)]
pub struct LineImage {
    /// The region that it was cut from.
    pub(crate) region: Region,
    pub(crate) width: usize,
    pub(crate) luma: Vec<u8>,
}

impl LineImage {
    /// Cuts a region out of the page.
    pub(crate) fn of(page: &PageImage, region: Region) -> Self {
        let natural = region.length / region.thickness.max(1.0) * HEIGHT as f32;
        let width = ((natural / STEP as f32).round() as usize * STEP).clamp(MIN_WIDTH, MAX_WIDTH);
        Self { region, width, luma: level(page, &region, width, HEIGHT) }
    }

    /// The part of the picture between two places, when its width is divided into `all` places.
    pub(crate) fn places(&self, places: &Range<usize>, all: usize) -> Self {
        if *places == (0..all) {
            return self.clone();
        }
        let columns = places.start * self.width / all..places.end * self.width / all;
        let rows = self.luma.chunks_exact(self.width);
        let luma = rows.flat_map(|row| &row[columns.clone()]).copied().collect();
        Self { region: self.region, width: columns.len(), luma }
    }

    /// The three planes that a recogniser takes, with values from -1 for black to 1 for white.
    pub(crate) fn planes(&self) -> Vec<f32> {
        let mut planes = Vec::with_capacity(3 * self.luma.len());
        planes.extend(self.luma.iter().map(|&p| f32::from(p) / 127.5 - 1.0));
        planes.extend_from_within(..);
        planes.extend_from_within(..self.luma.len());
        planes
    }
}

/// A region of the page, rotated to be level and scaled to `width` by `height` pixels.
pub(crate) fn level(page: &PageImage, region: &Region, width: usize, height: usize) -> Vec<u8> {
    // The page's pixels per pixel of the picture. If it is more than one, the mean of several samples is taken.
    let (dx, dy) = (region.length / width as f32, region.thickness / height as f32);
    let (nx, ny) = (samples(dx), samples(dy));
    let (along, _) = region.axes();
    let sampler = Sampler { luma: page.luma(), width: page.width() as usize, height: page.height() as usize };
    // The step from sample to sample along the line.
    let step = (fixed(along.x * dx / nx as f32), fixed(along.y * dx / nx as f32));
    let mut luma = Vec::with_capacity(width * height);
    let mut sums = vec![0u32; width];
    for y in 0..height {
        sums.fill(0);
        for j in 0..ny {
            let v = (y as f32 + (j as f32 + 0.5) / ny as f32) * dy;
            let start = region.at(dx / nx as f32 / 2.0, v);
            let mut at = (fixed(start.x - 0.5), fixed(start.y - 0.5));
            for sum in &mut sums {
                for _ in 0..nx {
                    *sum += sampler.at(at.0, at.1);
                    at = (at.0 + step.0, at.1 + step.1);
                }
            }
        }
        let all = (nx * ny) as u32;
        luma.extend(sums.iter().map(|sum| ((sum + (all << 15)) / (all << 16)) as u8));
    }
    luma
}

/// The number of samples per side that is enough.
fn samples(step: f32) -> usize {
    ((step / 1.3).ceil() as usize).clamp(1, 4)
}

/// Interpolates between pixels. Beyond the edge, the edge pixels are repeated.
struct Sampler<'a> {
    luma: &'a [u8],
    width: usize,
    height: usize,
}

impl Sampler<'_> {
    /// The grey level at a position, in parts of 2^16. (0, 0) is the middle of the first pixel.
    fn at(&self, x: i64, y: i64) -> u32 {
        let (left, fx) = parted(x, self.width);
        let (top, fy) = parted(y, self.height);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let level = |x: usize, y: usize| u32::from(self.luma[y * self.width + x]);
        let above = level(left, top) * (256 - fx) + level(right, top) * fx;
        let below = level(left, bottom) * (256 - fx) + level(right, bottom) * fx;
        above * (256 - fy) + below * fy
    }
}

/// Positions are in units of 2^-24 pixel. Over the longest line, the accumulated rounding error is below a tenth of a
/// pixel.
const FRACTION: u32 = 24;

fn fixed(place: f32) -> i64 {
    (f64::from(place) * f64::from(1 << FRACTION)) as i64
}

/// The pixel at or before a position, limited to `pixels`, and the distance to the next one in parts of 256.
fn parted(place: i64, pixels: usize) -> (usize, u32) {
    let place = place.clamp(0, (pixels as i64 - 1) << FRACTION);
    ((place >> FRACTION) as usize, (place >> (FRACTION - 8)) as u32 & 255)
}

#[cfg(test)]
mod tests {
    use recto_domain::Point;

    use super::*;

    #[test]
    fn a_slanted_line_comes_out_level() {
        let (w, h) = (400u32, 300u32);
        let region =
            Region { center: Point { x: 200.0, y: 150.0 }, length: 240.0, thickness: 24.0, angle: 14.0, score: 1.0 };
        let (along, across) = region.axes();
        // Dark in the first half of the line, light in the second.
        let level = |i: u32| {
            let (dx, dy) = ((i % w) as f32 + 0.5 - 200.0, (i / w) as f32 + 0.5 - 150.0);
            let (u, v) = (dx * along.x + dy * along.y, dx * across.x + dy * across.y);
            if u < 0.0 && v.abs() < 40.0 { 10 } else { 240 }
        };
        let page = PageImage::new(w, h, 300, (0..w * h).map(level).collect());
        let line = LineImage::of(&page, region);
        assert_eq!((line.width, line.luma.len()), (480, 480 * HEIGHT));
        for row in line.luma.chunks_exact(line.width) {
            assert!(row[..230].iter().all(|&p| p < 20) && row[250..].iter().all(|&p| p > 230));
        }
        let turned = LineImage::of(&page, Region { angle: region.angle + 180.0, ..region });
        assert!(turned.luma.iter().rev().zip(&line.luma).all(|(a, b)| a.abs_diff(*b) <= 2));
    }

    #[test]
    fn regions_that_reach_beyond_the_page_can_be_cut() {
        let page = PageImage::new(3, 2, 72, vec![7; 6]);
        let region = Region { center: Point { x: -5.0, y: 90.0 }, length: 0.5, thickness: 0.0, angle: 3.0, score: 0.0 };
        assert!(LineImage::of(&page, region).luma.iter().all(|&p| p == 7));
    }
}
