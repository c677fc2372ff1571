//! A first look at a page, cheap enough for every page: whether it holds ink at all, and how its lines run.

use crate::dirt::is_only_dirt;
use crate::lay::Looks;
use crate::letters::{Marks, ink_spots};
use crate::page_image::PageImage;
use crate::reduced::Reduced;
use crate::screen::{descreened, is_screened};

/// The longer side of the reduced copy in pixels: letters of 10 points on a letter page are still about 12 pixels high.
const REDUCED_SIDE: usize = 1300;
/// Larger pictures, in pixels, are searched for letters at half their size, where letters are still large enough.
const NEAR_PIXELS: usize = 3_000_000;
/// The difference between neighbouring pixels of the reduced copy that counts as an edge, of 255.
const EDGE: u8 = 24;
/// Like [`EDGE`], for telling faint print from paper grain.
const FAINT_EDGE: u8 = 10;
/// The approximate number of edge pixels of a letter of the smallest print on the reduced copy.
const LETTER_EDGES: usize = 8;
/// With fewer edges, the print may be faint.
const FEW_EDGES: usize = 200;
/// The most edges of dirt and the border of a sheet: twice the number of pixels of the border on the reduced copy.
const DIRT_EDGES: usize = 4 * (REDUCED_SIDE + REDUCED_SIDE);
/// The result of the first look.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PageStatistics {
    /// The page is blank, apart from what scanning adds to a blank sheet.
    pub blank: bool,
    /// The slant of text rows, if the page is upright or upside down.
    pub rows: Slant,
    /// The slant of text rows, if the page lies on its side.
    pub columns: Slant,
    /// The number of letters in lines at another angle than most of the page, such as those of a stamp or of a second
    /// slip.
    pub apart: f32,
    /// The median height of letter-shaped spots, in pixels: about that of an `x` in running text, of a capital or digit
    /// in a table; `None` when there are none.
    pub letter_height: Option<f32>,
    /// The number of spots with the shape of a letter, or of a few joined letters.
    pub letters: usize,
    /// The share of pixels, from 0 to 1, that are clearly neither ink nor background: almost none in clean print, many
    /// in a photo.
    pub half_tones: f32,
    /// The number of times to smooth the picture before it is read, each time with a Gaussian of one pixel, because its
    /// tones are dots as in a dithered picture. The other values describe the smoothed picture. 0 for nearly every
    /// page.
    pub smoothing: u8,
}

impl PageStatistics {
    /// Whether the lines clearly run from top to bottom.
    pub(crate) fn is_sideways(&self) -> bool {
        self.columns.is_clear_beside(&self.rows) && (self.columns.is_told() || self.columns.strength > 1.5)
    }

    /// Whether the lines clearly run from left to right.
    pub(crate) fn has_clear_rows(&self) -> bool {
        self.rows.is_clear_beside(&self.columns)
    }

    /// The slant of the lines in their direction.
    pub(crate) fn slant(&self) -> Slant {
        if self.is_sideways() { self.columns } else { self.rows }
    }
}

/// The slant of lines in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Slant {
    /// The slope of the lines in degrees, positive when they fall; within ±26 if derived from the profile, and ±30 if
    /// derived from letters.
    pub degrees: f32,
    /// How much better the ink gathers in lines at this angle than at others; 1 when all angles are alike.
    pub strength: f32,
    /// The number of letters that stand side by side in lines of this direction and agree on the angle; 0 if the angle
    /// is derived from the profile.
    pub letters: f32,
}

/// The factor by which the letters in lines of the reading direction outnumber those of the other direction.
const CLEARLY_MORE: f32 = 2.0;
/// The same for the strength with which ink gathers.
const CLEARLY_STRONGER: f32 = 1.3;

impl Slant {
    /// Whether it is derived from letters.
    pub(crate) fn is_told(&self) -> bool {
        self.letters > 0.0
    }

    /// Whether lines run in this direction rather than in the other one.
    fn is_clear_beside(&self, other: &Self) -> bool {
        if self.is_told() || other.is_told() {
            return self.letters > CLEARLY_MORE * other.letters;
        }
        self.strength > CLEARLY_STRONGER * other.strength
    }
}

/// Examines a picture.
#[must_use]
pub fn statistics(image: &PageImage) -> PageStatistics {
    let copy = near(image);
    let (seen, specks) = look(&copy);
    if seen.blank || !is_screened(image, &copy, seen.letters, specks) {
        return seen;
    }
    let (smoothing, smooth) = descreened(image, near);
    PageStatistics { smoothing, ..look(&near(&smooth)).0 }
}

/// The copy on which letters are searched.
pub(crate) fn near(image: &PageImage) -> Reduced {
    let (w, h) = (image.width() as usize, image.height() as usize);
    Reduced::of(image.luma(), w, h, if w * h > NEAR_PIXELS { 2 } else { 1 })
}

