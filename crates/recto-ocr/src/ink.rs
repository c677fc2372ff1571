//! Specks of ink with the size of letters on the picture of a page, and whether words cover them.

use recto_domain::Rect;

use crate::page_image::PageImage;

/// Ink is darker than this share of the surrounding brightness.
const INK: f32 = 0.7;
/// Ink is also darker than its surroundings by at least this many levels: on a dark background, the share alone is less
/// than the grain.
const CONTRAST: f32 = 24.0;
/// The surroundings of a pixel: half the side of the square, in points.
const AROUND_POINTS: f32 = 12.0;
/// The heights of letters and of joined letters, in points.
const HEIGHTS: std::ops::RangeInclusive<f32> = 3.0..=45.0;
/// Letters that touch are up to this many times as wide as high; anything wider is a rule.
const MAX_SHAPE: f32 = 16.0;
/// Letters fill at least this share of their bounding box; curves and frames fill less.
const MIN_FILL: f32 = 0.12;
/// Boxes of words are enlarged by this many points, because those from other OCR programs are often slightly off.
const SLACK_POINTS: f32 = 3.0;

/// How much of the ink of letters is covered by words, counted in letters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ink {
    /// Letters among all specks.
    pub letters: f32,
    /// Letters that no word covers and that stand side by side as in lines of text.
    pub uncovered: f32,
    /// The lines that the uncovered letters form.
    pub lines: Vec<InkLine>,
}

/// A line of letters that no word covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InkLine {
    /// The bounding box of all letters, in points.
    pub bbox: Rect,
    /// The number of letters.
    pub letters: f32,
    /// The mean height of one speck, in points.
    pub height: f32,
    /// The mean width of one speck, in points.
    pub width: f32,
    /// The variation of the specks' sizes: the larger of the coefficients of variation (standard deviation divided by
    /// mean) of their widths and heights.
    pub variety: f32,
}

/// The largest gap between letters of a line, in their heights.
const GAP: f32 = 1.6;
/// The largest ratio between the heights of letters of a line.
const HEIGHT_RATIO: f32 = 2.6;
/// Letters of a line overlap vertically by at least this share of the lower one's height.
const BESIDE: f32 = 0.5;
/// The fewest letters of a line.
const LINE_LETTERS: f32 = 5.0;

/// A speck: connected dark pixels.
#[derive(Debug, Clone, Copy)]
struct Speck {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    pixels: u32,
}

impl Ink {
    /// Counts the ink of letters on a page, and the letters in lines that none of the words covers. Rectangles are in
    /// points.
    #[must_use]
    pub fn of(page: &PageImage, words: &[Rect]) -> Self {
        let words = Mask::of(page, words, SLACK_POINTS);
        let scale = page.scale();
        let mut ink = Self::default();
        let mut uncovered = Vec::new();
        for speck in specks(page) {
            let (width, height) =
                ((speck.right - speck.left) as f32 * scale, (speck.bottom - speck.top) as f32 * scale);
            let (x, y) = (speck.left.midpoint(speck.right), speck.top.midpoint(speck.bottom));
            let (long, short) = (width.max(height), width.min(height));
            let box_pixels = ((speck.right - speck.left) * (speck.bottom - speck.top)) as f32;
            let letter = HEIGHTS.contains(&short.max(height.min(*HEIGHTS.end())))
                && short <= *HEIGHTS.end()
                && long <= MAX_SHAPE * short
                && speck.pixels as f32 >= MIN_FILL * box_pixels;
            if !letter {
                continue;
            }
            let letters = (long / short).max(1.0);
            ink.letters += letters;
            if !words.holds(x, y) {
                uncovered.push((speck, letters));
            }
        }
        for line in in_lines(uncovered) {
            ink.uncovered += line.letters;
            let [left, top, right, bottom] = [line.all.left, line.all.top, line.all.right, line.all.bottom];
            let [left, top, right, bottom] = [left, top, right, bottom].map(|pixels| pixels as f32 * scale);
            let mean = |sum: u32| sum as f32 * scale / line.specks;
            let variety = variety(line.specks, line.heights, line.squared_heights).max(variety(
                line.specks,
                line.widths,
                line.squared_widths,
            ));
            ink.lines.push(InkLine {
                bbox: Rect::from_edges(left, top, right, bottom),
                letters: line.letters,
                height: mean(line.heights),
                width: mean(line.widths),
                variety,
            });
        }
        ink
    }
}

/// Specks side by side.
struct SpeckLine {
    last: Speck,
    /// The bounding box of all specks.
    all: Speck,
    letters: f32,
    specks: f32,
    /// Sums over the specks, in pixels.
    heights: u32,
    widths: u32,
    squared_heights: u64,
    squared_widths: u64,
}

/// The coefficient of variation of `all` values, from their sum and the sum of their squares.
fn variety(all: f32, sum: u32, squares: u64) -> f32 {
    let mean = (sum as f32 / all).max(f32::MIN_POSITIVE);
    (squares as f32 / all - mean * mean).max(0.0).sqrt() / mean
}

