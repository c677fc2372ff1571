//! Merges two readings of a page by different engines.

use recto_domain::{Block, BlockKind, Line, Rect, Word};

use crate::attempt::is_same_place;
use crate::read_page::ReadPage;

/// A word of another reading is no new one if it shares more than this part of the smaller box with a word that stands.
const TAKEN: f32 = 0.25;

/// Takes the better parts of a second reading: for each line, the words that are more likely right, all of them or one
/// by one; and lines where the first reading has none.
///
/// Confidences of both readings are on one scale, so they decide. If the second reading found another orientation, the
/// reading with more correct text is kept unchanged.
pub(crate) fn merged(mut first: ReadPage, second: ReadPage) -> ReadPage {
    if first.turn != second.turn {
        return if worth(words(&second.blocks)) > worth(words(&first.blocks)) { second } else { first };
    }
    let mut rest: Vec<Line> = second.blocks.into_iter().flat_map(|block| block.lines).collect();
    for line in first.blocks.iter_mut().flat_map(|block| &mut block.lines) {
        let stretch = Stretch::of(line);
        let mut others = Vec::new();
        for other in &mut rest {
            others.extend(other.words.extract_if(.., |word| stretch.holds(&word.bbox)));
        }
        others.sort_by(|a, b| a.bbox.x.total_cmp(&b.bbox.x));
        if worth(&others) > worth(&line.words)
            && let Some(better) = Line::of(line.angle, others.clone())
        {
            *line = better;
        } else {
            take_likelier(&mut line.words, others);
        }
    }
    for Line { angle, words: mut new, .. } in rest {
        // On a slanted line, a word of the second reading may lie beside the strip of the line that has it already.
        new.retain(|word| !words(&first.blocks).any(|taken| is_covered(&word.bbox, &taken.bbox)));
        if worth(&new) > 0.0
            && let Some(line) = Line::of(angle, new)
        {
            insert(&mut first.blocks, line);
        }
    }
    // Words were added and removed, so the boxes are computed again.
    first.blocks = first.blocks.into_iter().filter_map(|block| Block::of(block.kind, block.lines)).collect();
    first
}

/// Whether a word lies on another one.
pub(crate) fn is_covered(word: &Rect, taken: &Rect) -> bool {
    let shared = word.intersection(taken).map_or(0.0, |shared| shared.area());
    shared > TAKEN * word.area().min(taken.area())
}

/// Letters and digits of words that are more likely right than wrong, minus those of other words.
fn worth<'a>(words: impl IntoIterator<Item = &'a Word>) -> f32 {
    let letters = |word: &Word| word.text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
    words.into_iter().map(|word| letters(word) * (word.confidence - 0.5)).sum()
}

fn words(blocks: &[Block]) -> impl Iterator<Item = &Word> {
    blocks.iter().flat_map(|block| &block.lines).flat_map(|line| &line.words)
}

fn take_likelier(words: &mut [Word], others: Vec<Word>) {
    for other in others {
        let is_there = |word: &&mut Word| is_same_place(&word.bbox, &other.bbox);
        if let Some(word) = words.iter_mut().find(is_there)
            && other.confidence > word.confidence
        {
            *word = other;
        }
    }
}

/// The slanted strip of the page that a line occupies.
struct Stretch {
    bbox: Rect,
    /// Its slope from left to right.
    slope: f32,
    /// Half the mean height of its words.
    half: f32,
}

impl Stretch {
    fn of(line: &Line) -> Self {
        let heights: f32 = line.words.iter().map(|word| word.bbox.height).sum();
        let slope = if line.angle.abs() < 45.0 { line.angle.to_radians().tan() } else { 0.0 };
        Self { bbox: line.bbox, slope, half: heights / (2 * line.words.len().max(1)) as f32 }
    }

    /// Whether the centre of a word lies in it.
    fn holds(&self, word: &Rect) -> bool {
        let (at, middle) = (word.center(), self.bbox.center());
        let height = middle.y + (at.x - middle.x) * self.slope;
        (self.bbox.x..=self.bbox.right()).contains(&at.x) && (at.y - height).abs() <= self.half
    }
}

/// Inserts a line before the first block below it.
pub(crate) fn insert(blocks: &mut Vec<Block>, line: Line) {
    let middle = line.bbox.center().y;
    let place = blocks.iter().position(|block| block.bbox.y > middle).unwrap_or(blocks.len());
    if let Some(block) = Block::of(BlockKind::Paragraph, vec![line]) {
        blocks.insert(place, block);
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::Rotation;

    use super::*;

    /// A page of lines 10 points high, 20 apart; each word is 40 points long, and words begin 50 points apart.
    fn page(lines: &[&[(&str, f32)]]) -> ReadPage {
        let block = |(row, words): (usize, &&[(&str, f32)])| {
            let word = |(i, &(text, confidence)): (usize, &(&str, f32))| Word {
                text: text.to_owned(),
                bbox: Rect { x: 50.0 * i as f32, y: 20.0 * row as f32, width: 40.0, height: 10.0 },
                confidence,
            };
            let words = words.iter().enumerate().filter(|(_, word)| !word.0.is_empty()).map(word).collect();
            Block::of(BlockKind::Paragraph, vec![Line::of(0.0, words)?])
        };
        ReadPage { blocks: lines.iter().enumerate().filter_map(block).collect(), ..ReadPage::default() }
    }

    fn text(page: &ReadPage) -> String {
        page.blocks.iter().map(Block::text).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_line_that_is_likelier_right_stands() {
        let first = page(&[&[("tetal", 0.4), ("9.00", 0.9)], &[("cash", 0.9)]]);
        let second = page(&[&[("Total", 0.9), ("9.00", 0.9)], &[("casl", 0.3)]]);
        assert_eq!(text(&merged(first, second)), "Total 9.00|cash");
    }

    #[test]
    fn a_word_that_is_likelier_right_stands_in_a_line_that_is_not() {
        let first = page(&[&[("remarkable", 0.95), ("cat", 0.4)]]);
        let second = page(&[&[("romarkahle", 0.2), ("cut", 0.8)]]);
        assert_eq!(text(&merged(first, second)), "remarkable cut");
    }

    #[test]
    fn lines_that_only_the_second_reading_has_come_in_where_they_stand() {
        let first = page(&[&[("one", 0.9)], &[], &[("three", 0.9)]]);
        let second = page(&[&[("one", 0.8)], &[("two", 0.9)], &[("three", 0.8)], &[("dirt", 0.2)]]);
        assert_eq!(text(&merged(first, second)), "one|two|three");
        let nothing = ReadPage::default();
        assert_eq!(text(&merged(nothing, page(&[&[("two", 0.9)]]))), "two");
    }

    #[test]
    fn a_word_that_lies_on_another_one_comes_once() {
        let first = page(&[&[("Husener", 0.9), ("Street", 0.9)]]);
        let mut second = page(&[&[("Husener", 0.8), ("Streel", 0.8)]]);
        for word in &mut second.blocks[0].lines[0].words {
            word.bbox.y += 6.0;
        }
        assert_eq!(text(&merged(first, second)), "Husener Street");
    }

    #[test]
    fn of_two_ways_up_the_likelier_one_stands() {
        let upright = page(&[&[("upright", 0.9)]]);
        let turned = ReadPage { turn: Rotation::Half, ..page(&[&[("14614dn", 0.3)]]) };
        assert_eq!(merged(upright.clone(), turned.clone()), upright);
        assert_eq!(merged(turned, upright.clone()), upright);
    }
}