/// The statistics of a copy, and its number of specks.
fn look(near: &Reduced) -> (PageStatistics, usize) {
    let far = near.again(near.width.max(near.height).div_ceil(REDUCED_SIDE));
    let clear = Edges::of(&far, EDGE);
    let edges = if clear.count() < FEW_EDGES { Edges::of(&far, FAINT_EDGE) } else { clear };
    if edges.count() < LETTER_EDGES || (edges.count() < DIRT_EDGES && is_only_dirt(near, edges.contrast)) {
        return (PageStatistics { blank: true, ..PageStatistics::default() }, 0);
    }
    let spots = ink_spots(near);
    let scale = far.divisor as f32 / near.divisor as f32;
    let size = (far.width, far.height);
    let looks = Looks { near, spots: &spots, size, scale, below: &edges.below, beside: &edges.beside };
    let (rows, columns, apart) = looks.slants();
    let Marks { letters, height, specks } = Marks::of(&spots, near.divisor);
    let half_tones = near.half_tones();
    (
        PageStatistics { blank: false, rows, columns, apart, letter_height: height, letters, half_tones, smoothing: 0 },
        specks,
    )
}

/// Pixels darker than the one below them, and pixels darker than the one to their right.
struct Edges {
    /// The least difference.
    contrast: u8,
    below: Vec<(u16, u16)>,
    beside: Vec<(u16, u16)>,
}

impl Edges {
    fn of(picture: &Reduced, contrast: u8) -> Self {
        let mut edges = Self { contrast, below: Vec::new(), beside: Vec::new() };
        let contrast = i16::from(contrast);
        let rows: Vec<&[u8]> = picture.luma.chunks_exact(picture.width).collect();
        for (y, pair) in rows.windows(2).enumerate() {
            for x in 0..picture.width - 1 {
                let here = i16::from(pair[0][x]);
                if i16::from(pair[1][x]) - here >= contrast {
                    edges.below.push((x as u16, y as u16));
                }
                if i16::from(pair[0][x + 1]) - here >= contrast {
                    edges.beside.push((x as u16, y as u16));
                }
            }
        }
        edges
    }

    fn count(&self) -> usize {
        self.below.len() + self.beside.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resample::deskewed;
    use recto_domain::Rotation;

    /// Rows of small strokes, similar to a page of text.
    fn page_of_rows() -> PageImage {
        let (w, h) = (1700u32, 2200u32);
        let mut luma = vec![255u8; (w * h) as usize];
        for row in 0..40u32 {
            for letter in 0..90u32 {
                // Words end at irregular positions, and letters have irregular widths.
                if (letter * 7 + row * 3) % 6 == 0 {
                    continue;
                }
                let (left, top) = (150 + letter * 15 + (letter * row) % 4, 180 + row * 46);
                let high = if (letter + row) % 3 == 0 { 20 } else { 14 };
                for y in top + 20 - high..top + 20 {
                    for x in [left, left + 1, left + 2, left + 7, left + 8] {
                        luma[(y * w + x) as usize] = 20;
                    }
                }
            }
        }
        PageImage::new(w, h, 200, luma)
    }

    #[test]
    fn the_skew_is_found_within_a_tenth_of_a_degree() {
        let page = page_of_rows();
        for degrees in [-25.0f32, -15.0, -6.8, -1.3, 0.0, 0.4, 3.1, 9.9, 15.0, 25.0] {
            let skewed = deskewed(&page, -degrees).image;
            let found = statistics(&skewed);
            assert!((found.rows.degrees - degrees).abs() < 0.11, "{degrees}: {found:?}");
            assert!(!found.is_sideways(), "{degrees}: {found:?}");
        }
    }

    #[test]
    fn a_page_on_its_side_is_seen_and_its_skew_found() {
        for turn in [Rotation::Clockwise, Rotation::CounterClockwise] {
            for degrees in [-24.0f32, -9.0, 0.0, 4.5] {
                let skewed = deskewed(&page_of_rows().turned(turn), -degrees).image;
                let found = statistics(&skewed);
                assert!((found.columns.degrees - degrees).abs() < 0.11, "{degrees}: {found:?}");
                assert!(found.is_sideways(), "{degrees}: {found:?}");
            }
        }
    }

    #[test]
    fn flat_pictures_are_blank_and_a_faint_word_is_not() {
        for level in [0, 17, 200, 255] {
            assert!(statistics(&PageImage::new(900, 1200, 100, vec![level; 900 * 1200])).blank);
        }
        let mut luma = vec![250u8; 2550 * 3300];
        for letter in 0..6 {
            for y in 1000..1024 {
                for x in 0..4 {
                    luma[y * 2550 + 1200 + letter * 20 + x] = 205;
                }
            }
        }
        assert!(!statistics(&PageImage::new(2550, 3300, 300, luma)).blank);
    }

    #[test]
    fn pictures_of_any_shape_can_be_looked_at() {
        for (w, h) in [(1, 1), (1, 5000), (5000, 1), (2, 2), (3000, 3)] {
            let _ = statistics(&PageImage::new(w, h, 300, (0..w * h).map(|i| (i * 97 % 256) as u8).collect()));
        }
    }
}
