//! Ruling lines: found as long and thin runs of dark pixels, and removed so that letters that touch or cross them stay.

use std::ops::Range;

use recto_domain::{Point, Rotation, Rule};

use crate::page_image::PageImage;
use crate::reduced::Reduced;

/// Lengths are in heights of the page's letters. The least length of a rule: no stroke of a letter is as long, except
/// in a heading, where strokes are thick.
const LENGTH: f32 = 4.0;
const LEAST_LENGTH: usize = 24;
/// The largest thickness of a rule: a stroke of a letter that crosses it is longer.
const THICKNESS: f32 = 0.4;
const LEAST_THICKNESS: usize = 3;
/// This many light pixels, caused by noise, do not end a rule.
const GAP: usize = 2;
/// The least share of a rule's length that is thin. Letters may touch it, but a run that is mostly thick is not a rule.
const THIN: f32 = 0.5;
/// One pixel in this many is examined first.
const SAMPLE: usize = 8;
/// A rule is darker than both of its sides by this many levels; grain in a shadow or a band is not.
const CONTRAST: u8 = 32;
/// The width of its blurred edge, in pixels.
const EDGE: usize = 1;
/// The least length of runs, in pixels, while the size of the letters is unknown; half of it on a page of ordinary
/// size. It is shorter than any rule between columns, and longer than strokes of letters.
const ROUGH_LENGTH: usize = 48;
/// Pixels count as dark below the threshold, or above it by at most this share of the distance to white: thin rules are
/// grey.
const FAINT: f32 = 0.25;

/// The directions that have runs of dark pixels as long as rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Runs {
    across: bool,
    down: bool,
}

impl Runs {
    pub(super) const BOTH: Self = Self { across: true, down: true };

    /// Determined from a reduced copy.
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

/// Removes the rules in those directions; returns whether there were any.
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
        // Vertical rules are horizontal on a page that is turned by 90 degrees.
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

/// A piece of a horizontal rule in one row of pixels: its beginning and end, and the places where it is thin.
struct Run {
    y: usize,
    from: usize,
    to: usize,
    thin: Vec<ThinPlace>,
}

/// A place where a rule is thin: its x, its top and bottom there, and the lightest level beside it.
type ThinPlace = (usize, (usize, usize, u8));

/// The horizontal rules of a picture, one run for each row of pixels they occupy.
fn runs(luma: &[u8], width: usize, level: u8, letter: f32) -> impl Iterator<Item = Run> {
    let least = ((letter * LENGTH) as usize).max(LEAST_LENGTH);
    let most = ((letter * THICKNESS) as usize).max(LEAST_THICKNESS);
    luma.chunks_exact(width).enumerate().flat_map(move |(y, row)| {
        let run =
            |(from, to): (usize, usize)| Some(Run { y, from, to, thin: thin(luma, width, y, from..to, level, most)? });
        long_runs(row, level, least).into_iter().filter_map(run).collect::<Vec<_>>()
    })
}

/// The places where a run of dark pixels is thin; `None` when it is mostly thick.
fn thin(luma: &[u8], width: usize, y: usize, run: Range<usize>, level: u8, most: usize) -> Option<Vec<ThinPlace>> {
    let height = luma.len() / width;
    let dark = |x: usize, y: usize| luma[y * width + x] <= level;
    // The dark rows around it, if there are no more of them than a rule is thick.
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
    // Most dark areas that are not rules, such as shadows, are recognised by a few places.
    (is_rule(SAMPLE) && is_rule(1)).then(|| places(1).collect())
}

/// The picture without horizontal rules; `None` when it has none.
fn without_rules(luma: &[u8], width: usize, level: u8, letter: f32) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    for Run { thin: found, .. } in runs(luma, width, level, letter) {
        let mut widths: Vec<usize> = found.iter().map(|(_, (top, bottom, _))| bottom - top).collect();
        let usual = *widths.select_nth_unstable(found.len() / 2).1;
        let out = out.get_or_insert_with(|| luma.to_vec());
        // Where a rule is wider, a letter lies along it.
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

/// The horizontal rules of a picture, in its pixels.
pub(super) fn level_rules(page: &Reduced, threshold: u8, letter: f32) -> Vec<Rule> {
    let rule = |run: Run| {
        let y = run.y as f32 + 0.5;
        Rule { from: Point { x: run.from as f32, y }, to: Point { x: run.to as f32, y } }
    };
    runs(&page.luma, page.width, faint(threshold), letter).map(rule).collect()
}

/// The beginnings and ends of runs of dark pixels with at least that length.
fn long_runs(row: &[u8], level: u8, least: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    // In every run of that length, one of these pixels is dark or beside a dark one.
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

/// The distance in pixels to the last dark pixel, across gaps of at most [`GAP`]; `None` when there is none.
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
