//! Some lines of a page, stacked on a picture of their own. They are enough to identify the language, and take a small
//! part of the work of reading the page.

use std::ops::Range;

use recto_domain::{Rect, Rotation};

use crate::letters::{Spot, spots};
use crate::page_image::PageImage;
use crate::read_page::SKEW_THAT_MATTERS;
use crate::reduced::Reduced;
use crate::statistics::PageStatistics;

/// Larger pictures, in pixels, are searched for lines at half their size.
const NEAR_PIXELS: usize = 3_000_000;
/// More spots are dirt or a pattern; the first ones contain enough lines.
const MAX_SPOTS: usize = 20_000;
/// The constants below are in heights of the page's letters. A spot lower than the first value or higher than the
/// second is not a letter, nor a word of joined letters.
const LETTER: (f32, f32) = (0.5, 4.0);
/// The widest space within a line.
const WIDEST_BLANK: f32 = 2.0;
/// The narrowest space between words.
const BLANK: f32 = 0.4;
/// A longer line ends at the next space between words; without one, it is cut at `LONGEST`.
const LONG: f32 = 60.0;
const LONGEST: f32 = 75.0;
/// A shorter line is too little evidence.
const SHORT: f32 = 8.0;
/// How far marks above and below letters reach, if there is space.
const ABOVE: f32 = 0.9;
const BELOW: f32 = 0.6;
/// How much of that belongs to the line for an engine that reads lines one by one.
const AROUND: f32 = 0.3;
/// The number of parts of the page, from top to bottom, that lines are taken from.
const PARTS: usize = 6;

/// A piece of a line. Its edges are in pixels of the page; the top and bottom edges slope with the page's lines.
#[derive(Debug, Clone, Copy)]
struct Piece {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
    /// The free space above and below its letters.
    room: (f32, f32),
}

impl Piece {
    fn length(&self) -> f32 {
        self.right - self.left
    }
}

/// Some lines of a page, levelled and stacked.
pub(crate) struct Sheet {
    pub(crate) image: PageImage,
    /// Their boxes on the sheet, in pixels.
    pub(crate) lines: Vec<Rect>,
    /// About how many letters they have, which are counted as wide as they are high.
    pub(crate) letters: usize,
    ground: u8,
}

impl Sheet {
    /// The picture without the content of those boxes, which are in points.
    pub(crate) fn without(&self, boxes: &[Rect]) -> PageImage {
        let (wide, scale) = (self.image.width() as usize, self.image.scale());
        let mut luma = self.image.luma().to_vec();
        for area in boxes {
            let (left, right) = ((area.x / scale) as usize, ((area.right() / scale) as usize).min(wide));
            for row in
                luma.chunks_exact_mut(wide).skip((area.y / scale) as usize).take((area.height / scale) as usize + 1)
            {
                row[left.min(right)..right].fill(self.ground);
            }
        }
        PageImage::new(self.image.width(), self.image.height(), self.image.dpi(), luma)
    }
}

/// The lines of a page, the longest line of each part first.
pub(crate) struct Sample<'a> {
    page: &'a PageImage,
    pieces: Vec<Piece>,
    letter_height: f32,
    /// How many pixels lines fall per pixel to the right.
    slope: f32,
    ground: u8,
    /// Whether the lines are upside down.
    is_turned: bool,
}

