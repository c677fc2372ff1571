//! The blocks of a page that an engine read, in reading order.

use std::collections::BTreeSet;

use recto_domain::{Block, BlockKind, Line, Rect, Word};

use crate::direction::{has_words_from_right, set_words_in_order};
use crate::piece::Piece;
use crate::region::regions;

/// A gap of this many line heights may be a gutter or separate two cells.
const GAP: f32 = 1.2;
/// Pieces belong to one line when they overlap by this share of the lower one's height.
const SHARED_HEIGHT: f32 = 0.5;
/// Lines with a larger slope, in degrees, are not ordered with the others.
const LEVEL: f32 = 20.0;

/// A part of a line, and its origin.
struct Part {
    words: Vec<Word>,
    bounds: Rect,
    angle: f32,
    /// The number and kind of its block.
    block: usize,
    kind: BlockKind,
}

/// Sorts the blocks of a level page into reading order.
///
/// Lines of other directions come last. A line that an engine read across a gutter is split there, and cells that it
/// read separately are joined to rows. Blocks that are already in order stay as they are, except for the order of
/// right-to-left words ([`set_words_in_order`]).
#[must_use]
pub fn ordered(mut blocks: Vec<Block>) -> Vec<Block> {
    set_words_in_order(&mut blocks);
    let parts: Vec<Part> = blocks.iter().enumerate().flat_map(|(number, block)| parts(number, block)).collect();
    let pieces: Vec<Piece> = parts.iter().map(Part::piece).collect();
    let from_right = runs_from_right(&pieces);
    let rows: Vec<Vec<Vec<usize>>> =
        regions(&pieces).into_iter().map(|region| rows(&pieces, region, from_right)).collect();
    if rows.iter().flatten().flatten().copied().is_sorted() {
        return blocks;
    }
    let mut parts: Vec<Option<Part>> = parts.into_iter().map(Some).collect();
    let mut ordered: Vec<Block> = Vec::new();
    for region in rows {
        let rows: Vec<Vec<Part>> =
            region.into_iter().map(|row| row.into_iter().filter_map(|part| parts[part].take()).collect()).collect();
        ordered.extend(together(rows));
    }
    let aslant = |block: &Block| {
        let lines = block.lines.iter().filter(|line| !is_level(line)).cloned().collect();
        Block::of(block.kind, lines)
    };
    ordered.extend(blocks.iter().filter_map(aslant));
    // Parts were joined to rows.
    set_words_in_order(&mut ordered);
    ordered
}

impl Part {
    fn piece(&self) -> Piece {
        let text: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        Piece::new(self.bounds, self.bounds.height, &text.join(" "))
    }
}

fn is_level(line: &Line) -> bool {
    line.angle.abs() < LEVEL
}

/// The parts of a block's level lines.
fn parts(number: usize, block: &Block) -> Vec<Part> {
    let level = block.lines.iter().filter(|line| is_level(line));
    let parts = level.flat_map(|line| {
        let height = line.words.iter().map(|word| word.bbox.height).fold(0.0, f32::max);
        let goes_on = move |a: &Word, b: &Word| {
            let gap = (b.bbox.x - a.bbox.right()).max(a.bbox.x - b.bbox.right());
            gap < GAP * height
        };
        let mut words = line.words.clone();
        if has_words_from_right(&words) {
            words.sort_by(|a, b| a.bbox.center().x.total_cmp(&b.bbox.center().x));
        }
        let parts = words.chunk_by(goes_on).filter_map(|words| {
            let bounds = Rect::around(words.iter().map(|word| word.bbox))?;
            Some(Part { words: words.to_vec(), bounds, angle: line.angle, block: number, kind: block.kind })
        });
        parts.collect::<Vec<_>>()
    });
    parts.collect()
}

fn runs_from_right(pieces: &[Piece]) -> bool {
    let sum = |of: fn(&Piece) -> usize| pieces.iter().map(of).sum::<usize>();
    sum(|piece| piece.text.from_right) * 2 > sum(|piece| piece.text.letters)
}

/// The lines of a region from top to bottom, each in reading order.
fn rows(pieces: &[Piece], mut region: Vec<usize>, from_right: bool) -> Vec<Vec<usize>> {
    region.sort_by(|&a, &b| pieces[a].middle().total_cmp(&pieces[b].middle()).then(a.cmp(&b)));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for at in region {
        let fits = |row: &Vec<usize>| {
            row.iter().all(|&other| is_beside(&pieces[at].bounds, &pieces[other].bounds))
                && row.iter().any(|&other| shares_height(&pieces[at].bounds, &pieces[other].bounds))
        };
        match rows.last_mut().filter(|row| fits(row)) {
            Some(row) => row.push(at),
            None => rows.push(vec![at]),
        }
    }
    for row in &mut rows {
        row.sort_by(|&a, &b| pieces[a].bounds.x.total_cmp(&pieces[b].bounds.x));
        if from_right {
            row.reverse();
        }
    }
    rows
}

