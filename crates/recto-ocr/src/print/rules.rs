//! Ruling lines: found as long and thin runs of dark pixels, and taken out so that letters which touch or cross them stay.

use std::ops::Range;

use recto_domain::{Point, Rotation, Rule};

use crate::page_image::PageImage;
use crate::reduced::Reduced;

/// All lengths are in heights of the page's letters. A rule is at least this long: no stroke of a letter is, but of a
/// heading's, and those are thick.
const LENGTH: f32 = 4.0;
const LEAST_LENGTH: usize = 24;
/// It is at most so thick: a stroke of a letter that crosses it is longer.
const THICKNESS: f32 = 0.4;
const LEAST_THICKNESS: usize = 3;
/// So many light pixels do not end it: noise.
const GAP: usize = 2;
/// This share of its length is thin: letters side by side may touch a rule, but what is thick for the most part is none.
const THIN: f32 = 0.5;
/// One pixel of so many is looked at first.
const SAMPLE: usize = 8;
/// It is darker than what lies on both sides of it by so many levels: in a shadow or a band, grain is not.
const CONTRAST: u8 = 32;
/// Pixels beside it that are its blurred edge.
const EDGE: usize = 1;
/// Where nothing is known of the letters yet, runs of so many pixels are looked at, on a page of ordinary size in half
/// that: shorter than any rule between columns, longer than strokes of letters.
const ROUGH_LENGTH: usize = 48;
/// Dark is what is below the threshold, or above it by no more than this share of the way to white: thin rules are grey.
const FAINT: f32 = 0.25;

/// In which directions there are runs of dark pixels as long as rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Runs {
    across: bool,
    down: bool,
}

impl Runs {
    pub(super) const BOTH: Self = Self { across: true, down: true };

    /// By a look at a copy.
    pub(super) fn of(near: &Reduced, threshold: u8) -> Self {
        let least = (ROUGH_LENGTH / near.divisor) as u16;
        let level = faint(threshold);
        let (mut across, mut down) = (0, 0);
        let mut columns = vec![0u16; near.width];
        for row in near.luma.chunks_exact(near.width) {
            let mut length = 0u16;
            for (column, &p) in columns.iter_mut().zip(row) {
                let is_dark = u16::from(p <= level);
                length = (length + is_dark) * is_dark;
                across = across.max(length);
                *column = column.saturating_add(is_dark) * is_dark;
                down = down.max(*column);
            }
        }
        Self { across: across >= least, down: down >= least }
    }

    pub(super) fn any(self) -> bool {
        self.across || self.down
    }
}

/// Takes the rules out that run in those directions; tells whether there were any.
pub(super) fn taken_out(page: &mut Reduced, letter: f32, runs: Runs) -> bool {
    let Some((threshold, _)) = page.threshold() else { return false };
    let level = faint(threshold);
    let mut found = false;
    if runs.across
        && let Some(luma) = without_rules(&page.luma, page.width, level, letter)
    {
        page.luma = luma;
        found = true;
    }
    if runs.down {
        // What runs down is what runs across on a page on its side.
        let image = PageImage::new(page.width as u32, page.height as u32, 72, std::mem::take(&mut page.luma));
        let side = image.turned(Rotation::Clockwise);
        let down = without_rules(side.luma(), page.height, level, letter);
        found |= down.is_some();
        let upright = down.map(|luma| PageImage::new(side.width(), side.height(), 72, luma));
        page.luma = upright.map_or(image, |side| side.turned(Rotation::CounterClockwise)).into_luma();
    }
    found
}

fn faint(threshold: u8) -> u8 {
    threshold + (f32::from(255 - threshold) * FAINT) as u8
}

/// A piece of a rule that runs across: where it begins and ends in a row of pixels, and where it is thin.
struct Run {
    y: usize,
    from: usize,
    to: usize,
    thin: Vec<ThinPlace>,
}

/// The x of a place where a rule is thin, its top and its bottom there, and the lightest of what lies beside it.
type ThinPlace = (usize, (usize, usize, u8));

/// The rules that run across a picture, each in every row of pixels that it takes.
fn runs(luma: &[u8], width: usize, level: u8, letter: f32) -> impl Iterator<Item = Run> {
    let least = ((letter * LENGTH) as usize).max(LEAST_LENGTH);
    let most = ((letter * THICKNESS) as usize).max(LEAST_THICKNESS);
    luma.chunks_exact(width).enumerate().flat_map(move |(y, row)| {
        let run =
            |(from, to): (usize, usize)| Some(Run { y, from, to, thin: thin(luma, width, y, from..to, level, most)? });
        long_runs(row, level, least).into_iter().filter_map(run).collect::<Vec<_>>()
    })
}

