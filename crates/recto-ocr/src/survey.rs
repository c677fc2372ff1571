//! A first look at a page, cheap enough for every page: whether it holds ink at all, and how its lines lie.

use crate::dirt::is_only_dirt;
use crate::letters::{Marks, marks};
use crate::page_image::PageImage;
use crate::reduced::Reduced;
use crate::screen::{descreened, is_screened};

/// The longer side of the reduced copy in pixels: letters of 10 points on a letter page are still some 12 pixels high.
const REDUCED_SIDE: usize = 1300;
/// Pictures with more pixels are looked at in half their size when it comes to letters: they are large enough.
const NEAR_PIXELS: usize = 3_000_000;
/// Steepest skew that is looked for, in degrees.
const MAX_SKEW: f32 = 16.0;
/// How far apart the angles are that are tried first, in degrees.
const COARSE_STEP: f32 = 0.25;
/// The same for those that are tried around the best of them, and how many of these on each side.
const FINE_STEP: f32 = 0.05;
const FINE_STEPS: i32 = 5;
/// How many pixels of the reduced copy further than at [`MAX_SKEW`] they can move the points of a row: 0.5 % of its
/// side.
const BEYOND: f32 = 8.0;
/// Difference between neighbouring pixels of the reduced copy that counts as an edge, of 255.
const EDGE: u8 = 24;
/// As [`EDGE`], for telling faint print from paper grain.
const FAINT_EDGE: u8 = 10;
/// A letter of the smallest print leaves about this many edge pixels on the reduced copy.
const LETTER_EDGES: usize = 8;
/// With fewer edges than this the print may be faint.
const FEW_EDGES: usize = 200;
/// Dirt and the border of a sheet have fewer edges than this: twice as many as the border alone has pixels on the reduced
/// copy.
const DIRT_EDGES: usize = 4 * (REDUCED_SIDE + REDUCED_SIDE);
/// More edge points make the estimate slower, not better.
const MAX_POINTS: usize = 12_000;
/// So many points of the list are taken from equal distances before the next ones to them are.
const POINTS_A_TURN: usize = 24;

/// What the first look shows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Survey {
    /// Nothing on the page stands out from its ground, but what scanning adds to a blank sheet.
    pub blank: bool,
    /// How rows of text lie, if the page is upright or upside down.
    pub rows: Slant,
    /// How rows of text lie, if the page lies on its side.
    pub columns: Slant,
    /// Median height of what has the shape of letters, in pixels: about that of an `x` in running text, of a capital or
    /// digit in a table; `None` when nothing has.
    pub letter_height: Option<f32>,
    /// How many spots have the shape of letters, or of a few letters that touch.
    pub letters: usize,
    /// The share of the pixels, from 0 to 1, that are clearly neither ink nor ground: next to none in clean print,
    /// many in a photo.
    pub half_tones: f32,
    /// How often the picture is to be smoothed before it is read, by a Gaussian of one pixel each time: its tones are dots,
    /// as in a dithered picture. The other values are those of the smoothed one. 0 for nearly every page.
    pub smoothing: u8,
}

impl Survey {
    /// Whether the lines clearly run from top to bottom.
    pub(crate) fn is_sideways(&self) -> bool {
        self.columns.strength > 1.3 * self.rows.strength && self.columns.strength > 1.5
    }

    /// Whether the lines clearly run from left to right.
    pub(crate) fn has_clear_rows(&self) -> bool {
        self.rows.strength > 1.3 * self.columns.strength
    }
}

/// The slant of lines in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Slant {
    /// Degrees clockwise by which the lines fall; within ±16.
    pub degrees: f32,
    /// How much better the ink gathers in lines at this angle than at other ones; 1 when all angles are alike.
    pub strength: f32,
}

/// Looks at a picture.
#[must_use]
pub fn survey(image: &PageImage) -> Survey {
    let copy = near(image);
    let (seen, specks) = look(&copy);
    if seen.blank || !is_screened(image, &copy, seen.letters, specks) {
        return seen;
    }
    let (smoothing, smooth) = descreened(image, near);
    Survey { smoothing, ..look(&near(&smooth)).0 }
}

/// The copy that letters are looked for on.
fn near(image: &PageImage) -> Reduced {
    let (w, h) = (image.width() as usize, image.height() as usize);
    Reduced::of(image.luma(), w, h, if w * h > NEAR_PIXELS { 2 } else { 1 })
}

/// What a copy shows, and how many specks there are on it.
fn look(near: &Reduced) -> (Survey, usize) {
    let far = near.again(near.width.max(near.height).div_ceil(REDUCED_SIDE));
    let clear = Edges::of(&far, EDGE);
    let edges = if clear.count() < FEW_EDGES { Edges::of(&far, FAINT_EDGE) } else { clear };
    if edges.count() < LETTER_EDGES || (edges.count() < DIRT_EDGES && is_only_dirt(near, edges.contrast)) {
        return (Survey { blank: true, ..Survey::default() }, 0);
    }
    let rows = slant(&edges.below, far.width, far.height);
    // A page on its side: what were columns are rows, and clockwise stays clockwise.
    let right = far.width as u16 - 1;
    let sideways: Vec<(u16, u16)> = edges.beside.iter().map(|&(x, y)| (y, right - x)).collect();
    let columns = slant(&sideways, far.height, far.width);
    let Marks { letters, height, specks } = marks(near);
    let half_tones = near.half_tones();
    (Survey { blank: false, rows, columns, letter_height: height, letters, half_tones, smoothing: 0 }, specks)
}