impl<'a> Sample<'a> {
    /// A sample of a page whose lines are horizontal, upright or upside down; `None` when it has no lines.
    pub(crate) fn of(page: &'a PageImage, statistics: &PageStatistics) -> Option<Self> {
        let letter_height = statistics.letter_height?;
        let degrees = statistics.slant().degrees;
        // A tightly cropped line loses its edges when it is sheared.
        let slope = if degrees.abs() < SKEW_THAT_MATTERS { 0.0 } else { degrees.to_radians().tan() };
        let (w, h) = (page.width() as usize, page.height() as usize);
        let near = Reduced::of(page.luma(), w, h, if w * h > NEAR_PIXELS { 2 } else { 1 });
        let (threshold, dark) = near.threshold()?;
        let light_on_dark = dark * 2 > near.luma.len();
        let mut spots = spots(&near, |p| (p <= threshold) != light_on_dark);
        let near_height = letter_height / near.divisor as f32;
        spots.retain(|spot| {
            let height = (spot.bottom - spot.top) as f32;
            (LETTER.0 * near_height..=LETTER.1 * near_height).contains(&height)
                && ((spot.right - spot.left) as f32) < LONGEST * near_height
        });
        spots.truncate(MAX_SPOTS);
        let pieces = pieces(spots, near.divisor as f32, letter_height, slope);
        let ground = ground(&near, threshold, light_on_dark);
        let pieces = spread(with_room(pieces, letter_height), page.height() as f32);
        (!pieces.is_empty()).then_some(Self { page, pieces, letter_height, slope, ground, is_turned: false })
    }

    /// Whether the lines are upside down.
    pub(crate) fn is_turned(&self) -> bool {
        self.is_turned
    }

    /// Treats the lines as upside down from now on; returns whether that is new.
    pub(crate) fn turn_around(&mut self) -> bool {
        !std::mem::replace(&mut self.is_turned, true)
    }

    /// Treats the lines as upright again.
    pub(crate) fn turn_back(&mut self) {
        self.is_turned = false;
    }

    /// A picture of some of its lines, stacked: those that begin within that range of letters, counted from the first
    /// line. `None` when there are none.
    pub(crate) fn sheet(&self, letters: Range<f32>) -> Option<Sheet> {
        let mut length = 0.0;
        let taken = self.pieces.iter().filter(|piece| {
            let is_taken = letters.contains(&(length / self.letter_height));
            length += piece.length();
            is_taken
        });
        let mut taken: Vec<Piece> = taken.copied().collect();
        if taken.is_empty() {
            return None;
        }
        taken.sort_by(|a, b| a.top.total_cmp(&b.top));
        let margin = self.letter_height.ceil() as usize;
        let wide = taken.iter().map(|piece| piece.length().ceil() as usize).max().unwrap_or(0) + 2 * margin;
        let mut luma = vec![self.ground; wide * margin];
        let mut lines = Vec::new();
        for piece in taken {
            let top = (luma.len() / wide) as f32;
            self.copy(&piece, wide, margin, &mut luma);
            lines.push(self.line(&piece, margin as f32, top));
            luma.resize(luma.len() + wide * margin, self.ground);
        }
        let high = luma.len() / wide;
        let letters = lines.iter().map(|line| line.width / self.letter_height.max(1.0)).sum::<f32>() as usize;
        let image = PageImage::new(wide as u32, high as u32, self.page.dpi(), luma);
        if !self.is_turned {
            return Some(Sheet { image, lines, letters, ground: self.ground });
        }
        for line in &mut lines {
            (line.x, line.y) = (wide as f32 - line.right(), high as f32 - line.bottom());
        }
        lines.reverse();
        Some(Sheet { image: image.turned(Rotation::Half), lines, letters, ground: self.ground })
    }

    /// The box of a piece's letters at a position on a sheet, with a small margin.
    fn line(&self, piece: &Piece, left: f32, top: f32) -> Rect {
        let around = |room: f32| room.min(AROUND * self.letter_height);
        let height =
            piece.bottom - piece.top - piece.room.0 - piece.room.1 + around(piece.room.0) + around(piece.room.1);
        Rect { x: left, y: top + piece.room.0 - around(piece.room.0), width: piece.length(), height }
    }