/// The lines formed by specks, each of which comes with its number of letters.
fn in_lines(mut specks: Vec<(Speck, f32)>) -> Vec<SpeckLine> {
    specks.sort_by_key(|(speck, _)| speck.left);
    let (mut open, mut closed): (Vec<SpeckLine>, Vec<SpeckLine>) = (Vec::new(), Vec::new());
    for (speck, letters) in specks {
        let height = (speck.bottom - speck.top) as f32;
        let goes_on = |line: &mut SpeckLine| {
            speck.left as f32 - line.last.right as f32 <= GAP * (line.last.bottom - line.last.top) as f32
        };
        closed.extend(open.extract_if(.., |line| !goes_on(line)));
        let shared = |other: &Speck| other.bottom.min(speck.bottom) as f32 - other.top.max(speck.top) as f32;
        let fits = |line: &&mut SpeckLine| {
            let other = (line.last.bottom - line.last.top) as f32;
            height.max(other) <= HEIGHT_RATIO * height.min(other)
                && shared(&line.last) >= BESIDE * height.min(other)
                && speck.left as f32 - line.last.right as f32 <= GAP * height.min(other)
        };
        match open.iter_mut().filter(fits).max_by(|a, b| shared(&a.last).total_cmp(&shared(&b.last))) {
            Some(line) => {
                line.letters += letters;
                line.specks += 1.0;
                line.heights += speck.bottom - speck.top;
                line.widths += speck.right - speck.left;
                line.squared_heights += u64::from(speck.bottom - speck.top).pow(2);
                line.squared_widths += u64::from(speck.right - speck.left).pow(2);
                line.last = speck;
                line.all.join(&speck);
            }
            None => open.push(SpeckLine {
                last: speck,
                all: speck,
                letters,
                specks: 1.0,
                heights: speck.bottom - speck.top,
                widths: speck.right - speck.left,
                squared_heights: u64::from(speck.bottom - speck.top).pow(2),
                squared_widths: u64::from(speck.right - speck.left).pow(2),
            }),
        }
    }
    closed.extend(open);
    closed.retain(|line| line.letters >= LINE_LETTERS);
    closed
}

/// The pixels of a page that lie in one of several rectangles.
struct Mask {
    width: usize,
    bits: Vec<bool>,
}

impl Mask {
    fn of(page: &PageImage, rects: &[Rect], slack: f32) -> Self {
        let (width, height) = (page.width() as usize, page.height() as usize);
        let mut mask = Self { width, bits: Vec::new() };
        if rects.is_empty() {
            return mask;
        }
        mask.bits.resize(width * height, false);
        let pixel = |points: f32, most: usize| ((points / page.scale()).max(0.0) as usize).min(most);
        for r in rects {
            let (left, right) = (pixel(r.x - slack, width), pixel(r.right() + slack, width));
            for y in pixel(r.y - slack, height)..pixel(r.bottom() + slack, height) {
                mask.bits[y * width + left..y * width + right].fill(true);
            }
        }
        mask
    }

    fn holds(&self, x: u32, y: u32) -> bool {
        self.bits.get(y as usize * self.width + x as usize).copied().unwrap_or(false)
    }
}

/// A horizontal run of ink.
#[derive(Debug, Clone, Copy)]
struct Run {
    from: u32,
    to: u32,
    speck: usize,
}

/// All specks of ink, found row by row: a run that touches a run of the row above joins its speck.
fn specks(page: &PageImage) -> Vec<Speck> {
    let mut found: Vec<Speck> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut above: Vec<Run> = Vec::new();
    let ink = ink(page);
    for (y, row) in (0..).zip(ink.chunks_exact(page.width() as usize)) {
        let mut runs = runs(row);
        let mut first = 0;
        for run in &mut runs {
            while above.get(first).is_some_and(|a| a.to < run.from) {
                first += 1;
            }
            run.speck = found.len();
            for touching in above[first..].iter().take_while(|a| a.from <= run.to) {
                let root = root(&mut parents, touching.speck);
                if run.speck == found.len() {
                    run.speck = root;
                } else if root != run.speck {
                    let joined = found[root];
                    parents[root] = run.speck;
                    found[run.speck].join(&joined);
                    found[root].pixels = 0;
                }
            }
            let own = Speck { left: run.from, top: y, right: run.to, bottom: y + 1, pixels: run.to - run.from };
            if run.speck == found.len() {
                parents.push(run.speck);
                found.push(own);
            } else {
                found[run.speck].join(&own);
            }
        }
        for run in &mut runs {
            run.speck = root(&mut parents, run.speck);
        }
        above = runs;
    }
    found.retain(|speck| speck.pixels > 0);
    found
}

impl Speck {
    fn join(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
        self.pixels += other.pixels;
    }
}

