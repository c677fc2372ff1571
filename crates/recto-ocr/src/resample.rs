//! Scaled and rotated pictures.

use recto_domain::{Affine, Point};

use crate::page_image::PageImage;

const WHITE: u8 = 255;
const WHITES: [u8; 2] = [WHITE; 2];

/// The picture at another resolution. Boxes in points stay valid, because pixels and resolution change together.
///
/// Enlarges with bilinear interpolation, and reduces with box averages.
pub(crate) fn at_dpi(image: &PageImage, dpi: u32) -> PageImage {
    let factor = f64::from(dpi) / f64::from(image.dpi());
    let side = |n: u32| ((f64::from(n) * factor).round() as u32).max(1);
    let (w, h) = (side(image.width()), side(image.height()));
    let luma = if factor < 1.0 { shrunk(image, w, h) } else { grown(image, w, h) };
    PageImage::new(w, h, dpi, luma)
}

/// The two source pixels of each target pixel along one axis: the index of the first, and the weight of the second in
/// 1/256.
fn taps(from: u32, to: u32) -> Vec<(usize, usize, u32)> {
    let step = f64::from(from) / f64::from(to);
    let last = from as usize - 1;
    (0..to)
        .map(|i| {
            let at = ((f64::from(i) + 0.5) * step - 0.5).clamp(0.0, last as f64);
            let first = at as usize;
            (first, (first + 1).min(last), ((at - first as f64) * 256.0) as u32)
        })
        .collect()
}

fn grown(image: &PageImage, w: u32, h: u32) -> Vec<u8> {
    let (columns, rows) = (taps(image.width(), w), taps(image.height(), h));
    let stride = image.width() as usize;
    let mut out = Vec::with_capacity(w as usize * h as usize);
    for (y0, y1, wy) in rows {
        let (above, below) = (&image.luma()[y0 * stride..][..stride], &image.luma()[y1 * stride..][..stride]);
        out.extend(columns.iter().map(|&(x0, x1, wx)| {
            let top = u32::from(above[x0]) * (256 - wx) + u32::from(above[x1]) * wx;
            let bottom = u32::from(below[x0]) * (256 - wx) + u32::from(below[x1]) * wx;
            ((top * (256 - wy) + bottom * wy + 32768) >> 16) as u8
        }));
    }
    out
}

fn shrunk(image: &PageImage, w: u32, h: u32) -> Vec<u8> {
    // Each target pixel is the mean of the source pixels whose centres fall into it.
    let edges = |from: u32, to: u32| -> Vec<usize> {
        (0..=to).map(|i| (u64::from(i) * u64::from(from) / u64::from(to)) as usize).collect()
    };
    let (columns, rows) = (edges(image.width(), w), edges(image.height(), h));
    let stride = image.width() as usize;
    let mut out = Vec::with_capacity(w as usize * h as usize);
    let mut sums = vec![0u32; stride];
    for band in rows.windows(2) {
        sums.fill(0);
        let height = band[1] - band[0];
        for y in band[0]..band[1] {
            for (sum, &p) in sums.iter_mut().zip(&image.luma()[y * stride..][..stride]) {
                *sum += u32::from(p);
            }
        }
        out.extend(columns.windows(2).map(|c| {
            let area = ((c[1] - c[0]) * height) as u32;
            let sum: u32 = sums[c[0]..c[1]].iter().sum();
            ((sum + area / 2) / area) as u8
        }));
    }
    out
}

/// The level at a position in pixels, interpolated between the four pixels around it; white outside the picture.
pub(crate) fn pixel(image: &PageImage, x: f32, y: f32) -> u8 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    if !(0.0..w as f32).contains(&x) || !(0.0..h as f32).contains(&y) {
        return WHITE;
    }
    let (x, y) = ((x - 0.5).max(0.0), (y - 0.5).max(0.0));
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(w - 1), (top + 1).min(h - 1));
    let (fx, fy) = (x - left as f32, y - top as f32);
    let at = |x: usize, y: usize| f32::from(image.luma()[y * w + x]);
    let upper = at(left, top) * (1.0 - fx) + at(right, top) * fx;
    let lower = at(left, bottom) * (1.0 - fx) + at(right, bottom) * fx;
    (upper * (1.0 - fy) + lower * fy).round() as u8
}

/// A deskewed picture.
pub(crate) struct Deskewed {
    /// On a canvas that holds all of the original, white elsewhere.
    pub(crate) image: PageImage,
    /// The map from points of `image` to points of the original.
    pub(crate) back: Affine,
}

/// Deskews lines that fall by `degrees` (clockwise): turns the picture counter-clockwise by that angle, with bilinear
/// interpolation.
pub(crate) fn deskewed(image: &PageImage, degrees: f32) -> Deskewed {
    let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
    let (w, h) = (f64::from(image.width()), f64::from(image.height()));
    let wide = (w * cos + h * sin.abs()).ceil() as u32;
    let high = (w * sin.abs() + h * cos).ceil() as u32;
    let mut out = vec![WHITE; wide as usize * high as usize];
    let (cx, cy) = (f64::from(wide) / 2.0, f64::from(high) / 2.0);
    for (y, row) in out.chunks_exact_mut(wide as usize).enumerate() {
        let dy = y as f64 + 0.5 - cy;
        // The source position of the row's first pixel centre, in pixel-centre coordinates.
        let u0 = -cx.mul_add(cos, 0.5) + 0.5 * cos - dy * sin + w / 2.0;
        let v0 = -cx.mul_add(sin, 0.5) + 0.5 * sin + dy * cos + h / 2.0;
        fill_row(image, row, (u0, cos), (v0, sin));
    }
    let scale = image.scale();
    let (page, canvas) = (image.size(), (wide as f32 * scale, high as f32 * scale));
    let center = Point { x: canvas.0 / 2.0, y: canvas.1 / 2.0 };
    let back = Affine::rotation_about(degrees, center)
        .then(&Affine::translation(page.width / 2.0 - center.x, page.height / 2.0 - center.y));
    Deskewed { image: PageImage::new(wide, high, image.dpi(), out), back }
}

