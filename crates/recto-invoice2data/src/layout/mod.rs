//! Lays out pages on a grid of characters, as templates with regular expressions expect them. Words keep their columns,
//! wide gaps become runs of spaces, gaps between lines become empty lines, and a form feed ends each page.
//!
//! The result follows the output of Poppler's `pdftotext -layout`, but uses only the boxes of words.

mod block;
mod columns;
mod ink;

use recto_domain::{Line, Page};

use self::block::{SAME_LINE, WordBlock};
use self::columns::Fragment;
use super::traced::{TracedText, WordPosition};

/// The most line ends between two lines.
const MAX_LINE_ENDS: f32 = 5.0;
/// The widest line in characters. A wider grid is cut off, so that no page makes endless text.
const MAX_COLUMNS: usize = 2000;

/// The most words of a page that is laid out in columns. Larger pages are not documents that somebody wrote a template
/// for. Their lines simply follow each other, because finding columns takes time by the square of the adjacent words.
const MAX_WORDS: usize = 20_000;

/// The text of some pages on a grid.
pub(super) fn lay_out(pages: &[Page]) -> TracedText {
    let mut text = TracedText::default();
    for page in pages {
        let lines = page.blocks.iter().flat_map(|block| &block.lines);
        if lines.clone().map(|line| line.words.len()).sum::<usize>() > MAX_WORDS {
            lines.for_each(|line| print_as_is(line, page.number, &mut text));
            text.push_filler("\u{c}");
            continue;
        }
        let (upright, turned): (Vec<&Line>, Vec<&Line>) = lines.partition(|line| is_upright(line));
        let mut blocks = block::blocks(upright.into_iter().flat_map(ink::set_words).collect());
        blocks.extend(turned.into_iter().map(ink::set_turned_words).map(WordBlock::around));
        let mut fragments = columns::fragments(blocks);
        into_rows(&mut fragments);
        print(&fragments, page.number, &mut text);
        text.push_filler("\u{c}");
    }
    text
}

/// Whether a line runs horizontally rather than up or down.
fn is_upright(line: &Line) -> bool {
    line.angle.to_radians().cos().abs() > 0.7
}