fn shares_height(a: &Rect, b: &Rect) -> bool {
    a.bottom().min(b.bottom()) - a.y.max(b.y) > SHARED_HEIGHT * a.height.min(b.height)
}

fn is_beside(a: &Rect, b: &Rect) -> bool {
    a.right().min(b.right()) - a.x.max(b.x) < 0.3 * a.width.min(b.width)
}

/// Groups the rows of a region into blocks: rows that share an original block stay together.
fn together(rows: Vec<Vec<Part>>) -> Vec<Block> {
    let mut groups: Vec<(BTreeSet<usize>, Vec<Vec<Part>>)> = Vec::new();
    for row in rows {
        let numbers: BTreeSet<usize> = row.iter().map(|part| part.block).collect();
        match groups.last_mut().filter(|group| !group.0.is_disjoint(&numbers)) {
            Some(group) => {
                group.0.extend(numbers);
                group.1.push(row);
            }
            None => groups.push((numbers, vec![row])),
        }
    }
    groups.into_iter().filter_map(|(_, rows)| block(rows)).collect()
}

fn block(rows: Vec<Vec<Part>>) -> Option<Block> {
    let mut kinds = rows.iter().flatten().map(|part| part.kind);
    let first = kinds.next()?;
    let kind = if kinds.clone().all(|kind| kind == first) {
        first
    } else if kinds.any(|kind| kind == BlockKind::Table) {
        BlockKind::Table
    } else {
        BlockKind::Paragraph
    };
    let line = |row: Vec<Part>| {
        let angle = row.iter().map(|part| part.angle).sum::<f32>() / row.len() as f32;
        Line::of(angle, row.into_iter().flat_map(|part| part.words).collect())
    };
    Block::of(kind, rows.into_iter().filter_map(line).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str, x: f32, y: f32) -> Line {
        let mut at = x;
        let word = |text: &str| {
            let width = 5.0 * text.chars().count() as f32;
            let bbox = Rect { x: at, y, width, height: 10.0 };
            at += width + 5.0;
            Word { text: text.to_owned(), bbox, confidence: 1.0 }
        };
        Line::of(0.0, text.split(' ').map(word).collect()).expect("there are words")
    }

    fn block(lines: Vec<Line>) -> Block {
        Block::of(BlockKind::Paragraph, lines).expect("there are lines")
    }

    fn text(blocks: &[Block]) -> String {
        blocks.iter().map(Block::text).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn cells_that_were_read_down_are_joined_to_rows() {
        let names = ["Soup of the day", "Bread and butter", "Fried fish", "Green salad"];
        let y = |i: u8| 50.0 + 18.0 * f32::from(i);
        let left = names.iter().zip(0u8..).map(|(name, i)| line(name, 50.0, y(i))).collect();
        let right = (0..4u8).map(|i| line(&format!("{i}.50"), 400.0, y(i) + 1.0)).collect();
        let rows = "Soup of the day 0.50\nBread and butter 1.50\nFried fish 2.50\nGreen salad 3.50";
        assert_eq!(text(&ordered(vec![block(left), block(right)])), rows);
    }

    #[test]
    fn blocks_in_order_stay_as_they_are() {
        let title = block(vec![line("A title of its own", 200.0, 20.0)]);
        let left = block(
            (0..9u8).map(|i| line("and so it went on, line after line", 50.0, 50.0 + 14.0 * f32::from(i))).collect(),
        );
        let right = block(
            (0..9u8).map(|i| line("until, at the end, it was over", 300.0, 54.0 + 14.0 * f32::from(i))).collect(),
        );
        let blocks = vec![title, left, right];
        assert_eq!(ordered(blocks.clone()), blocks);
    }

    #[test]
    fn lines_on_their_side_come_last() {
        let mut note = line("in the margin", 10.0, 10.0);
        note.angle = 90.0;
        let blocks =
            vec![block(vec![note]), block(vec![line("second", 50.0, 70.0)]), block(vec![line("first", 50.0, 50.0)])];
        assert_eq!(text(&ordered(blocks)), "first | second | in the margin");
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_doubled(
            lines in proptest::collection::vec((0u16..500, 0u16..700, 1usize..6, 0u8..4), 0..50),
        ) {
            let mut words = 0;
            let blocks: Vec<Block> = lines.iter().map(|&(x, y, count, turn)| {
                let text: Vec<String> = (0..count).map(|i| (words + i).to_string()).collect();
                words += count;
                let mut line = line(&text.join(" "), f32::from(x), f32::from(y));
                line.angle = if turn == 0 { 90.0 } else { 0.0 };
                block(vec![line])
            }).collect();
            let ordered = ordered(blocks);
            let found = ordered.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words);
            let mut found: Vec<usize> = found.map(|word| word.text.parse().unwrap()).collect();
            found.sort_unstable();
            prop_assert_eq!(found, (0..words).collect::<Vec<_>>());
        }
    }
}
