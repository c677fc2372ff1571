//! Bands and boxes with another background than the page: light letters on dark, dark ones on grey.

use super::grid::Grid;
use crate::letters::{Spot, spots};
use crate::reduced::Reduced;

/// Lengths are in heights of the page's letters. The side of a cell.
const CELL: f32 = 0.25;
/// The least height and width of a band, without partly filled cells.
const LEAST_HEIGHT: f32 = 1.0;
const LEAST_WIDTH: f32 = 2.0;
/// The least share of background cells in a band's bounding box.
const FILL: f32 = 0.3;
/// The least share of background cells along its edges: a ring, a photo and a heavy letter have less.
const STRAIGHT: f32 = 0.7;
/// At least half of the background is within this many levels of its usual level.
const EVEN: usize = 16;
/// Letters differ from the background by at least this many levels.
const CONTRAST: i32 = 24;
/// The least share of what differs that has the shape and size of letters, the fewest letters, and their sizes.
const LETTERS: f32 = 0.6;
const LEAST_LETTERS: usize = 2;
const SIZES: std::ops::RangeInclusive<f32> = 0.4..=4.0;

/// The lightest background of a band on paper of that level.
pub(super) fn lightest(paper: u8) -> u8 {
    paper.saturating_sub(CONTRAST as u8)
}

/// Makes the background of every band as light as the paper around it, and its letters dark; returns whether there was
/// a band.
pub(super) fn made_white(page: &mut Reduced, paper: u8, letter: f32) -> bool {
    let quarter = paper / 4;
    // Where a dark band borders on a lighter one, the dark one is found first.
    let levels = [quarter, 2 * quarter, 3 * quarter, lightest(paper)];
    levels.into_iter().fold(false, |found, level| found | made_white_at(page, level, letter))
}

fn made_white_at(page: &mut Reduced, level: u8, letter: f32) -> bool {
    let grid = Grid::of(page, ((letter * CELL) as usize).max(2), level);
    if grid.columns == 0 || grid.rows == 0 {
        return false;
    }
    let (high, wide) = (letter * LEAST_HEIGHT, letter * LEAST_WIDTH);
    let is_large = |spot: &Spot| {
        let filled = spot.pixels as f32 / (spot.width() * spot.height()) as f32;
        (spot.height() * grid.side) as f32 >= high && (spot.width() * grid.side) as f32 >= wide && filled >= FILL
    };
    let areas = spots(&grid.picture(), |p| p == 0).into_iter().filter(is_large);
    let areas: Vec<Spot> = areas.map(|area| trimmed(&grid, area)).filter(is_large).collect();
    let bands = areas.iter().filter_map(|area| Band::of(page, &grid, area, letter));
    let bands: Vec<Band> = bands.collect();
    for band in &bands {
        band.make_white(page);
    }
    !bands.is_empty()
}

/// The area without parts that are merely attached, such as letters of the next line or a rule. Along each edge of a
/// band, most cells are background.
fn trimmed(grid: &Grid, area: Spot) -> Spot {
    let mut area = area;
    let mostly = |cells: &mut dyn Iterator<Item = (usize, usize)>| {
        let (solid, all) =
            cells.fold((0, 0), |(solid, all), (x, y)| (solid + usize::from(grid.solid[y * grid.columns + x]), all + 1));
        2 * solid >= all
    };
    let row = |area: &Spot, y: usize| mostly(&mut (area.left..area.right).map(|x| (x, y)));
    let column = |area: &Spot, x: usize| mostly(&mut (area.top..area.bottom).map(|y| (x, y)));
    while area.top + 1 < area.bottom && !row(&area, area.top) {
        area.top += 1;
    }
    while area.top + 1 < area.bottom && !row(&area, area.bottom - 1) {
        area.bottom -= 1;
    }
    while area.left + 1 < area.right && !column(&area, area.left) {
        area.left += 1;
    }
    while area.left + 1 < area.right && !column(&area, area.right - 1) {
        area.right -= 1;
    }
    area
}

/// A part of the page with its own background.
struct Band {
    /// The left and right edge of the band for each row of pixels, beginning at `top`.
    top: usize,
    rows: Vec<(usize, usize)>,
    ground: i32,
    /// The level of the letters.
    ink: i32,
    /// The level of the surrounding paper, which may lie in a shadow.
    paper: u8,
}

impl Band {
    fn of(page: &Reduced, grid: &Grid, area: &Spot, letter: f32) -> Option<Self> {
        let solid = |x: usize, y: usize| grid.solid[y * grid.columns + x];
        let edges = (area.left..area.right).flat_map(|x| [(x, area.top), (x, area.bottom - 1)]);
        let edges = edges.chain((area.top..area.bottom).flat_map(|y| [(area.left, y), (area.right - 1, y)]));
        let (straight, all) = edges.fold((0, 0), |(n, all), (x, y)| (n + usize::from(solid(x, y)), all + 1));
        if (straight as f32) < STRAIGHT * all as f32 {
            return None;
        }
        let ground = Self::ground(grid, area)?;
        let mut band =
            Self { top: area.top * grid.side, rows: Vec::new(), ground, ink: ground, paper: paper(grid, area) };
        for y in area.top..area.bottom {
            let first = (area.left..area.right).find(|&x| solid(x, y)).unwrap_or(area.left);
            let last = (area.left..area.right).rfind(|&x| solid(x, y)).unwrap_or(area.right - 1);
            band.rows.extend(std::iter::repeat_n((first * grid.side, (last + 1) * grid.side), grid.side));
        }
        band.ink = band.find_ink(page, letter)?;
        Some(band)
    }

