//! Forms with a box for each letter: finds rows of boxes and combs, removes them from the picture that an engine reads,
//! and joins the letters inside to words.
//!
//! Engines read the side of a box as a 1, an I or a bar, and each letter as a word.

use recto_domain::{Block, Line, Rect, Word};

use crate::page_image::PageImage;
use crate::reduced::Reduced;

/// The divisor for the reduced page that shows the brightness of the paper.
const LOOK: usize = 4;
/// Boxes are darker than paper by at least this many levels; they are often pale.
const PALE: u8 = 16;
/// The distance between the rows of pixels that are searched for sides.
const STEP: usize = 4;
/// The heights of sides, in pixels.
const HEIGHTS: std::ops::RangeInclusive<usize> = 8..=300;
/// The largest thickness of a side: in pixels, and as a share of its height.
const THICKEST: usize = 8;
const THIN: f32 = 0.3;
/// Tolerances for pages that are not quite level. `DENTS` is the share of the bottom rule that may be missing, and
/// `LONGEST_DENT` the longest missing piece, in pixels. The bottoms of two sides may differ by `UNEVEN` pixels.
const DENTS: f32 = 0.1;
const LONGEST_DENT: usize = 3;
const UNEVEN: usize = 3;
/// The least inner size of a box that can hold a readable letter, in pixels each way.
const ROOM: usize = 12;
/// The least share of the rule's length that is light above it and below it; otherwise it is a row of letters.
const CLEAR: f32 = 0.7;
/// The ratio of a box's width to its height.
const SHAPE: std::ops::RangeInclusive<f32> = 0.4..=2.5;
/// The least distance from box to box, in heights of a usual letter: an L and a U side by side are closer.
const LARGER: f32 = 1.2;
/// Boxes of a row have the same width, up to this share and one pixel of rounding on each side.
const ALIKE: f32 = 0.08;
/// The fewest boxes of a row.
const LEAST: usize = 3;
/// The largest gap between separate boxes, as a share of their width.
const APART: f32 = 0.8;
/// Grey pixels beside a rule or a side.
const BLUR: usize = 2;
/// The average width of a letter, in its heights.
const LETTER: f32 = 0.6;

/// Boxes side by side, one for each letter. All coordinates are in pixels from the top left of the picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BoxRow {
    /// The left and right edges of the boxes, from left to right.
    cells: Vec<(usize, usize)>,
    sides: Vec<Side>,
    /// The rules that run from side to side.
    rules: Vec<Rule>,
}

/// A rule from one side of a box to the other, at its top or its bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    left: usize,
    right: usize,
    /// Its position at both ends: its first row at the top of a box, the row after its last at the bottom.
    at: (usize, usize),
    thick: usize,
    is_below: bool,
}

impl Rule {
    /// The rows that it darkens in a column, and a neighbouring row outside the box.
    fn rows(&self, x: usize) -> (std::ops::Range<usize>, usize) {
        let along = (x - self.left) as f32 / (self.right - self.left).max(1) as f32;
        let at = (self.at.0 as f32 + (self.at.1 as f32 - self.at.0 as f32) * along).round() as usize;
        if self.is_below {
            (at.saturating_sub(self.thick + BLUR)..at + BLUR, at + BLUR)
        } else {
            (at.saturating_sub(BLUR)..at + self.thick + BLUR, at.saturating_sub(BLUR + 1))
        }
    }
}

/// A vertical stroke, which may be the side of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Side {
    left: usize,
    right: usize,
    top: usize,
    /// The row after its last.
    bottom: usize,
}

impl Side {
    fn height(&self) -> usize {
        self.bottom - self.top
    }
}

/// The left and right sides of adjacent boxes.
type Boxes = Vec<(Side, Side)>;

/// A picture with a test for dark pixels.
#[derive(Clone, Copy)]
struct Dark<'a> {
    luma: &'a [u8],
    width: usize,
    height: usize,
    level: u8,
}

