//! Whether white space between pieces separates columns, which are read down, or cells, which are read across.

use crate::piece::Piece;

/// The number of measures of an [`Evidence`].
pub const EVIDENCE: usize = 24;

/// The evidence for and against columns: one measure for each weight.
///
/// The weights are fitted by logistic regression with a ridge of 0.0002 per gutter. The data are 11,564 gutters: of 510
/// pages that bench/pages/order.py sets aside for training, of the pages of 23 PDFs with tables from the ICDAR 2013
/// competition, and of 296 receipts from the SROIE competition. A page is weighted by the square root of its number of
/// gutters. Columns weigh as much as cells, and a step across, which would break columns, four times as much as a step
/// down. `recto-bench order --gutters` writes these measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence([f32; EVIDENCE]);

/// The log odds of columns without any evidence.
const BASE: f32 = -5.19;
/// The weight of each measure.
#[rustfmt::skip]
const WEIGHTS: [f32; EVIDENCE] = [
    -3.38, // share of level lines: lines of the side with fewer lines that are level with a line of the other side
    1.87, // the same for the side with more lines
    2.65, // product of the two
    -2.29, // share of level lines times share of irregular line steps
    2.06, // logarithm of the median letters per line, on the side with shorter lines
    -0.32, // how much larger that is on the other side
    -1.69, // share of its width that a side fills
    1.77, // logarithm of the gutter width in letter sizes
    0.62, // logarithm of the number of lines, on the side with fewer lines
    1.53, // how much larger that is on the other side
    -3.11, // share of lines of numbers only, on the side read second
    1.48, // the same on the side read first
    4.00, // share of rows ending with a number (read first) times share of rows beginning with a word (second): prices
    -0.84, // share of lines of several pieces, on the side read second
    4.45, // share of lines that continue the sentence of the line before
    3.70, // share of lines that are list items
    0.27, // step between lines in letter sizes
    -0.89, // share of level lines times that step
    -0.74, // share of level lines times the logarithm of letters per line
    -1.06, // product of the shares of level lines times the logarithm of the number of lines
    -1.16, // whether both sides begin and end level with each other
    1.13, // whether both sides have a heading
    -0.58, // share of level lines times share of lines that begin with a number
    7.40, // share of lines with sentence punctuation within them
];

/// Lines are level with each other when their centres are closer than this many letter sizes.
const SAME_HEIGHT: f32 = 0.2;
/// On a skewed page, the offset between level lines may be up to this many letter sizes.
const SLANT: f32 = 0.6;

/// A heading is at least this many times as large as the lines below it.
const HEADING: f32 = 1.1;

impl Evidence {
    /// The evidence about the two sides of a gutter with that width; `None` when a side is empty.
    pub(crate) fn of(
        left: &[(usize, &Piece)],
        right: &[(usize, &Piece)],
        width: f32,
        from_right: bool,
    ) -> Option<Self> {
        let (first, second) = if from_right { (right, left) } else { (left, right) };
        let (first, second) = (Side::of(first, from_right)?, Side::of(second, from_right)?);
        let (fewer, more) = if first.lines.len() <= second.lines.len() { (&first, &second) } else { (&second, &first) };
        let least = |of: fn(&Side) -> f32| of(&first).min(of(&second));
        let most = |of: fn(&Side) -> f32| of(&first).max(of(&second));
        let size = first.size.max(second.size);
        let (of_fewer, of_more) = (fewer.aligned_with(more), more.aligned_with(fewer));
        let pitch = least(Side::pitch).min(4.0);
        let lines = least(|side| side.lines.len() as f32).min(40.0).ln();
        let shorter = (least(Side::length).max(1.0)).ln();
        Some(Self([
            of_fewer,
            of_more,
            of_fewer * of_more,
            of_fewer * fewer.irregular(),
            shorter,
            most(Side::length).max(1.0).ln() - shorter,
            least(Side::fill),
            (width / size).min(20.0).ln_1p(),
            lines,
            (more.lines.len() as f32 / fewer.lines.len() as f32).min(10.0).ln(),
            second.share(|line| line.are_numbers),
            first.share(|line| line.are_numbers),
            first.share(|line| line.is_several && line.last.is_number) * second.share(|line| !line.first.is_number),
            second.share(|line| line.is_several),
            least(Side::continued),
            least(|side| side.share(|line| line.first.is_item)),
            pitch,
            of_fewer * pitch,
            of_fewer * shorter,
            of_fewer * of_more * lines,
            f32::from(u8::from(first.begins_and_ends_with(&second))),
            f32::from(u8::from(first.has_heading() && second.has_heading())),
            of_fewer * first.share(|line| line.first.is_number),
            least(|side| side.share(|line| line.is_prose)),
        ]))
    }