/// Pixels darker than what lies below them, and pixels darker than what lies to their right.
struct Edges {
    /// By how much they are darker, at least.
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

/// The angle at which the points gather best in rows: the one with the largest sum of squares of the projection
/// profile (W. Postl, "Detection of linear oblique structures and skew scan in digitized documents", 1986).
fn slant(points: &[(u16, u16)], width: usize, height: usize) -> Slant {
    if points.len() < LETTER_EDGES {
        return Slant::default();
    }
    // Every n-th point with n odd to the row length would follow the pattern of the rows; a stride through the list
    // in reading order does not.
    let stride = points.len().div_ceil(MAX_POINTS);
    let points: Vec<(u16, u16)> = points.iter().step_by(stride).copied().collect();
    // Points of one row fall into one bin, and to count it up again waits for the last time: so rows take turns.
    let turns = 1 + points.len() / POINTS_A_TURN;
    let points: Vec<(u16, u16)> = (0..turns).flat_map(|i| points[i..].iter().step_by(turns).copied()).collect();
    let room = width as f32 * MAX_SKEW.to_radians().tan() + BEYOND;
    let mut bins = vec![0u32; height + (2.0 * room) as usize + 2];
    let mut shifts = vec![0usize; width];
    let mut score = |degrees: f32| -> f32 {
        let slope = degrees.to_radians().tan();
        for (x, shift) in shifts.iter_mut().enumerate() {
            *shift = (room - x as f32 * slope).max(0.0) as usize;
        }
        bins.fill(0);
        for &(x, y) in &points {
            bins[usize::from(y) + shifts[usize::from(x)]] += 1;
        }
        // Not more than the square of MAX_POINTS.
        bins.iter().map(|&n| n * n).sum::<u32>() as f32
    };
    let steps = (MAX_SKEW / COARSE_STEP) as i32;
    let coarse: Vec<(f32, f32)> = (-steps..=steps).map(|i| i as f32 * COARSE_STEP).map(|d| (d, score(d))).collect();
    let best = |tried: &[(f32, f32)]| tried.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default();
    let near = best(&coarse).0;
    let steps = -FINE_STEPS..=FINE_STEPS;
    let fine: Vec<(f32, f32)> = steps.map(|i| near + i as f32 * FINE_STEP).map(|d| (d, score(d))).collect();
    let (degrees, top) = best(&fine);
    let mut scores: Vec<f32> = coarse.iter().map(|&(_, s)| s).collect();
    scores.sort_by(f32::total_cmp);
    let usual = scores[scores.len() / 2].max(1.0);
    Slant { degrees: degrees.clamp(-MAX_SKEW, MAX_SKEW), strength: top / usual }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resample::levelled;
    use recto_domain::Rotation;

    /// Rows of little strokes, as a page of text looks from afar.
    fn page_of_rows() -> PageImage {
        let (w, h) = (1700u32, 2200u32);
        let mut luma = vec![255u8; (w * h) as usize];
        for row in 0..40u32 {
            for letter in 0..90u32 {
                // Words end at irregular places, letters have irregular widths.
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
        for degrees in [-15.0f32, -6.8, -1.3, 0.0, 0.4, 3.1, 9.9, 15.0] {
            let skewed = levelled(&page, -degrees).image;
            let found = survey(&skewed);
            assert!((found.rows.degrees - degrees).abs() < 0.11, "{degrees}: {found:?}");
            assert!(!found.is_sideways(), "{degrees}: {found:?}");
        }
    }

    #[test]
    fn a_page_on_its_side_is_seen_and_its_skew_found() {
        for turn in [Rotation::Clockwise, Rotation::CounterClockwise] {
            for degrees in [-9.0f32, 0.0, 4.5] {
                let skewed = levelled(&page_of_rows().turned(turn), -degrees).image;
                let found = survey(&skewed);
                assert!((found.columns.degrees - degrees).abs() < 0.11, "{degrees}: {found:?}");
                assert!(found.is_sideways(), "{degrees}: {found:?}");
            }
        }
    }

    #[test]
    fn flat_pictures_are_blank_and_a_faint_word_is_not() {
        for level in [0, 17, 200, 255] {
            assert!(survey(&PageImage::new(900, 1200, 100, vec![level; 900 * 1200])).blank);
        }
        let mut luma = vec![250u8; 2550 * 3300];
        for letter in 0..6 {
            for y in 1000..1024 {
                for x in 0..4 {
                    luma[y * 2550 + 1200 + letter * 20 + x] = 205;
                }
            }
        }
        assert!(!survey(&PageImage::new(2550, 3300, 300, luma)).blank);
    }

    #[test]
    fn lines_steeper_than_is_looked_for_are_told_as_the_steepest() {
        let (width, height) = (1300u16, 1300u16);
        for slope in [0.2915f32, -0.2915] {
            let row = |top: u16| (0..width).map(move |x| (x, (f32::from(top) + f32::from(x) * slope) as u16));
            let mut points: Vec<(u16, u16)> = (400..height).step_by(130).flat_map(row).collect();
            // What lies in a corner moves furthest.
            points.extend([(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]);
            points.retain(|p| p.1 < height);
            assert_eq!(slant(&points, width.into(), height.into()).degrees, MAX_SKEW.copysign(slope));
        }
    }

    #[test]
    fn pictures_of_any_shape_can_be_looked_at() {
        for (w, h) in [(1, 1), (1, 5000), (5000, 1), (2, 2), (3000, 3)] {
            let _ = survey(&PageImage::new(w, h, 300, (0..w * h).map(|i| (i * 97 % 256) as u8).collect()));
        }
    }
}