fn root(parents: &mut [usize], mut speck: usize) -> usize {
    while parents[speck] != speck {
        parents[speck] = parents[parents[speck]];
        speck = parents[speck];
    }
    speck
}

fn runs(row: &[bool]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (x, &dark) in (0..).zip(row) {
        match runs.last_mut() {
            Some(run) if dark && run.to == x => run.to = x + 1,
            _ if dark => runs.push(Run { from: x, to: x + 1, speck: 0 }),
            _ => {}
        }
    }
    runs
}

/// Which pixels of a page are ink.
fn ink(page: &PageImage) -> Vec<bool> {
    let around = ((AROUND_POINTS / page.scale()) as usize).max(2);
    darker(page.luma(), page.width() as usize, around, INK, CONTRAST)
}

/// Adaptive thresholding with a summed-area table (Bradley and Roth, 2007): the pixels that have at most `share` of the
/// surrounding mean and are darker than it by at least `levels`.
pub(crate) fn darker(luma: &[u8], width: usize, around: usize, share: f32, levels: f32) -> Vec<bool> {
    let height = luma.len() / width;
    // Each entry sums all pixels above and to the left. Sums over an area stay correct even when these overflow 32 bits
    // and wrap.
    let mut sums = vec![0u32; (width + 1) * (height + 1)];
    for (y, pixels) in luma.chunks_exact(width).enumerate() {
        let (above, below) = sums[y * (width + 1)..].split_at_mut(width + 1);
        let mut row = 0u32;
        for ((sum, above), &p) in below[1..].iter_mut().zip(&above[1..]).zip(pixels) {
            row += u32::from(p);
            *sum = above.wrapping_add(row);
        }
    }
    let mut ink = Vec::with_capacity(width * height);
    let mut columns = vec![0u32; width + 1];
    for (y, pixels) in luma.chunks_exact(width).enumerate() {
        let (top, bottom) = (y.saturating_sub(around), (y + around + 1).min(height));
        let row = |y: usize| &sums[y * (width + 1)..][..=width];
        for ((column, &below), &above) in columns.iter_mut().zip(row(bottom)).zip(row(top)) {
            *column = below.wrapping_sub(above);
        }
        let is_ink = |p: u8, sum: u32, area: usize| {
            let mean = sum as f32 / area as f32;
            f32::from(p) < (share * mean).min(mean - levels)
        };
        let at_edge = |x: usize| {
            let (left, right) = (x.saturating_sub(around), (x + around + 1).min(width));
            is_ink(pixels[x], columns[right].wrapping_sub(columns[left]), (right - left) * (bottom - top))
        };
        let inner = around.min(width)..width.saturating_sub(around).max(around.min(width));
        ink.extend((0..inner.start).map(at_edge));
        let area = (2 * around + 1) * (bottom - top);
        let ends = columns.iter().skip(2 * around + 1).zip(&columns);
        let inside = ends.zip(&pixels[inner.clone()]);
        ink.extend(inside.map(|((&right, &left), &p)| is_ink(p, right.wrapping_sub(left), area)));
        ink.extend((inner.end..width).map(at_edge));
    }
    ink
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A white page at 72 dpi with black boxes.
    fn page(boxes: &[(usize, usize, usize, usize)]) -> PageImage {
        let mut luma = vec![255; 200 * 100];
        for &(x, y, width, height) in boxes {
            for row in y..y + height {
                luma[row * 200 + x..row * 200 + x + width].fill(0);
            }
        }
        PageImage::new(200, 100, 72, luma)
    }

    fn rect(x: f32, y: f32, width: f32, height: f32) -> Rect {
        Rect { x, y, width, height }
    }

    #[test]
    fn letters_under_words_are_covered() {
        let page = page(&[(20, 20, 6, 8), (30, 20, 6, 8)]);
        let ink = Ink::of(&page, &[rect(20.0, 20.0, 16.0, 8.0)]);
        assert!((2.0..4.0).contains(&ink.letters), "{ink:?}");
        assert!(ink.uncovered < 0.1, "{ink:?}");
    }

    #[test]
    fn letters_in_a_line_are_uncovered_and_single_specks_and_rules_are_not() {
        let line: Vec<_> = (0..8).map(|i| (20 + 10 * i, 20, 6, 8)).collect();
        assert!(Ink::of(&page(&line), &[]).uncovered > 7.0);
        let scattered: Vec<_> = (0..8).map(|i| (10 + 22 * i, 5 + 11 * i, 6, 8)).collect();
        assert!(Ink::of(&page(&scattered), &[]).uncovered < 0.1);
        assert_eq!(Ink::of(&page(&[(0, 50, 200, 2)]), &[]), Ink::default());
    }

    #[test]
    fn a_u_is_one_speck() {
        let page = page(&[(20, 20, 3, 10), (30, 20, 3, 10), (20, 28, 13, 3)]);
        assert_eq!(specks(&page).len(), 1);
    }
}