impl BoxRow {
    /// The rows of boxes on a level picture whose letters usually have that height, in points; none on a picture
    /// without letters.
    pub(crate) fn all_of(image: &PageImage, letter_height: Option<f32>) -> Vec<Self> {
        let Some(letter_height) = letter_height else { return Vec::new() };
        let (width, height) = (image.width() as usize, image.height() as usize);
        let look = Reduced::of(image.luma(), width, height, LOOK);
        let level = look.median().saturating_sub(PALE);
        let dark = Dark { luma: image.luma(), width, height, level };
        let mut sides = dark.upright_strokes();
        sides.sort_unstable_by_key(|side| (side.left, side.top));
        sides.dedup_by(|a, b| a.top == b.top && a.left.abs_diff(b.left) <= 1);
        let chains = dark.chains(&sides);
        let rows = chains.iter().flat_map(|chain| even_boxes(chain)).chain(single_boxes(&chains));
        let least_pitch = LARGER * letter_height / image.scale();
        let is_larger = |row: &Boxes| (row[1].0.left - row[0].0.left) as f32 >= least_pitch;
        let mut rows: Vec<Boxes> = rows.filter(is_larger).collect();
        // Blurred sides are found more than once; of overlapping rows, the longest counts.
        rows.sort_by_key(|boxes| std::cmp::Reverse(boxes.len()));
        let mut found: Vec<Self> = Vec::new();
        for boxes in rows {
            let row = Self::of(&dark, boxes);
            if !found.iter().any(|other| other.overlaps(&row)) {
                found.push(row);
            }
        }
        found
    }

    /// The row of boxes with those sides.
    fn of(dark: &Dark<'_>, boxes: Boxes) -> Self {
        let above = |&(a, b): &(Side, Side)| {
            let (left, right, thick) = (a.left, b.right, a.right - a.left);
            let is_closed =
                a.top.abs_diff(b.top) <= UNEVEN && dark.is_ruled((a.right, b.left), a.top + UNEVEN, b.top + UNEVEN);
            is_closed.then_some(Rule { left, right, at: (a.top, b.top), thick, is_below: false })
        };
        let below = |&(a, b): &(Side, Side)| {
            let (left, right, thick) = (a.left, b.right, a.right - a.left);
            Rule { left, right, at: (a.bottom, b.bottom), thick, is_below: true }
        };
        let rules = boxes.iter().filter_map(above).chain(boxes.iter().map(below)).collect();
        let cells = boxes.iter().map(|(a, b)| (a.right, b.left)).collect();
        let mut sides: Vec<Side> = boxes.into_iter().flat_map(|(a, b)| [a, b]).collect();
        sides.dedup();
        Self { cells, sides, rules }
    }

    /// Whether two rows overlap.
    fn overlaps(&self, other: &Self) -> bool {
        let reach = |row: &Self| Some((row.cells.first()?.0, row.cells.last()?.1));
        let (Some(a), Some(b)) = (reach(self), reach(other)) else { return false };
        a.0 < b.1 && b.0 < a.1 && self.top() < other.bottom() && other.top() < self.bottom()
    }

    fn top(&self) -> usize {
        self.sides.iter().map(|side| side.top).min().unwrap_or(0)
    }

    fn bottom(&self) -> usize {
        self.sides.iter().map(|side| side.bottom).max().unwrap_or(0)
    }
}