    /// The level that most cells have approximately; `None` when the levels are spread. Some cells contain dark
    /// letters.
    fn ground(grid: &Grid, area: &Spot) -> Option<i32> {
        let mut counts = [0usize; 256];
        for y in area.top..area.bottom {
            for i in y * grid.columns + area.left..y * grid.columns + area.right {
                counts[usize::from(grid.means[i])] += usize::from(grid.solid[i]);
            }
        }
        let near = |level: usize| {
            counts[level.saturating_sub(EVEN)..(level + EVEN + 1).min(counts.len())].iter().sum::<usize>()
        };
        let level = (0..counts.len()).max_by_key(|&level| (near(level), counts[level]))?;
        (2 * near(level) >= counts.iter().sum()).then_some(level as i32)
    }

    /// The pixels of each row.
    fn pixels<'a>(&'a self, page: &'a Reduced) -> impl Iterator<Item = &'a [u8]> {
        let rows = self.rows.iter().enumerate();
        rows.map(|(y, &(left, right))| &page.luma[(self.top + y) * page.width..][left..right])
    }

    /// The level of the marks that differ from the background, if they are letters.
    fn find_ink(&self, page: &Reduced, letter: f32) -> Option<i32> {
        let mut counts = [0usize; 256];
        self.pixels(page).flatten().for_each(|&p| counts[usize::from(p)] += 1);
        // Half the ink of a line of letters, with strokes of one hundredth of the band.
        let few = counts.iter().sum::<usize>() / 200;
        let end = |levels: &mut dyn Iterator<Item = usize>| {
            let mut seen = 0;
            for level in levels {
                seen += counts[level];
                if seen > few {
                    return Some(level as i32);
                }
            }
            None
        };
        let (light, dark) = (end(&mut (0..256).rev())?, end(&mut (0..256))?);
        let ink = if light - self.ground > self.ground - dark { light } else { dark };
        ((ink - self.ground).abs() >= CONTRAST && self.are_letters(page, ink, letter)).then_some(ink)
    }

    /// Whether the pixels nearer to that level than to the background are mostly letters.
    fn are_letters(&self, page: &Reduced, ink: i32, letter: f32) -> bool {
        let (left, right) = self.rows.iter().fold((usize::MAX, 0), |(l, r), row| (l.min(row.0), r.max(row.1)));
        let mut cut = Reduced { width: right - left, height: self.rows.len(), divisor: 1, luma: Vec::new() };
        for (&(from, to), pixels) in self.rows.iter().zip(self.pixels(page)) {
            let row = cut.luma.len();
            cut.luma.resize(row + cut.width, 255);
            for (out, &p) in cut.luma[row + from - left..row + to - left].iter_mut().zip(pixels) {
                let p = i32::from(p);
                *out = if (p - ink).abs() < (p - self.ground).abs() { 0 } else { 255 };
            }
        }
        let found = spots(&cut, |p| p == 0);
        let all: usize = found.iter().filter(|spot| !spot.is_speck()).map(|spot| spot.pixels).sum();
        let has_size = |spot: &&Spot| spot.has_shape_of_letters() && SIZES.contains(&(spot.height() as f32 / letter));
        let (letters, pixels) =
            found.iter().filter(has_size).fold((0, 0), |(n, pixels), spot| (n + 1, pixels + spot.pixels));
        letters >= LEAST_LETTERS && pixels as f32 >= LETTERS * all as f32
    }

    fn make_white(&self, page: &mut Reduced) {
        let levels: [u8; 256] = std::array::from_fn(|level| {
            let ink = (level as i32 - self.ground) as f32 / (self.ink - self.ground) as f32;
            (f32::from(self.paper) * (1.0 - ink.clamp(0.0, 1.0))) as u8
        });
        for (y, &(left, right)) in self.rows.iter().enumerate() {
            for p in &mut page.luma[(self.top + y) * page.width..][left..right] {
                *p = levels[usize::from(*p)];
            }
        }
    }
}

/// The usual level of the lighter half of the cells around an area; white if there are none.
fn paper(grid: &Grid, area: &Spot) -> u8 {
    let (left, right) = (area.left.checked_sub(2), Some(area.right + 1).filter(|&x| x < grid.columns));
    let (top, bottom) = (area.top.checked_sub(2), Some(area.bottom + 1).filter(|&y| y < grid.rows));
    let beside = [left, right].into_iter().flatten().flat_map(|x| (area.top..area.bottom).map(move |y| (x, y)));
    let beyond = [top, bottom].into_iter().flatten().flat_map(|y| (area.left..area.right).map(move |x| (x, y)));
    let mut levels: Vec<u8> = beside.chain(beyond).map(|(x, y)| grid.means[y * grid.columns + x]).collect();
    levels.sort_unstable();
    levels.get(levels.len() * 3 / 4).copied().unwrap_or(u8::MAX)
}