/// Sorts fragments by rows, and from left to right in each row.
fn into_rows(fragments: &mut [Fragment<'_>]) {
    fragments.sort_by(|a, b| a.base().total_cmp(&b.base()).then(a.left().total_cmp(&b.left())));
    let mut from = 0;
    while from < fragments.len() {
        let (base, size) = (fragments[from].base(), fragments[from].size());
        let in_row = |fragment: &&Fragment<'_>| fragment.base() - base < SAME_LINE * size;
        let to = from + fragments[from..].iter().take_while(in_row).count().max(1);
        fragments[from..to].sort_by(|a, b| a.left().total_cmp(&b.left()));
        from = to;
    }
}

fn print(fragments: &[Fragment<'_>], page: u32, text: &mut TracedText) {
    let mut column = 0;
    for (index, fragment) in fragments.iter().enumerate() {
        let blanks = fragment.column.min(MAX_COLUMNS).saturating_sub(column);
        text.push_filler(&" ".repeat(blanks));
        column += blanks;
        for (at, set) in fragment.words.iter().enumerate() {
            if at > 0 {
                text.push_filler(" ");
                column += 1;
            }
            text.push_word(&set.word.text, WordPosition { page, bbox: set.word.bbox });
            column += set.word.text.chars().count();
        }
        let Some(next) = fragments.get(index + 1) else {
            text.push_filler("\n");
            continue;
        };
        let down = (next.base() - fragment.base()) / fragment.size();
        if down.abs() > SAME_LINE || next.column < column {
            text.push_filler(&"\n".repeat(down.clamp(1.0, MAX_LINE_ENDS) as usize));
            column = 0;
        }
    }
}

fn print_as_is(line: &Line, page: u32, text: &mut TracedText) {
    for (index, word) in line.words.iter().enumerate() {
        if index > 0 {
            text.push_filler(" ");
        }
        text.push_word(&word.text, WordPosition { page, bbox: word.bbox });
    }
    text.push_filler("\n");
}

#[cfg(test)]
mod tests {
    use recto_domain::{Block, BlockKind, PageSource, Rect, Rotation, Size, Word};

    use super::*;

    /// A page of capitals set in 10 points: text, left end, baseline and direction of each line.
    fn page(lines: &[(&str, f32, f32, f32)]) -> Page {
        let line = |&(text, x, base, angle): &(&str, f32, f32, f32)| {
            let mut at = 0.0;
            let mut words = Vec::new();
            for word in text.split(' ') {
                let width = word.chars().count() as f32 * 6.0;
                let bbox = match angle {
                    0.0 => Rect { x: x + at, y: base - 7.2, width, height: 7.2 },
                    _ => Rect { x, y: base + at, width: 7.2, height: width },
                };
                words.push(Word { text: word.to_owned(), bbox, confidence: 1.0 });
                at += width + 4.0;
            }
            Line::of(angle, words)
        };
        let block = Block::of(BlockKind::Paragraph, lines.iter().filter_map(line).collect());
        let size = Size { width: 600.0, height: 800.0 };
        Page::read(1, size, Rotation::None, PageSource::TextLayer, None, block.into_iter().collect())
    }

    fn laid_out(lines: &[(&str, f32, f32, f32)]) -> String {
        lay_out(&[page(lines)]).as_str().to_owned()
    }

    #[test]
    fn words_keep_their_columns_and_lines_their_distance() {
        let text = laid_out(&[
            ("ITEM", 50.0, 100.0, 0.0),
            ("PRICE", 300.0, 100.0, 0.0),
            ("A RATHER LONG NAME OF AN ITEM", 50.0, 112.0, 0.0),
            ("12", 320.0, 112.0, 0.0),
            ("SUM", 60.0, 160.0, 0.0),
            ("12", 320.0, 160.0, 0.0),
        ]);
        insta::assert_snapshot!(text.replace('\u{c}', "(form feed)"));
    }

    #[test]
    fn what_runs_up_the_page_stands_left_of_all_that_is_right_of_it() {
        let text = laid_out(&[("MADE BY A PROGRAM", 20.0, 90.0, 270.0), ("TOTAL", 100.0, 200.0, 0.0)]);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty() && *line != "\u{c}").collect();
        assert_eq!(lines, ["MADE BY A PROGRAM", &format!("{}TOTAL", " ".repeat(20))]);
    }

    #[test]
    fn a_page_without_words_is_a_form_feed() {
        assert_eq!(laid_out(&[]), "\u{c}");
    }

    #[test]
    fn a_page_of_very_many_words_is_not_laid_out() {
        let line = ("A ".repeat(MAX_WORDS) + "B", 0.0, 10.0, 0.0);
        let text = laid_out(&[(&line.0, line.1, line.2, line.3), ("C", 0.0, 50.0, 0.0)]);
        assert!(text.ends_with(" A A B\nC\n\u{c}"));
    }

    proptest::proptest! {
        #[test]
        fn every_word_is_printed(
            lines in proptest::collection::vec((-50f32..700.0, -50f32..900.0, 0u8..4), 0..60),
        ) {
            let names: Vec<String> = (0..lines.len()).map(|n| format!("<{n}> A")).collect();
            let lines: Vec<(&str, f32, f32, f32)> = lines
                .iter()
                .zip(&names)
                .map(|(&(x, y, turn), name)| (name.as_str(), x, y, if turn == 0 { 90.0 } else { 0.0 }))
                .collect();
            let text = laid_out(&lines);
            for n in 0..names.len() {
                let name = format!("<{n}>");
                proptest::prop_assert!(text.contains(&name), "{} in {:?}", name, text);
            }
        }
    }
}