/// The places where a run of dark pixels is thin; `None` when it is thick for the most part.
fn thin(luma: &[u8], width: usize, y: usize, run: Range<usize>, level: u8, most: usize) -> Option<Vec<ThinPlace>> {
    let height = luma.len() / width;
    let dark = |x: usize, y: usize| luma[y * width + x] <= level;
    // The rows that are dark around it, where these are no more than a rule is thick.
    let extent = |x: usize| {
        let first = y.saturating_sub(most);
        let end = (y + most + 1).min(height);
        let above = (first..y).rev().find(|&y| !dark(x, y)).map(|above| above + 1);
        let top = above.or((y <= most).then_some(0))?;
        let bottom = (y..end).find(|&y| !dark(x, y)).or((end == height).then_some(height))?;
        let sides = [top.checked_sub(EDGE + 1), Some(bottom + EDGE).filter(|&y| y < height)];
        let sides = sides.into_iter().flatten().map(|y| luma[y * width + x]);
        let stands_out = sides.clone().all(|side| side >= luma[y * width + x].saturating_add(CONTRAST));
        (bottom - top <= most && stands_out).then(|| (top, bottom, sides.max().unwrap_or(u8::MAX)))
    };
    let places = |step: usize| run.clone().step_by(step).filter(|&x| dark(x, y)).filter_map(|x| Some((x, extent(x)?)));
    let is_rule = |step: usize| places(step).count() as f32 * step as f32 >= THIN * run.len() as f32;
    // Most of what is dark and no rule, such as a shadow, is told by a few places.
    (is_rule(SAMPLE) && is_rule(1)).then(|| places(1).collect())
}

/// The picture without what runs across it; `None` when there is no such.
fn without_rules(luma: &[u8], width: usize, level: u8, letter: f32) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    for Run { thin: found, .. } in runs(luma, width, level, letter) {
        let mut widths: Vec<usize> = found.iter().map(|(_, (top, bottom, _))| bottom - top).collect();
        let usual = *widths.select_nth_unstable(found.len() / 2).1;
        let out = out.get_or_insert_with(|| luma.to_vec());
        // Where it is wider, a letter lies along it.
        let alone = found.into_iter().filter(|(_, (top, bottom, _))| bottom - top <= usual + EDGE);
        for (x, (top, bottom, ground)) in alone {
            for y in top.saturating_sub(EDGE)..(bottom + EDGE).min(luma.len() / width) {
                let p = &mut out[y * width + x];
                *p = (*p).max(ground);
            }
        }
    }
    out
}

/// The rules that run across a picture, in its pixels.
pub(super) fn level_rules(page: &Reduced, threshold: u8, letter: f32) -> Vec<Rule> {
    let rule = |run: Run| {
        let y = run.y as f32 + 0.5;
        Rule { from: Point { x: run.from as f32, y }, to: Point { x: run.to as f32, y } }
    };
    runs(&page.luma, page.width, faint(threshold), letter).map(rule).collect()
}

/// Where runs of dark pixels begin and end that are at least so long.
fn long_runs(row: &[u8], level: u8, least: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    // Of every run of that length, one pixel of these is dark or beside one that is.
    let mut x = least / 2;
    while x < row.len() {
        let near = x.saturating_sub(GAP)..(x + 1).min(row.len());
        if row[near].iter().all(|&p| p > level) {
            x += least / 2;
            continue;
        }
        let from = end_of_run(row[..x].iter().rev(), level).map_or(x, |steps| x - steps);
        let to = end_of_run(row[x..].iter(), level).map_or(x, |steps| x + steps);
        if to - from >= least {
            found.push((from, to));
        }
        x = to.max(x) + least / 2;
    }
    found
}

/// How many pixels further the last dark one is, with gaps of no more than [`GAP`]; `None` when there is none.
fn end_of_run<'a>(pixels: impl Iterator<Item = &'a u8>, level: u8) -> Option<usize> {
    let (mut last, mut gap) = (None, 0);
    for (i, &p) in pixels.enumerate() {
        if p <= level {
            (last, gap) = (Some(i + 1), 0);
        } else {
            gap += 1;
            if gap > GAP {
                break;
            }
        }
    }
    last
}