    /// Appends the rows of a piece, levelled.
    fn copy(&self, piece: &Piece, wide: usize, margin: usize, luma: &mut Vec<u8>) {
        let (page_w, page_h) = (self.page.width() as usize, i64::from(self.page.height()));
        let left = piece.left.max(0.0) as usize;
        let width = (piece.length().ceil() as usize).min(page_w - left.min(page_w));
        for row in piece.top.floor() as i64..piece.bottom.ceil() as i64 {
            let start = luma.len() + margin;
            luma.resize(luma.len() + wide, self.ground);
            for x in 0..width {
                let y = row + ((left + x) as f32 * self.slope).round() as i64;
                if (0..page_h).contains(&y) {
                    luma[start + x] = self.page.luma()[y as usize * page_w + left + x];
                }
            }
        }
    }
}

/// The usual level of the background.
fn ground(picture: &Reduced, threshold: u8, light_on_dark: bool) -> u8 {
    let is_ground = |p: &&u8| (**p > threshold) != light_on_dark;
    let (sum, count) = picture.luma.iter().filter(is_ground).fold((0u64, 0u64), |(s, n), &p| (s + u64::from(p), n + 1));
    (sum / count.max(1)) as u8
}

/// Lines of adjacent spots, cut where they become long.
fn pieces(mut spots: Vec<Spot>, scale: f32, letter_height: f32, slope: f32) -> Vec<Piece> {
    spots.sort_by_key(|spot| spot.left);
    let mut open: Vec<Piece> = Vec::new();
    let mut done: Vec<Piece> = Vec::new();
    for spot in spots {
        let (left, right) = (spot.left as f32 * scale, spot.right as f32 * scale);
        let fall = f32::midpoint(left, right) * slope;
        let (top, bottom) = (spot.top as f32 * scale - fall, spot.bottom as f32 * scale - fall);
        let mut at = 0;
        while at < open.len() {
            let (blank, length) = (left - open[at].right, open[at].length());
            let is_cut =
                length > LONGEST * letter_height || (length > LONG * letter_height && blank > BLANK * letter_height);
            if blank > WIDEST_BLANK * letter_height || is_cut {
                done.push(open.swap_remove(at));
            } else {
                at += 1;
            }
        }
        let shared = |piece: &Piece| piece.bottom.min(bottom) - piece.top.max(top);
        let best = open.iter_mut().max_by(|a, b| shared(a).total_cmp(&shared(b)));
        match best.filter(|piece| shared(piece) > 0.5 * (bottom - top).min(piece.bottom - piece.top)) {
            Some(piece) => {
                piece.right = piece.right.max(right);
                // A line grows to the height of its highest letters, but never to that of two lines.
                let (higher, lower) = (piece.top.min(top), piece.bottom.max(bottom));
                if lower - higher <= LETTER.1 * letter_height {
                    (piece.top, piece.bottom) = (higher, lower);
                }
            }
            None => open.push(Piece { left, right, top, bottom, room: (0.0, 0.0) }),
        }
    }
    done.extend(open);
    done
}

/// Pieces that are long enough, extended to the marks above and below their letters unless these belong to another
/// line.
fn with_room(pieces: Vec<Piece>, letter_height: f32) -> Vec<Piece> {
    let long: Vec<Piece> = pieces.into_iter().filter(|piece| piece.length() >= SHORT * letter_height).collect();
    let with_room = |piece: &Piece| {
        let (mut above, mut below) = (ABOVE * letter_height, BELOW * letter_height);
        for other in long.iter().filter(|other| other.left < piece.right && piece.left < other.right) {
            if other.bottom <= piece.top {
                above = above.min((piece.top - other.bottom) * 0.7);
            }
            if other.top >= piece.bottom {
                below = below.min((other.top - piece.bottom) * 0.5);
            }
        }
        Piece { top: piece.top - above, bottom: piece.bottom + below, room: (above, below), ..*piece }
    };
    long.iter().map(with_room).collect()
}

