//! Recognises scans of blank pages, which show dust, punched holes, and the dark area beside the sheet.
//!
//! A page is read if anything on it might be print: reading a blank page costs a second, but taking a printed page for
//! blank loses its text.

use crate::letters::{Spot, spots};
use crate::reduced::Reduced;

/// The least side of a picture, in pixels. Smaller pictures are crops, whose print may touch the edges as dirt does.
const LEAST_SIDE: usize = 600;
/// The side of the blocks, in pixels, whose mean is the background level of their pixels.
const BLOCK: usize = 64;
/// At most one pixel in this many of a dirty but blank page differs from the background.
const SHARE: usize = 100;
/// The dark area beside a sheet takes at most one part in this many of a side, at each end. On A4 that is 8 mm, and
/// punched holes begin at 9 mm (ISO 838).
const BORDER: usize = 25;
/// It runs along at least one part in this many of its side.
const ALONG: usize = 4;
/// It is at least this dark, except where it fades into the sheet.
const BLACK: u8 = 64;

/// Whether nothing differs from a page's background by at least `contrast`, except for what scanning adds to a blank
/// sheet.
pub(crate) fn is_only_dirt(page: &Reduced, contrast: u8) -> bool {
    let (w, h) = (page.width, page.height);
    if w.min(h) < LEAST_SIDE {
        return false;
    }
    let marks = standing_out(page, contrast);
    let (side, top) = (w / BORDER, h / BORDER);
    let inner = |x: usize, y: usize| (side..w - side).contains(&x) && (top..h - top).contains(&y);
    let within = marks.iter().enumerate().filter(|&(i, &is_mark)| is_mark && inner(i % w, i / w)).count();
    if within * SHARE > w * h {
        return false;
    }
    let spots_where = |is_ink: &dyn Fn(usize) -> bool| {
        let luma = (0..w * h).map(|i| if is_ink(i) { 0 } else { 255 }).collect();
        spots(&Reduced { width: w, height: h, divisor: page.divisor, luma }, |p| p == 0)
    };
    // A spot that reaches from the border into the page does not belong to the border.
    let inside = spots_where(&|i| marks[i] && inner(i % w, i / w));
    let crosses =
        |spot: &Spot| spot.left == side || spot.top == top || spot.right == w - side || spot.bottom == h - top;
    let is_mark = |spot: &Spot| !spot.is_speck() && (crosses(spot) || !is_hole(spot, w, h));
    if inside.iter().any(is_mark) {
        return false;
    }
    let all = spots_where(&|i| marks[i]);
    if !all.iter().all(|spot| spot.is_speck() || is_hole(spot, w, h) || is_border(spot, w, h)) {
        return false;
    }
    // Print on a dark area is as light as the sheet, or has a level in between.
    let mut sheet = spots_where(&|i| !marks[i]);
    sheet.sort_unstable_by_key(|spot| std::cmp::Reverse(spot.pixels));
    let between = spots_where(&|i| marks[i] && page.luma[i] >= BLACK);
    sheet.iter().skip(1).all(Spot::is_speck)
        && !between.iter().any(|spot| !spot.is_speck() && spot.has_shape_of_letters())
}

/// The pixels that differ from the surrounding background by at least `contrast`.
fn standing_out(page: &Reduced, contrast: u8) -> Vec<bool> {
    let blocks = page.again(BLOCK);
    let mut levels = blocks.luma.clone();
    let middle = levels.len() / 2;
    let usual = *levels.select_nth_unstable(middle).1;
    // A block on the border, or one full of ink, does not show the background.
    let ground = |block: u8| if block.abs_diff(usual) < contrast { block } else { usual };
    let mut marks = Vec::with_capacity(page.luma.len());
    for (y, row) in page.luma.chunks_exact(page.width).enumerate() {
        let of_row = &blocks.luma[(y / BLOCK).min(blocks.height - 1) * blocks.width..][..blocks.width];
        marks.extend(row.chunks(BLOCK).enumerate().flat_map(|(n, pixels)| {
            let ground = ground(of_row[n.min(of_row.len() - 1)]);
            pixels.iter().map(move |p| p.abs_diff(ground) >= contrast)
        }));
    }
    marks
}