    /// The measures, each approximately 0 to 4.
    #[must_use]
    pub fn measures(&self) -> &[f32; EVIDENCE] {
        &self.0
    }

    /// The log odds that the sides are columns.
    pub(crate) fn odds(&self) -> f32 {
        BASE + self.0.iter().zip(WEIGHTS).map(|(measure, weight)| measure * weight).sum::<f32>()
    }

    pub(crate) fn tells_columns(&self) -> bool {
        self.odds() > 0.0
    }
}

/// One side of a gutter.
struct Side {
    lines: Vec<SideLine>,
    /// The median size of its pieces.
    size: f32,
}

/// The pieces of a side that are level with each other.
struct SideLine {
    middle: f32,
    top: f32,
    bottom: f32,
    size: f32,
    from: f32,
    to: f32,
    letters: usize,
    /// The first and the last piece in reading order.
    first: crate::piece::Facts,
    last: crate::piece::Facts,
    is_several: bool,
    are_numbers: bool,
    is_prose: bool,
}

impl Side {
    fn of(pieces: &[(usize, &Piece)], from_right: bool) -> Option<Self> {
        let mut sorted: Vec<&Piece> = pieces.iter().map(|piece| piece.1).collect();
        sorted.sort_by(|a, b| a.middle().total_cmp(&b.middle()).then(a.bounds.x.total_cmp(&b.bounds.x)));
        let mut sizes: Vec<f32> = sorted.iter().map(|piece| piece.size).collect();
        sizes.sort_by(f32::total_cmp);
        let size = *sizes.get(sizes.len() / 2)?;
        let same = |a: &&Piece, b: &&Piece| b.middle() - a.middle() < 0.5 * a.size.min(b.size);
        let lines = sorted.chunk_by(same).map(|line| SideLine::of(line, from_right)).collect();
        Some(Self { lines, size })
    }

    fn share(&self, is: fn(&SideLine) -> bool) -> f32 {
        self.lines.iter().filter(|line| is(line)).count() as f32 / self.lines.len() as f32
    }

    /// The share of its lines that are level with a line of the other side. On a slightly skewed page, all are off by
    /// about the same amount. Boxes around letters have the same centre when both lines have the same kinds of letters.
    /// Otherwise their top edges match if both have capitals or digits, and their bottom edges if neither has
    /// descenders.
    fn aligned_with(&self, other: &Self) -> f32 {
        let heights: [fn(&SideLine) -> f32; 3] = [|line| line.middle, |line| line.top, |line| line.bottom];
        heights.into_iter().map(|height| self.aligned_by(other, height)).fold(0.0, f32::max)
    }

    fn aligned_by(&self, other: &Self, height: fn(&SideLine) -> f32) -> f32 {
        let size = self.size.min(other.size);
        let steps: Vec<f32> = self.lines.iter().filter_map(|line| other.step_from(line, height)).collect();
        let mut near: Vec<f32> = steps.iter().copied().filter(|step| step.abs() < SLANT * size).collect();
        near.sort_by(f32::total_cmp);
        let Some(usual) = near.get(near.len() / 2) else { return 0.0 };
        let aligned = steps.iter().filter(|step| (*step - usual).abs() < SAME_HEIGHT * size).count();
        aligned as f32 / self.lines.len() as f32
    }

    /// The distance from a line down to the nearest line on this side.
    fn step_from(&self, line: &SideLine, height: fn(&SideLine) -> f32) -> Option<f32> {
        let at = self.lines.partition_point(|other| other.middle < line.middle);
        let nearest = self.lines.get(at).into_iter().chain(at.checked_sub(1).map(|at| &self.lines[at]));
        nearest.map(|other| height(other) - height(line)).min_by(|a, b| a.abs().total_cmp(&b.abs()))
    }