/// The longest piece of each part of the page, then the second longest of each, and so on.
fn spread(pieces: Vec<Piece>, page_height: f32) -> Vec<Piece> {
    let mut parts: Vec<Vec<Piece>> = vec![Vec::new(); PARTS];
    for piece in pieces {
        let part = (f32::midpoint(piece.top, piece.bottom) / page_height * PARTS as f32).clamp(0.0, PARTS as f32 - 1.0);
        parts[part as usize].push(piece);
    }
    let mut ranked: Vec<(usize, Piece)> = Vec::new();
    for mut part in parts {
        part.sort_by(|a, b| b.length().total_cmp(&a.length()));
        ranked.extend(part.into_iter().enumerate());
    }
    ranked.sort_by(|(rank, a), (other_rank, b)| rank.cmp(other_rank).then(b.length().total_cmp(&a.length())));
    ranked.into_iter().map(|(_, piece)| piece).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::{Slant, statistics};

    /// Rows of strokes that fall by `slope`, similar to lines of text; dark on light or light on dark.
    fn page(slope: f32, ink: u8, ground: u8) -> PageImage {
        let is_ink = |x: u32, y: u32| {
            let y = y as f32 - x as f32 * slope;
            (60..840).contains(&x) && (60.0..540.0).contains(&y) && y % 48.0 < 18.0 && x % 14 < 6 && x % 112 > 14
        };
        let luma = (0..900 * 600).map(|i| if is_ink(i % 900, i / 900) { ink } else { ground }).collect();
        PageImage::new(900, 600, 100, luma)
    }

    #[test]
    fn a_sheet_holds_as_much_of_the_lines_as_is_asked_for() {
        for (slope, ink, ground) in [(0.0, 0, 255), (0.05, 0, 255), (0.0, 250, 10)] {
            let page = page(slope, ink, ground);
            let slant = Slant { degrees: slope.atan().to_degrees(), strength: 9.0, letters: 0.0 };
            let looks = PageStatistics { rows: slant, columns: Slant::default(), ..statistics(&page) };
            let sample = Sample::of(&page, &looks).unwrap();
            let (few, more) = (sample.sheet(0.0..20.0).unwrap(), sample.sheet(0.0..120.0).unwrap());
            assert!(few.lines.len() == 1 && more.lines.len() > 1, "{slope}: {:?} {:?}", few.lines, more.lines);
            for line in &more.lines {
                let rows = line.y as u32..line.bottom() as u32;
                assert!((18..32).contains(&rows.len()), "{slope}: {line:?}");
                let middle = (line.y + line.height / 2.0) as usize * more.image.width() as usize;
                assert!(more.image.luma()[middle..middle + more.image.width() as usize].contains(&ink), "{line:?}");
            }
            let (few, more) = (few.image, more.image);
            assert!(few.height() < 100 && more.height() > few.height(), "{slope}: {few:?} {more:?}");
            let is_inked = |luma: &[u8]| luma.iter().filter(|&&p| p.abs_diff(ink) < 20).count();
            // A third of each row is ink, and the rest of the picture is the page's background.
            assert!(is_inked(few.luma()) > 2000, "{slope}: {}", is_inked(few.luma()));
            assert!(few.luma()[..few.width() as usize].iter().all(|p| p.abs_diff(ground) < 20));
        }
    }

    #[test]
    fn a_page_without_lines_gives_none() {
        let page = PageImage::new(100, 100, 300, vec![255; 10_000]);
        assert!(Sample::of(&page, &statistics(&page)).is_none());
    }

    proptest! {
        #[test]
        fn any_picture_can_be_sampled(w in 1u32..90, h in 1u32..90, seed in any::<u64>(), height in 1.0f32..60.0, degrees in -16.0f32..16.0) {
            let luma = (0..u64::from(w * h)).map(|i| (seed.wrapping_mul(i + 1) >> 32) as u8 & 0xf0).collect();
            let page = PageImage::new(w, h, 300, luma);
            let rows = Slant { degrees, strength: 2.0, letters: 0.0 };
            let looks = PageStatistics { letter_height: Some(height), rows, ..PageStatistics::default() };
            if let Some(sample) = Sample::of(&page, &looks) {
                let _ = (sample.sheet(0.0..50.0), sample.sheet(50.0..500.0));
            }
        }
    }
}