/// Whether a spot is a punched hole: round and solid, near a side, and as large as a hole in a sheet between A6 and A4
/// (5 to 9 mm).
fn is_hole(spot: &Spot, w: usize, h: usize) -> bool {
    let (wide, high, longest) = (spot.width(), spot.height(), w.max(h));
    let is_round = wide.abs_diff(high) * 7 <= wide.max(high);
    // A disc fills pi/4 of its bounding square.
    let filled = spot.pixels * 100 / (wide * high);
    let has_size = (longest * 14 / 1000..=longest * 60 / 1000).contains(&wide.max(high));
    let from_side = [spot.left, w - spot.right, spot.top, h - spot.bottom].into_iter().min().unwrap_or(0);
    is_round && (70..=86).contains(&filled) && has_size && from_side * 8 <= longest
}

/// Whether a spot lies at an edge of the picture and runs along it.
fn is_border(spot: &Spot, w: usize, h: usize) -> bool {
    let (along_x, along_y) = (spot.width() * ALONG >= w, spot.height() * ALONG >= h);
    ((spot.top == 0 || spot.bottom == h) && along_x) || ((spot.left == 0 || spot.right == w) && along_y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sheet at 150 dpi with the artefacts of scanning.
    struct Sheet(Reduced);

    impl Sheet {
        fn new() -> Self {
            let (width, height) = (1240, 1754);
            // The paper's brightness varies, and it has a grain.
            let luma = (0..width * height).map(|i| (236 + i / width / 200 + (i * 7919) % 5) as u8).collect();
            Self(Reduced { width, height, divisor: 2, luma })
        }

        fn with(mut self, level: u8, is_ink: impl Fn(usize, usize) -> bool) -> Self {
            let w = self.0.width;
            for (i, p) in self.0.luma.iter_mut().enumerate().filter(|&(i, _)| is_ink(i % w, i / w)) {
                *p = level + (i % 3) as u8;
            }
            self
        }

        fn with_dust(self) -> Self {
            self.with(90, |x, y| x % 211 < 3 && y % 307 < 2)
        }

        fn with_holes(self) -> Self {
            let is_in = |x: usize, y: usize, middle: usize| x.abs_diff(80).pow(2) + y.abs_diff(middle).pow(2) < 18 * 18;
            self.with(30, move |x, y| is_in(x, y, 640) || is_in(x, y, 1112))
        }

        /// Adds the black lid beside a skewed sheet.
        fn with_border(self) -> Self {
            self.with(20, |x, y| x < 8 + y / 60 || y < 14 || x > 1225)
        }

        fn is_blank(&self) -> bool {
            is_only_dirt(&self.0, 24)
        }
    }

    /// A digit seven of that height, with its top left corner at that point.
    fn seven(left: usize, top: usize, high: usize) -> impl Fn(usize, usize) -> bool {
        move |x, y| {
            let (Some(x), Some(y)) = (x.checked_sub(left), y.checked_sub(top)) else { return false };
            let stroke = (high / 8).max(1);
            y < high && x < high && (y < stroke && x < high * 2 / 3 || (x + y / 2).abs_diff(high * 2 / 3) < stroke)
        }
    }

    #[test]
    fn what_scanning_adds_to_a_blank_sheet_is_dirt() {
        assert!(Sheet::new().is_blank());
        assert!(Sheet::new().with_dust().is_blank());
        assert!(Sheet::new().with_holes().is_blank());
        assert!(Sheet::new().with_border().is_blank());
        assert!(Sheet::new().with_dust().with_holes().with_border().is_blank());
    }

    #[test]
    fn one_short_word_is_none_wherever_it_stands() {
        for (left, top) in [(600, 800), (60, 1720), (1180, 40), (84, 400), (60, 60)] {
            for high in [5, 9, 15, 40] {
                let sheet = Sheet::new().with_dust().with_holes().with_border();
                assert!(!sheet.with(60, seven(left, top, high)).is_blank(), "{high} at {left}, {top}");
            }
        }
        assert!(!Sheet::new().with(60, seven(600, 800, 200)).is_blank(), "large print");
        assert!(!Sheet::new().with(200, seven(600, 800, 15)).is_blank(), "faint print");
    }

    #[test]
    fn print_on_a_dark_band_at_an_edge_is_print() {
        for level in [240, 130] {
            let band = Sheet::new().with(30, |_, y| y < 70);
            assert!(!band.with(level, seven(600, 20, 24)).is_blank(), "{level}");
        }
        assert!(!Sheet::new().with(30, |_, y| y < 300).is_blank(), "a picture, or half a page");
    }

    #[test]
    fn cut_outs_are_looked_at_by_those_who_read() {
        let (width, height) = (400, 120);
        let luma = vec![250; width * height];
        assert!(!is_only_dirt(&Reduced { width, height, divisor: 1, luma }, 24));
    }
}