impl Dark<'_> {
    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.luma[y * self.width + x] <= self.level
    }

    /// Thin strokes as high as the sides of boxes.
    fn upright_strokes(&self) -> Vec<Side> {
        let mut found = Vec::new();
        for y in (STEP..self.height).step_by(STEP) {
            let row = &self.luma[y * self.width..][..self.width];
            let mut from = None;
            for (x, &p) in row.iter().enumerate() {
                match (p <= self.level, from) {
                    (true, None) => from = Some(x),
                    (false, Some(start)) => {
                        from = None;
                        if x - start <= THICKEST {
                            found.extend(self.stroke((start, x), y));
                        }
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// The stroke through a dark run of a row, if it begins only slightly above.
    fn stroke(&self, (left, right): (usize, usize), y: usize) -> Option<Side> {
        let middle = usize::midpoint(left, right - 1);
        let around = middle.saturating_sub(1)..=(middle + 1).min(self.width - 1);
        let goes_on = |y: &usize| around.clone().any(|x| self.is_dark(x, *y));
        let top = y + 1 - (0..=y).rev().take_while(goes_on).count();
        // A rule may cross it at its beginning.
        if y - top >= STEP + THICKEST {
            return None;
        }
        let bottom = y + (y..self.height).take(HEIGHTS.end() + 1).take_while(goes_on).count();
        let side = Side { left, right, top, bottom };
        let is_thin = (right - left) as f32 <= THIN * side.height() as f32;
        (HEIGHTS.contains(&side.height()) && is_thin).then_some(side)
    }

    /// Groups of sides that stand on one continuous rule, from left to right.
    fn chains(&self, sides: &[Side]) -> Vec<Vec<Side>> {
        let mut is_taken = vec![false; sides.len()];
        let mut chains = Vec::new();
        for first in 0..sides.len() {
            if is_taken[first] {
                continue;
            }
            let mut chain = vec![sides[first]];
            let mut at = first;
            while let Some(next) = self.next_side(sides, at) {
                is_taken[next] = true;
                chain.push(sides[next]);
                at = next;
            }
            if chain.len() > 1 {
                chains.push(chain);
            }
        }
        chains
    }

    /// The next side to the right that stands on the same rule.
    fn next_side(&self, sides: &[Side], at: usize) -> Option<usize> {
        let side = sides[at];
        let furthest = side.right + (*SHAPE.end() * *HEIGHTS.end() as f32) as usize;
        let candidates = sides.iter().enumerate().skip(at + 1).take_while(|(_, next)| next.left <= furthest);
        candidates
            .filter(|(_, next)| next.bottom.abs_diff(side.bottom) <= UNEVEN && next.left >= side.right + ROOM)
            .find(|(_, next)| self.is_ruled((side.right, next.left), side.bottom, next.bottom))
            .filter(|(_, next)| self.stands_clear(side, **next))
            .map(|(next, _)| next)
    }

    /// Whether the area between the bottoms of two sides contains only a thin rule.
    fn stands_clear(&self, a: Side, b: Side) -> bool {
        let thick = (a.right - a.left).max(b.right - b.left);
        let rows = [a.bottom.min(b.bottom).checked_sub(thick + UNEVEN + BLUR), Some(a.bottom.max(b.bottom) + BLUR)];
        rows.into_iter().flatten().filter(|&y| y < self.height).all(|y| {
            let light = (a.right..b.left).filter(|&x| !self.is_dark(x, y)).count();
            light as f32 >= CLEAR * (b.left - a.right) as f32
        })
    }

    /// Whether a rule runs between two positions, just above those rows.
    fn is_ruled(&self, (from, to): (usize, usize), a: usize, b: usize) -> bool {
        let rows = a.min(b).saturating_sub(UNEVEN)..(a.max(b) + 1).min(self.height);
        let (mut dents, mut run) = (0, 0);
        for x in from..to {
            run = if rows.clone().any(|y| self.is_dark(x, y)) { 0 } else { run + 1 };
            dents += usize::from(run > 0);
            if run > LONGEST_DENT {
                return false;
            }
        }
        dents as f32 <= DENTS * (to - from) as f32
    }
}

/// The parts of a chain with equally spaced sides: rows of boxes that share their sides, and combs.
fn even_boxes(chain: &[Side]) -> Vec<Boxes> {
    let mut rows = Vec::new();
    let mut from = 0;
    while from + LEAST < chain.len() {
        let width = chain[from + 1].left - chain[from].left;
        let is_alike = |pair: &[Side]| is_about(pair[1].left - pair[0].left, width);
        let boxes = chain[from..].windows(2).take_while(|pair| is_alike(pair)).count();
        let sides = &chain[from..=from + boxes];
        let height = sides.iter().map(Side::height).max().unwrap_or(1);
        if boxes >= LEAST && height >= ROOM && SHAPE.contains(&(width as f32 / height as f32)) {
            rows.push(sides.windows(2).map(|pair| (pair[0], pair[1])).collect());
        }
        from += boxes.max(1);
    }
    rows
}

/// Rows of boxes that each have their own sides.
fn single_boxes(chains: &[Vec<Side>]) -> Vec<Boxes> {
    let is_box = |chain: &&Vec<Side>| {
        chain.len() == 2 && SHAPE.contains(&((chain[1].left - chain[0].left) as f32 / chain[0].height() as f32))
    };
    let mut boxes: Vec<&[Side]> = chains.iter().filter(is_box).map(Vec::as_slice).collect();
    boxes.sort_unstable_by_key(|sides| sides[0].left);
    let width = |sides: &[Side]| sides[1].left - sides[0].left;
    let mut rows = Vec::new();
    while !boxes.is_empty() {
        let mut row = vec![boxes.remove(0)];
        while let Some(&last) = row.last() {
            let pitch = row.len().checked_sub(2).map(|before| last[0].left - row[before][0].left);
            let next = boxes.iter().position(|next| {
                let gap = next[0].left.saturating_sub(last[1].right);
                gap > 0
                    && gap as f32 <= APART * width(last) as f32
                    && next[0].bottom.abs_diff(last[0].bottom) <= UNEVEN
                    && is_about(width(next), width(last))
                    && is_about(next[0].height(), last[0].height())
                    && pitch.is_none_or(|pitch| is_about(next[0].left - last[0].left, pitch))
            });
            let Some(next) = next else { break };
            row.push(boxes.remove(next));
        }
        if row.len() >= LEAST {
            rows.push(row.iter().map(|sides| (sides[0], sides[1])).collect());
        }
    }
    rows
}

fn is_about(a: usize, b: usize) -> bool {
    a.abs_diff(b) as f32 <= ALIKE * a.max(b) as f32 + 2.0
}

/// The picture without the boxes of those rows. A letter that crosses a side is cut by it.
pub(crate) fn without_boxes(image: &PageImage, rows: &[BoxRow]) -> PageImage {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut luma = image.luma().to_vec();
    for side in rows.iter().flat_map(|row| &row.sides) {
        let (left, right) = (side.left.saturating_sub(BLUR + 1), (side.right + BLUR).min(width - 1));
        for y in side.top.saturating_sub(BLUR)..(side.bottom + BLUR).min(height) {
            let ground = image.luma()[y * width + left].max(image.luma()[y * width + right]);
            luma[y * width + left..=y * width + right].iter_mut().for_each(|p| *p = (*p).max(ground));
        }
    }
    for rule in rows.iter().flat_map(|row| &row.rules) {
        for x in rule.left..rule.right {
            let (rows, outside) = rule.rows(x);
            let ground = image.luma()[outside.min(height - 1) * width + x];
            for y in rows.start..rows.end.min(height) {
                luma[y * width + x] = luma[y * width + x].max(ground);
            }
        }
    }
    PageImage::new(image.width(), image.height(), image.dpi(), luma)
}

/// Joins words in adjacent boxes; an empty box ends a word. `scale` is points per pixel.
pub(crate) fn joined(blocks: Vec<Block>, rows: &[BoxRow], scale: f32) -> Vec<Block> {
    let line = |line: Line| {
        let mut words: Vec<Word> = Vec::new();
        // The row and the box in which the last word ends.
        let mut end = None;
        for word in line.words {
            let boxes =
                rows.iter().enumerate().find_map(|(row, boxes)| Some((row, boxes.boxes_of(&word.bbox, scale)?)));
            let goes_on = boxes.is_some_and(|(row, (first, _))| {
                end.is_some_and(|(last_row, last)| row == last_row && (last..=last + 1).contains(&first))
            });
            end = boxes.map(|(row, (_, last))| (row, last));
            match words.last_mut() {
                Some(last) if goes_on => {
                    last.text.push_str(&word.text);
                    last.bbox = last.bbox.union(&word.bbox);
                    // A word is right if every letter is.
                    last.confidence *= word.confidence;
                }
                _ => words.push(word),
            }
        }
        Line::of(line.angle, words)
    };
    let block = |block: Block| Block::of(block.kind, block.lines.into_iter().filter_map(line).collect());
    blocks.into_iter().filter_map(block).collect()
}

impl BoxRow {
    /// The first and the last of the boxes that a word occupies; `None` when it lies elsewhere.
    fn boxes_of(&self, word: &Rect, scale: f32) -> Option<(usize, usize)> {
        let middle = word.center().y / scale;
        if middle < self.top() as f32 || middle > self.bottom() as f32 {
            return None;
        }
        // The centres of its first and last letter.
        let half = (LETTER * word.height).min(word.width) / 2.0;
        let box_at = |x: f32| {
            let within = |&(left, right): &(usize, usize)| (left as f32..=right as f32).contains(&(x / scale));
            self.cells.iter().position(within)
        };
        Some((box_at(word.x + half)?, box_at(word.right() - half)?))
    }
}

#[cfg(test)]
mod tests;