    /// Whether the first lines of both sides are level, and the last ones too.
    fn begins_and_ends_with(&self, other: &Self) -> bool {
        let tolerance = SAME_HEIGHT * self.size.min(other.size);
        let same = |a: Option<&SideLine>, b: Option<&SideLine>| {
            a.zip(b).is_some_and(|(a, b)| (a.middle - b.middle).abs() < tolerance)
        };
        same(self.lines.first(), other.lines.first()) && same(self.lines.last(), other.lines.last())
    }

    /// Whether its first line is larger than most of its lines.
    fn has_heading(&self) -> bool {
        self.lines[0].size > HEADING * self.size
    }

    /// The median length of its lines, in letters.
    fn length(&self) -> f32 {
        let mut lengths: Vec<usize> = self.lines.iter().map(|line| line.letters).collect();
        lengths.sort_unstable();
        lengths[lengths.len() / 2] as f32
    }

    /// The share of the width between its edges that its lines fill.
    fn fill(&self) -> f32 {
        let left = self.lines.iter().map(|line| line.from).fold(f32::INFINITY, f32::min);
        let right = self.lines.iter().map(|line| line.to).fold(f32::NEG_INFINITY, f32::max);
        let filled: f32 = self.lines.iter().map(|line| line.to - line.from).sum();
        filled / ((right - left) * self.lines.len() as f32).max(f32::MIN_POSITIVE)
    }

    /// The share of its lines that continue the sentence of the line before them.
    fn continued(&self) -> f32 {
        let goes_on = |pair: &&[SideLine]| !pair[0].last.ends && pair[1].first.goes_on;
        self.lines.windows(2).filter(goes_on).count() as f32 / self.lines.len() as f32
    }

    /// The share of steps between its lines that differ from the usual step.
    fn irregular(&self) -> f32 {
        let usual = self.pitch() * self.size;
        let odd = |pair: &&[SideLine]| (pair[1].middle - pair[0].middle - usual).abs() > 0.15 * usual;
        self.lines.windows(2).filter(odd).count() as f32 / self.lines.len() as f32
    }

    /// The median step between its lines, in letter sizes.
    fn pitch(&self) -> f32 {
        let mut steps: Vec<f32> = self.lines.windows(2).map(|pair| pair[1].middle - pair[0].middle).collect();
        steps.sort_by(f32::total_cmp);
        steps.get(steps.len() / 2).map_or(0.0, |step| step / self.size.max(f32::MIN_POSITIVE))
    }
}

impl SideLine {
    /// `pieces` has at least one piece.
    fn of(pieces: &[&Piece], from_right: bool) -> Self {
        let by_left = |a: &&&Piece, b: &&&Piece| a.bounds.x.total_cmp(&b.bounds.x);
        let leftmost = pieces.iter().min_by(by_left).unwrap_or(&pieces[0]);
        let rightmost = pieces.iter().max_by(by_left).unwrap_or(&pieces[0]);
        let (first, last) = if from_right { (rightmost, leftmost) } else { (leftmost, rightmost) };
        Self {
            middle: pieces.iter().map(|piece| piece.middle()).sum::<f32>() / pieces.len() as f32,
            top: pieces.iter().map(|piece| piece.bounds.y).fold(f32::INFINITY, f32::min),
            bottom: pieces.iter().map(|piece| piece.bounds.bottom()).fold(f32::NEG_INFINITY, f32::max),
            size: pieces.iter().map(|piece| piece.size).fold(0.0, f32::max),
            from: leftmost.bounds.x,
            to: pieces.iter().map(|piece| piece.bounds.right()).fold(f32::NEG_INFINITY, f32::max),
            letters: pieces.iter().map(|piece| piece.text.letters).sum(),
            first: first.text,
            last: last.text,
            is_several: pieces.len() > 1,
            are_numbers: pieces.iter().all(|piece| piece.text.is_number),
            is_prose: pieces.iter().any(|piece| piece.text.is_prose),
        }
    }
}