/// Fills a row with the pixels along a straight line through the picture: start and step in x, start and step in y.
fn fill_row(image: &PageImage, row: &mut [u8], (u0, du): (f64, f64), (v0, dv): (f64, f64)) {
    const ONE: f64 = 65536.0;
    let (w, h) = (image.width() as usize, image.height() as usize);
    if w < 2 || h < 2 {
        return;
    }
    // The range of steps for which all four neighbours exist; outside it, the canvas stays white.
    let inside = |start: f64, step: f64, limit: f64| -> (f64, f64) {
        if step.abs() < 1e-9 {
            return if start >= 0.0 && start < limit { (0.0, f64::MAX) } else { (1.0, 0.0) };
        }
        let (a, b) = (-start / step, (limit - start) / step);
        (a.min(b), a.max(b))
    };
    let (a, b) = (inside(u0, du, w as f64 - 1.0), inside(v0, dv, h as f64 - 1.0));
    let first = a.0.max(b.0).max(0.0).ceil() as usize;
    let end = (a.1.min(b.1).min(row.len() as f64).floor().max(0.0) as usize).min(row.len());
    if first >= end {
        return;
    }
    let (mut u, mut v) = (((u0 + first as f64 * du) * ONE) as i64, ((v0 + first as f64 * dv) * ONE) as i64);
    let (du, dv) = ((du * ONE).round() as i64, (dv * ONE).round() as i64);
    let luma = image.luma();
    for p in &mut row[first..end] {
        let (x, y) = ((u >> 16).clamp(0, w as i64 - 2) as usize, (v >> 16).clamp(0, h as i64 - 2) as usize);
        let (fx, fy) = ((u >> 8) as u32 & 255, (v >> 8) as u32 & 255);
        let at = y * w + x;
        let (above, below) = (&luma[at..at + 2], &luma[at + w..at + w + 2]);
        (u, v) = (u + du, v + dv);
        // Most of a page is empty.
        if above == WHITES && below == WHITES {
            continue;
        }
        let top = u32::from(above[0]) * (256 - fx) + u32::from(above[1]) * fx;
        let bottom = u32::from(below[0]) * (256 - fx) + u32::from(below[1]) * fx;
        *p = ((top * (256 - fy) + bottom * fy + 32768) >> 16) as u8;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use recto_domain::Rect;

    use super::*;

    fn with_black_square(w: u32, h: u32, (left, top): (u32, u32), side: u32) -> PageImage {
        let dark = |i: u32| {
            let (x, y) = (i % w, i / w);
            (left..left + side).contains(&x) && (top..top + side).contains(&y)
        };
        PageImage::new(w, h, 72, (0..w * h).map(|i| if dark(i) { 0 } else { 255 }).collect())
    }

    /// The centroid of the ink, weighted by darkness.
    fn middle(image: &PageImage) -> (f32, f32) {
        let (mut sum, mut sx, mut sy) = (0.0, 0.0, 0.0);
        for (i, &p) in image.luma().iter().enumerate() {
            let ink = f32::from(255 - p);
            sum += ink;
            sx += ink * ((i as u32 % image.width()) as f32 + 0.5);
            sy += ink * ((i as u32 / image.width()) as f32 + 0.5);
        }
        (sx / sum, sy / sum)
    }

    proptest! {
        #[test]
        fn a_box_on_the_deskewed_picture_maps_back_onto_the_ink(
            degrees in -15f32..15.0, left in 10u32..250, top in 10u32..350,
        ) {
            let image = with_black_square(300, 400, (left, top), 20);
            let deskewed = deskewed(&image, degrees);
            let (x, y) = middle(&deskewed.image);
            let back = deskewed.back.apply_rect(&Rect { x: x - 1.0, y: y - 1.0, width: 2.0, height: 2.0 }).center();
            prop_assert!((back.x - (left as f32 + 10.0)).abs() < 0.3, "{back:?}");
            prop_assert!((back.y - (top as f32 + 10.0)).abs() < 0.3, "{back:?}");
        }

        #[test]
        fn another_resolution_keeps_the_ink_in_its_place(dpi in 20u32..300) {
            let image = with_black_square(300, 400, (120, 200), 40);
            let other = at_dpi(&image, dpi);
            let (x, y) = middle(&other);
            prop_assert!((x * other.scale() - 140.0).abs() < 2.0 && (y * other.scale() - 220.0).abs() < 2.0);
        }
    }

    #[test]
    fn pictures_of_one_pixel_can_be_resampled() {
        let dot = PageImage::new(1, 1, 10, vec![7]);
        assert_eq!(at_dpi(&dot, 30).luma(), [7; 9]);
        assert_eq!(at_dpi(&dot, 1).luma(), [7]);
        assert_eq!(deskewed(&dot, 5.0).image.luma()[0], WHITE);
    }
}
