//! The columns of the character grid in which the words of a page start.

use super::block::{SAME_LINE, WordBlock};
use super::ink::SetWord;

/// Words of a line that are further apart than this, in parts of the font size, are in separate fragments.
const WORD_SPACING: f32 = 1.5;
/// The overlap, in parts of the font size, up to which words still follow each other.
const OVERLAP: f32 = -0.5;
/// The columns between blocks that are side by side.
const BETWEEN_BLOCKS: usize = 3;

/// Words with one space between them, printed from one column on.
#[derive(Debug)]
pub(super) struct Fragment<'a> {
    pub(super) words: Vec<SetWord<'a>>,
    /// The first column, from 0.
    pub(super) column: usize,
}

impl Fragment<'_> {
    pub(super) fn base(&self) -> f32 {
        self.words[0].base
    }

    pub(super) fn size(&self) -> f32 {
        self.words[0].size
    }

    pub(super) fn left(&self) -> f32 {
        self.words[0].left
    }

    fn right(&self) -> f32 {
        self.words.iter().map(|word| word.right).fold(f32::MIN, f32::max)
    }

    /// The number of characters, including the spaces between words.
    fn width(&self) -> usize {
        self.words.iter().map(|word| word.word.text.chars().count() + 1).sum::<usize>() - 1
    }

    /// The column after its last character.
    fn end(&self) -> usize {
        self.column + self.width()
    }

    /// The column of the first character whose middle is right of `x`.
    fn column_at(&self, x: f32) -> usize {
        let mut column = self.column;
        for (index, word) in self.words.iter().enumerate() {
            let n = word.word.text.chars().count();
            // A space extends from the previous word to this one.
            if index > 0 {
                if x < f32::midpoint(self.words[index - 1].right, word.left) {
                    return column;
                }
                column += 1;
            }
            if x < word.right {
                let into = (x - word.left) / ((word.right - word.left) / n.max(1) as f32) + 0.5;
                return column + (into.max(0.0) as usize).min(n);
            }
            column += n;
        }
        column
    }
}

/// The fragments of a page, each in its column. Fragments of a line in a block keep their order. A block is placed
/// right of all blocks that end before it begins.
pub(super) fn fragments<'a>(blocks: Vec<WordBlock<'a>>) -> Vec<Fragment<'a>> {
    let mut blocks: Vec<Placed<'a>> = blocks.into_iter().map(Placed::of).collect();
    blocks.sort_by(|a, b| a.left.total_cmp(&b.left).then(a.top().total_cmp(&b.top())));
    for index in 0..blocks.len() {
        let (before, rest) = blocks.split_at_mut(index);
        let block = &mut rest[0];
        block.column = before.iter().map(|other| other.column_for(block.left)).max().unwrap_or(0);
    }
    let moved = |block: Placed<'a>| {
        let by = block.column;
        block.fragments.into_iter().map(move |fragment| Fragment { column: fragment.column + by, ..fragment })
    };
    blocks.into_iter().flat_map(moved).collect()
}

/// A block with the column of each of its lines relative to the block, from 0, and its own column.
struct Placed<'a> {
    left: f32,
    right: f32,
    fragments: Vec<Fragment<'a>>,
    columns: usize,
    column: usize,
}

impl<'a> Placed<'a> {
    fn of(block: WordBlock<'a>) -> Self {
        let (left, right) = (block.left, block.right);
        let mut fragments = lines(block.words);
        fragments.sort_by(|a, b| a.left().total_cmp(&b.left()).then(a.base().total_cmp(&b.base())));
        for index in 0..fragments.len() {
            let (before, rest) = fragments.split_at_mut(index);
            let fragment = &mut rest[0];
            let at = |other: &Fragment<'_>| {
                if fragment.left() >= other.right() { other.end() + 1 } else { other.column_at(fragment.left()) }
            };
            fragment.column = before.iter().map(at).max().unwrap_or(0);
        }
        let columns = fragments.iter().map(Fragment::end).max().unwrap_or(0);
        Self { left, right, fragments, columns, column: 0 }
    }

    fn top(&self) -> f32 {
        self.fragments.iter().map(Fragment::base).fold(f32::MAX, f32::min)
    }

    /// The smallest column for a block that begins at `x`, which is not left of this block.
    fn column_for(&self, x: f32) -> usize {
        if x > self.right {
            self.column + self.columns + BETWEEN_BLOCKS
        } else {
            let part = (x - self.left) / (self.right - self.left).max(0.01);
            self.column + (part.max(0.0) * self.columns as f32) as usize
        }
    }
}

/// The words of a block in lines, divided at wide gaps.
fn lines(mut words: Vec<SetWord<'_>>) -> Vec<Fragment<'_>> {
    words.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.left.total_cmp(&b.left)));
    let mut fragments = Vec::new();
    let mut row: Vec<SetWord<'_>> = Vec::new();
    for word in words {
        if row.first().is_some_and(|first| word.base - first.base > SAME_LINE * first.size) {
            divide(std::mem::take(&mut row), &mut fragments);
        }
        row.push(word);
    }
    divide(row, &mut fragments);
    fragments
}

fn divide<'a>(mut row: Vec<SetWord<'a>>, fragments: &mut Vec<Fragment<'a>>) {
    row.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut words: Vec<SetWord<'a>> = Vec::new();
    for word in row {
        if let Some(last) = words.last() {
            let gap = (word.left - last.right) / last.size;
            if !(OVERLAP..WORD_SPACING).contains(&gap) {
                fragments.push(Fragment { words: std::mem::take(&mut words), column: 0 });
            }
        }
        words.push(word);
    }
    if !words.is_empty() {
        fragments.push(Fragment { words, column: 0 });
    }
}
