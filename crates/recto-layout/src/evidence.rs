//! Whether white between pieces parts columns, which are read down, or cells, which are read across.

use crate::piece::Piece;

/// How many measures an [`Evidence`] has.
pub const EVIDENCE: usize = 24;

/// What speaks for columns and against: as many measures as there are weights.
///
/// The weights are least squares of the logistic kind, ridge 0.0002 a gutter, over 11,564 gutters: of 510 pages that
/// bench/pages/order.py sets to learn from, of the pages of 23 PDFs with tables of the ICDAR 2013 competition and of 296
/// receipts of the SROIE one. Each page weighs as the square root of its gutters, columns as much as cells, and a step
/// across that columns would break four times as much as one down. `recto-bench order --gutters` writes such measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence([f32; EVIDENCE]);

/// The logarithm of the odds of columns without any evidence.
const BASE: f32 = -5.19;
/// What each measure adds to it.
#[rustfmt::skip]
const WEIGHTS: [f32; EVIDENCE] = [
    -3.38, // lines of the side with fewer that stand on the height of one of the other: their share
    1.87, // the same of the side with more
    2.65, // both
    -2.29, // rows at odd steps that both sides share
    2.06, // letters of a line, on the side with shorter ones: the logarithm
    -0.32, // and how much more on the other
    -1.69, // how much of its width a side fills
    1.77, // width of the gutter in letter sizes: the logarithm
    0.62, // number of lines: the logarithm
    1.53, // and how much more on the other side
    -3.11, // lines of numbers only on the side that is read second
    1.48, // and on the side that is read first
    4.00, // numbers that end rows before words that begin rows: two lists of prices
    -0.84, // lines of several pieces on the side that is read second
    4.45, // lines that go on with the sentence of the one before
    3.70, // items of lists
    0.27, // step from line to line in letter sizes
    -0.89, // the same where lines stand on one height
    -0.74, // letters of a line where they do
    -1.06, // number of lines where they do
    -1.16, // both sides begin and end on one height
    1.13, // both have a heading
    -0.58, // numbers that begin lines where they stand on one height
    7.40, // punctuation of sentences within lines
];

/// Lines whose middles are closer than this many letter sizes stand on one height.
const SAME_HEIGHT: f32 = 0.2;
/// and on a page that lies aslant, when they are off by no more than this many.
const SLANT: f32 = 0.6;

/// A heading is this many times as large as the lines under it.
const HEADING: f32 = 1.1;

impl Evidence {
    /// The evidence about two sides of a gutter of that width; `None` when one is empty.
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

    /// The measures, each about 0 to 4.
    #[must_use]
    pub fn measures(&self) -> &[f32; EVIDENCE] {
        &self.0
    }

    /// The logarithm of the odds that the sides are columns.
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
    /// The median of its pieces.
    size: f32,
}

/// Pieces of a side on one height.
struct SideLine {
    middle: f32,
    top: f32,
    bottom: f32,
    size: f32,
    from: f32,
    to: f32,
    letters: usize,
    /// The pieces that are read first and last.
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

    /// The share of its lines that stand on the height of a line of the other. On a page that lies a little aslant, all
    /// are off by about as much. Boxes around letters have one middle when all have the same letters; else their upper
    /// edges are on one height where all have capitals or digits, and their lower ones where none goes below the line.
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

    /// How far down from a line the nearest one here is.
    fn step_from(&self, line: &SideLine, height: fn(&SideLine) -> f32) -> Option<f32> {
        let at = self.lines.partition_point(|other| other.middle < line.middle);
        let nearest = self.lines.get(at).into_iter().chain(at.checked_sub(1).map(|at| &self.lines[at]));
        nearest.map(|other| height(other) - height(line)).min_by(|a, b| a.abs().total_cmp(&b.abs()))
    }

    /// Whether the first lines of both stand on one height, and the last ones.
    fn begins_and_ends_with(&self, other: &Self) -> bool {
        let tolerance = SAME_HEIGHT * self.size.min(other.size);
        let same = |a: Option<&SideLine>, b: Option<&SideLine>| {
            a.zip(b).is_some_and(|(a, b)| (a.middle - b.middle).abs() < tolerance)
        };
        same(self.lines.first(), other.lines.first()) && same(self.lines.last(), other.lines.last())
    }

    /// Whether its first line is larger than most.
    fn has_heading(&self) -> bool {
        self.lines[0].size > HEADING * self.size
    }

    /// The median of the lengths of its lines, in letters.
    fn length(&self) -> f32 {
        let mut lengths: Vec<usize> = self.lines.iter().map(|line| line.letters).collect();
        lengths.sort_unstable();
        lengths[lengths.len() / 2] as f32
    }

    /// How much of the width between its edges its lines fill.
    fn fill(&self) -> f32 {
        let left = self.lines.iter().map(|line| line.from).fold(f32::INFINITY, f32::min);
        let right = self.lines.iter().map(|line| line.to).fold(f32::NEG_INFINITY, f32::max);
        let filled: f32 = self.lines.iter().map(|line| line.to - line.from).sum();
        filled / ((right - left) * self.lines.len() as f32).max(f32::MIN_POSITIVE)
    }

    /// The share of its lines that go on with the sentence of the line before them.
    fn continued(&self) -> f32 {
        let goes_on = |pair: &&[SideLine]| !pair[0].last.ends && pair[1].first.goes_on;
        self.lines.windows(2).filter(goes_on).count() as f32 / self.lines.len() as f32
    }

    /// The share of its steps from line to line that are not like most.
    fn irregular(&self) -> f32 {
        let usual = self.pitch() * self.size;
        let odd = |pair: &&[SideLine]| (pair[1].middle - pair[0].middle - usual).abs() > 0.15 * usual;
        self.lines.windows(2).filter(odd).count() as f32 / self.lines.len() as f32
    }

    /// The median step from line to line, in letter sizes.
    fn pitch(&self) -> f32 {
        let mut steps: Vec<f32> = self.lines.windows(2).map(|pair| pair[1].middle - pair[0].middle).collect();
        steps.sort_by(f32::total_cmp);
        steps.get(steps.len() / 2).map_or(0.0, |step| step / self.size.max(f32::MIN_POSITIVE))
    }
}

impl SideLine {
    /// Of at least one piece.
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
