//! The word order of lines that mix scripts with different directions.
//!
//! The result is the logical order that Unicode's bidirectional algorithm (UAX #9) would display as printed, at the
//! level of whole words. Words of the line's own direction follow each other, and runs of the other direction,
//! including numbers and signs among them, are reversed.

use recto_domain::{Block, Word};

use crate::piece::is_from_right;

/// The direction of a word's letters; `None` for numbers and signs, which have no direction of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    FromLeft,
    FromRight,
}

fn direction(word: &Word) -> Option<Direction> {
    let (right, left) = letters(word);
    match right + left {
        0 => None,
        _ if right >= left => Some(Direction::FromRight),
        _ => Some(Direction::FromLeft),
    }
}

/// The number of right-to-left letters, and of others.
fn letters(word: &Word) -> (usize, usize) {
    let right = word.text.chars().filter(|&c| c.is_alphabetic() && is_from_right(c)).count();
    (right, word.text.chars().filter(|c| c.is_alphabetic()).count() - right)
}

/// The direction of most letters; `None` without letters.
fn usual<'a>(words: impl IntoIterator<Item = &'a Word>) -> Option<Direction> {
    let add = |sum: (usize, usize), word: (usize, usize)| (sum.0 + word.0, sum.1 + word.1);
    match words.into_iter().map(letters).fold((0, 0), add) {
        (0, 0) => None,
        (right, left) if right >= left => Some(Direction::FromRight),
        _ => Some(Direction::FromLeft),
    }
}

/// Whether a line has letters of a right-to-left script.
pub(crate) fn has_words_from_right(words: &[Word]) -> bool {
    words.iter().any(|word| letters(word).0 > 0)
}

/// Puts the words of every line into reading order, by their positions. A page without letters of a right-to-left
/// script stays unchanged.
///
/// A line has the direction of most letters of the page, unless all of its own letters have the other direction.
pub fn set_words_in_order(blocks: &mut [Block]) {
    let lines = || blocks.iter().flat_map(|block| &block.lines);
    if !lines().any(|line| has_words_from_right(&line.words)) {
        return;
    }
    let of_page = usual(lines().flat_map(|line| &line.words)).unwrap_or(Direction::FromRight);
    for line in blocks.iter_mut().flat_map(|block| &mut block.lines) {
        let has_its_own = line.words.iter().any(|word| direction(word) == Some(of_page));
        let base = if has_its_own { of_page } else { usual(&line.words).unwrap_or(of_page) };
        set_in_order(&mut line.words, base);
    }
}

fn set_in_order(words: &mut [Word], base: Direction) {
    words.sort_by(|a, b| a.bbox.center().x.total_cmp(&b.bbox.center().x));
    if base == Direction::FromRight {
        words.reverse();
    }
    let mut from = 0;
    while let Some(start) = (from..words.len()).find(|&i| direction(&words[i]).is_some_and(|d| d != base)) {
        let end = (start..words.len()).find(|&i| direction(&words[i]) == Some(base)).unwrap_or(words.len());
        let last = (start..end).rfind(|&i| direction(&words[i]).is_some()).unwrap_or(start);
        words[start..=last].reverse();
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use recto_domain::{BlockKind, Line, Rect};

    use super::*;

    /// A block of one line, whose words are placed from left to right as given.
    fn line(words: &[&str]) -> Block {
        let word = |(i, text): (usize, &&str)| Word {
            text: (*text).to_owned(),
            bbox: Rect { x: 50.0 * i as f32, y: 0.0, width: 40.0, height: 10.0 },
            confidence: 1.0,
        };
        let line = Line::of(0.0, words.iter().enumerate().map(word).collect()).expect("there are words");
        Block::of(BlockKind::Paragraph, vec![line]).expect("there is a line")
    }

    fn read(words: &[&str]) -> String {
        let mut blocks = vec![line(words)];
        set_words_in_order(&mut blocks);
        blocks[0].text()
    }

    #[test]
    fn a_line_from_the_right_is_read_from_the_right_and_its_numbers_and_names_as_they_are() {
        assert_eq!(read(&["9535.88", "בית", "סגל", "נועה"]), "נועה סגל בית 9535.88");
        assert_eq!(read(&["40", "Tel", "Aviv", "חשבונית", "לכבוד"]), "לכבוד חשבונית Tel Aviv 40");
        assert_eq!(read(&["שלום", "Anna", "4", "Muster", "לכבוד", "חשבונית"]), "חשבונית לכבוד Anna 4 Muster שלום");
    }

    #[test]
    fn words_from_the_right_in_a_line_from_the_left_are_read_from_the_right() {
        assert_eq!(read(&["The", "harbour", "of", "אביב", "תל", "was", "closed"]), "The harbour of תל אביב was closed");
    }

    #[test]
    fn numbers_alone_and_lines_in_both_directions_go_the_way_of_the_page() {
        let mut blocks = vec![line(&["540.00", "45.00", "12"]), line(&["סיכום", "חשבונית"])];
        set_words_in_order(&mut blocks);
        assert_eq!(blocks[0].text(), "12 45.00 540.00");
        let mut blocks = vec![line(&["Harbour", "לכבוד"]), line(&["סיכום", "חשבונית"])];
        set_words_in_order(&mut blocks);
        assert_eq!(blocks[0].text(), "לכבוד Harbour");
        assert_eq!(read(&["12", "45.00", "540.00"]), "12 45.00 540.00");
    }

    proptest! {
        #[test]
        fn the_order_in_which_an_engine_gives_words_does_not_matter(
            words in prop::collection::vec(prop::sample::select(vec!["שלום", "Anna", "12", "سلام", "-"]), 1..9),
            by in 0usize..9,
        ) {
            let mut block = line(&words);
            let by = by % words.len();
            block.lines[0].words.rotate_left(by);
            let mut blocks = vec![block];
            set_words_in_order(&mut blocks);
            // Words are moved only where there are right-to-left letters.
            if words.iter().any(|word| word.chars().any(is_from_right)) {
                prop_assert_eq!(blocks[0].text(), read(&words));
            }
        }
    }
}
