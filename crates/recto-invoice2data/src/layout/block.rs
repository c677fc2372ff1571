//! Blocks of words that are set together. They are found as text extractors do it, by growing from the first word.

use super::ink::SetWord;

/// The greatest distance to the next line of a block. All lengths here are in parts of the font size.
const LINE_SPACING: f32 = 1.5;
/// Baselines that are closer than this belong to one line.
pub(super) const SAME_LINE: f32 = 0.5;
/// The greatest gap between words of a block that are side by side.
const COLUMN_GAP: f32 = 0.7;
/// The greatest gap to the last few words at the edge of a block.
const OUTLIER_GAP: f32 = 1.0;
/// The number of words that count as the last few.
const OUTLIERS: usize = 3;
/// The greatest relative difference between font sizes: in lines above and below, in the same line, and at the edge.
/// Sizes derived from ink are not exact.
const SIZE_IN_COLUMN: f32 = 0.12;
const SIZE_IN_LINE: f32 = 0.6;
const SIZE_AT_EDGE: f32 = 0.2;

/// Words that are set together.
#[derive(Debug, Default)]
pub(super) struct WordBlock<'a> {
    pub(super) words: Vec<SetWord<'a>>,
    pub(super) left: f32,
    pub(super) right: f32,
    top_base: f32,
    bottom_base: f32,
}

impl<'a> WordBlock<'a> {
    fn of(word: SetWord<'a>) -> Self {
        Self { words: vec![word], left: word.left, right: word.right, top_base: word.base, bottom_base: word.base }
    }

    /// The block of all these words, which are known to be set together.
    pub(super) fn around(words: Vec<SetWord<'a>>) -> Self {
        let mut block = Self { left: f32::MAX, right: f32::MIN, ..Self::default() };
        for word in words {
            block.add(word);
        }
        block
    }

    fn add(&mut self, word: SetWord<'a>) {
        self.left = self.left.min(word.left);
        self.right = self.right.max(word.right);
        self.top_base = self.top_base.min(word.base);
        self.bottom_base = self.bottom_base.max(word.base);
        self.words.push(word);
    }
}

/// The blocks of a page, each grown around the first remaining word from the top. The time is proportional to the
/// number of words times the words of a few lines.
pub(super) fn blocks(mut words: Vec<SetWord<'_>>) -> Vec<WordBlock<'_>> {
    words.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.left.total_cmp(&b.left)));
    let mut pool = Pool { is_free: vec![true; words.len()], first_free: 0, words };
    let mut blocks = Vec::new();
    while let Some(first) = pool.take_first() {
        let size = first.size;
        let mut block = WordBlock::of(first);
        while grow(&mut block, size, &mut pool) {}
        blocks.push(block);
    }
    blocks
}

/// Adds the words that belong to a block; returns whether there were any.
fn grow<'a>(block: &mut WordBlock<'a>, size: f32, pool: &mut Pool<'a>) -> bool {
    let like = |word: &SetWord<'_>, part: f32| (word.size - size).abs() < part * size;
    let (top, bottom) = (block.top_base, block.bottom_base);
    let (left, right) = (block.left, block.right);
    let in_column = |w: &SetWord<'_>| w.left < right && w.right > left && like(w, SIZE_IN_COLUMN);
    let above = |w: &SetWord<'_>| w.base < top && in_column(w);
    let mut found = pool.take(top - LINE_SPACING * size, top, usize::MAX, above);
    let below = |w: &SetWord<'_>| w.base > bottom && in_column(w);
    found.extend(pool.take(bottom, bottom + LINE_SPACING * size, usize::MAX, below));
    let (top, bottom) = (top - SAME_LINE * size, bottom + SAME_LINE * size);
    let beside = |gap: f32| move |w: &SetWord<'_>| w.left < right + gap * size && w.right > left - gap * size;
    let near = beside(COLUMN_GAP);
    found.extend(pool.take(top, bottom, usize::MAX, |w| near(w) && like(w, SIZE_IN_LINE)));
    if found.is_empty() {
        let near = beside(OUTLIER_GAP);
        let at_left = |w: &SetWord<'_>| near(w) && w.right <= left && like(w, SIZE_AT_EDGE);
        found.extend(pool.take(top, bottom, OUTLIERS, at_left));
        let at_right = |w: &SetWord<'_>| near(w) && w.left >= right && like(w, SIZE_AT_EDGE);
        found.extend(pool.take(top, bottom, OUTLIERS, at_right));
    }
    let any = !found.is_empty();
    for word in found {
        block.add(word);
    }
    any
}

/// The words that are in no block yet, sorted by their baselines.
struct Pool<'a> {
    words: Vec<SetWord<'a>>,
    is_free: Vec<bool>,
    first_free: usize,
}

impl<'a> Pool<'a> {
    fn take_first(&mut self) -> Option<SetWord<'a>> {
        while !*self.is_free.get(self.first_free)? {
            self.first_free += 1;
        }
        self.is_free[self.first_free] = false;
        Some(self.words[self.first_free])
    }

    /// Takes the wanted words between two baselines. If there are more than `most`, it takes none.
    fn take(&mut self, top: f32, bottom: f32, most: usize, wanted: impl Fn(&SetWord<'_>) -> bool) -> Vec<SetWord<'a>> {
        let from = self.words.partition_point(|word| word.base < top).max(self.first_free);
        let to = self.words.partition_point(|word| word.base <= bottom);
        let indices: Vec<usize> =
            (from..to).filter(|&index| self.is_free[index] && wanted(&self.words[index])).collect();
        if indices.len() > most {
            return Vec::new();
        }
        for &index in &indices {
            self.is_free[index] = false;
        }
        indices.into_iter().map(|index| self.words[index]).collect()
    }
}
