//! The search terms of a page: its words without case, accents and punctuation, each with its position.
//!
//! Scripts that write words together (Han, kana, Thai, Lao, Khmer, Burmese) have no separate words. In a run of their
//! letters, every pair of neighbouring letters is a term, and so is the last letter by itself. A word is found as the
//! sequence of its pairs. Engines split such runs arbitrarily, and lines may end anywhere, so a run continues across
//! both.

use recto_domain::{Line, Page};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest term, in characters; longer ones are cut. A lexeme of PostgreSQL has at most 2,046 bytes.
const LONGEST_CHARS: usize = 64;
/// The most text of a page that is indexed, in bytes: a `tsvector` of PostgreSQL has at most a megabyte. A dense page
/// has 10 kB.
const MOST_BYTES: usize = 400_000;

/// A position between characters of a page: the index of the word and of the character in it, both from 0. Characters
/// are counted in the word's composed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TextPosition {
    pub(super) word: usize,
    pub(super) char: usize,
}

/// A term, and the range it occupies; the end is after the last character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) text: String,
    pub(super) from: TextPosition,
    pub(super) to: TextPosition,
}

/// The terms of a page in reading order.
pub(super) fn of_page(page: &Page) -> Vec<Term> {
    let mut terms = Terms::default();
    let mut word = 0;
    for block in &page.blocks {
        let mut lines = block.lines.iter().peekable();
        while let Some(line) = lines.next() {
            let goes_on = lines.peek().is_some_and(|next| is_hyphenated(line, next));
            let last = line.words.len().saturating_sub(1);
            for (index, found) in line.words.iter().enumerate() {
                terms.word(&found.text, word, goes_on && index == last);
                word += 1;
            }
        }
        terms.end_run();
    }
    terms.done
}

/// The terms of a page as one text, separated by spaces.
pub(crate) fn text_of_page(page: &Page) -> String {
    let terms = of_page(page);
    let mut text = String::new();
    for Term { text: term, .. } in terms {
        if text.len() + term.len() >= MOST_BYTES {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&term);
    }
    text
}

/// The terms of a part of a query, and whether the last one is a prefix.
pub(super) fn of_query(part: &str) -> (Vec<String>, bool) {
    let mut terms = Terms::default();
    for (index, word) in part.split_whitespace().enumerate() {
        terms.word(word, index, false);
    }
    let open = terms.run.len();
    terms.end_run();
    let mut texts: Vec<String> = terms.done.into_iter().map(|term| term.text).collect();
    if open > 1 {
        // The last letter is already in the pair before it; on a page it may have another neighbour.
        texts.pop();
    }
    (texts, open == 1)
}

/// Whether a line ends within a word that continues on the next line.
fn is_hyphenated(line: &Line, next: &Line) -> bool {
    let mut end = line.words.last().map_or("", |word| word.text.as_str()).chars().rev();
    let is_hyphen = end.next().is_some_and(|c| matches!(c, '-' | '\u{2010}' | '\u{ad}'));
    let starts_small = next.words.first().and_then(|word| word.text.chars().next()).is_some_and(char::is_lowercase);
    is_hyphen && end.next().is_some_and(char::is_alphabetic) && starts_small
}

/// The role of a character in a term.
enum Folded {
    /// Part of a term.
    Letter(String),
    /// Part of a run of letters without spaces.
    Together(String),
    /// Ignored; the term continues.
    Nothing,
    /// The end of a term.
    Gap,
}

/// Terms under construction.
#[derive(Default)]
struct Terms {
    done: Vec<Term>,
    /// The current term.
    open: Option<Term>,
    /// Letters of a script that writes words together, with their positions.
    run: Vec<Term>,
}

impl Terms {
    fn word(&mut self, text: &str, word: usize, goes_on: bool) {
        let composed: Vec<char> = text.nfc().collect();
        for (at, &c) in composed.iter().enumerate() {
            let (from, to) = (TextPosition { word, char: at }, TextPosition { word, char: at + 1 });
            match fold(c) {
                Folded::Letter(text) => {
                    if !self.run.is_empty() {
                        self.end_run();
                    }
                    let open = self.open.get_or_insert(Term { text: String::new(), from, to });
                    open.text.push_str(&text);
                    open.to = to;
                }
                Folded::Together(text) => {
                    self.end_term();
                    self.run.push(Term { text, from, to });
                }
                Folded::Nothing => {}
                Folded::Gap if goes_on && at + 1 == composed.len() => {}
                Folded::Gap => self.end_run(),
            }
        }
        if !goes_on {
            self.end_term();
        }
    }

    fn end_term(&mut self) {
        if let Some(mut term) = self.open.take() {
            if let Some((end, _)) = term.text.char_indices().nth(LONGEST_CHARS) {
                term.text.truncate(end);
            }
            self.done.push(term);
        }
    }

    fn end_run(&mut self) {
        self.end_term();
        let run = std::mem::take(&mut self.run);
        for (index, letter) in run.iter().enumerate() {
            let last = run.get(index + 1).unwrap_or(letter);
            let text = if index + 1 < run.len() { letter.text.clone() + &last.text } else { letter.text.clone() };
            self.done.push(Term { text, from: letter.from, to: last.to });
        }
    }
}

fn fold(c: char) -> Folded {
    if is_ignored(c) {
        return Folded::Nothing;
    }
    let small = std::iter::once(c).nfkd().flat_map(char::to_lowercase).filter(|&c| !is_ignored(c));
    let mut text: String = small.filter(|&c| c.is_alphanumeric() || is_combining_mark(c)).nfc().collect();
    match c {
        'ß' | 'ẞ' => "ss".clone_into(&mut text),
        'ς' => "σ".clone_into(&mut text),
        'ı' => "i".clone_into(&mut text),
        'ø' | 'Ø' => "o".clone_into(&mut text),
        'ł' | 'Ł' => "l".clone_into(&mut text),
        'đ' | 'Đ' => "d".clone_into(&mut text),
        _ => {}
    }
    match text.chars().next() {
        None => Folded::Gap,
        Some(first) if is_written_together(first) => Folded::Together(text),
        Some(_) => Folded::Letter(text),
    }
}

/// Whether a character is ignored: accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic, and
/// invisible characters. Marks of other scripts count as letters for their readers.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}'
        | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{61c}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

pub(super) fn is_written_together(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let mut terms = Terms::default();
        for (index, word) in text.split(' ').enumerate() {
            terms.word(word, index, false);
        }
        terms.end_run();
        terms.done.into_iter().map(|term| term.text).collect()
    }

    #[test]
    fn case_accents_widths_and_punctuation_make_no_difference() {
        assert_eq!(terms("Größe, CAFÉ! ＡＢＣ ﬁn"), ["grosse", "cafe", "abc", "fin"]);
        assert_eq!(terms("INV-2024/07 1.234,50"), ["inv", "2024", "07", "1", "234", "50"]);
        assert_eq!(terms("שָׁלוֹם مُحَمَّد"), ["שלום", "محمد"]);
        assert_eq!(terms("हिन्दी"), ["हिन्दी"]);
    }

    #[test]
    fn words_that_are_written_together_are_pairs() {
        assert_eq!(terms("東京 都"), ["東京", "京都", "都"]);
        assert_eq!(terms("第3章"), ["第", "3", "章"]);
        assert_eq!(of_query("東京"), (vec!["東京".to_owned()], false));
        assert_eq!(of_query("都"), (vec!["都".to_owned()], true));
        assert_eq!(of_query("第3"), (vec!["第".to_owned(), "3".to_owned()], false));
    }
}
