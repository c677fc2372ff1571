//! Lines with right-to-left text: their characters are put into reading order by position, regardless of their order in
//! the file.

use recto_domain::{Rect, Word};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::bidi::{is_right_to_left, logical};
use super::unicode::readable;
use super::word::{Glyph, PlacedWord};

/// Words with a smaller gap, as a share of the type size, are one word.
const TOUCHING: f32 = 0.08;

/// A character with its combining marks, or the letters of a ligature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Letter {
    /// The text in reading order.
    text: String,
    /// The centre of its cell in the frame of its direction.
    middle: f32,
    ink: Rect,
}

/// The letters of a word from left to right.
pub(super) fn letters_of(glyphs: &[&Glyph]) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(glyphs.len());
    let mut marks: Vec<Letter> = Vec::new();
    // The letters of one ligature have the same position.
    let together = |a: &&Glyph, b: &&Glyph| a.object == b.object && a.origin == b.origin && a.cell == b.cell;
    for parts in glyphs.chunk_by(together) {
        let Some(first) = parts.first() else { continue };
        let letter = Letter {
            text: joined(parts),
            middle: first.direction.rect_to_frame(&first.cell).center().x,
            ink: first.ink,
        };
        if is_combining_mark(first.text) { marks.push(letter) } else { letters.push(letter) }
    }
    for mark in marks {
        let distance = |letter: &Letter| (letter.middle - mark.middle).abs();
        match letters.iter_mut().min_by(|a, b| distance(a).total_cmp(&distance(b))) {
            Some(letter) => {
                letter.text.push_str(&mark.text);
                letter.ink = letter.ink.union(&mark.ink);
            }
            None => letters.push(mark),
        }
    }
    letters.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    letters
}

/// The letters of a ligature in reading order. PDFium gives those from a font's map backwards, and those of Unicode's
/// presentation forms forwards.
fn joined(parts: &[&Glyph]) -> String {
    let text: String = parts.iter().map(|g| g.text).collect();
    if parts.len() < 2 || !text.chars().any(is_right_to_left) || is_presentation_form_of(&text) {
        return text;
    }
    text.chars().rev().collect()
}

/// Whether Unicode has a ligature for these letters.
fn is_presentation_form_of(text: &str) -> bool {
    let forms = ('\u{FB1D}'..='\u{FDFB}').chain('\u{FE70}'..='\u{FEFC}');
    forms.into_iter().any(|form| std::iter::once(form).nfkc().eq(text.chars()))
}

/// Sorts the words of each line with right-to-left text from right to left by position, so that each word follows its
/// neighbour.
pub(super) fn in_place(mut words: Vec<PlacedWord>) -> Vec<PlacedWord> {
    for line in words.chunk_by_mut(|a, b| a.stream_line == b.stream_line && a.direction == b.direction) {
        if line.iter().any(|word| !word.letters.is_empty()) {
            line.sort_by(|a, b| b.cell.x.total_cmp(&a.cell.x));
        }
    }
    words
}

/// The words of a part of a line in reading order, in a line with that direction.
pub(super) fn words_in_order(mut words: Vec<PlacedWord>, right_to_left: bool) -> Vec<Word> {
    words.sort_by(|a, b| a.cell.x.total_cmp(&b.cell.x));
    let mut letters: Vec<Letter> = Vec::new();
    let mut last: Option<(f32, f32)> = None;
    for word in words {
        let apart = |(right, size): (f32, f32)| word.cell.x - right > TOUCHING * size.max(word.size);
        if last.is_some_and(apart) {
            letters.push(Letter { text: " ".to_owned(), middle: 0.0, ink: Rect::default() });
        }
        last = Some((word.cell.right(), word.size));
        if word.letters.is_empty() {
            letters.extend(word.text.chars().map(|c| Letter { text: c.into(), middle: 0.0, ink: word.bbox }));
        } else {
            letters.extend(word.letters);
        }
    }
    let visual: Vec<char> = letters.iter().map(|l| l.text.chars().next().unwrap_or(' ')).collect();
    let read = logical(&visual, right_to_left);
    read.split(|(_, c)| *c == ' ').filter_map(|word| read_word(word, &letters)).collect()
}

fn read_word(order: &[(usize, char)], letters: &[Letter]) -> Option<Word> {
    let bbox = Rect::around(order.iter().map(|(place, _)| letters[*place].ink))?;
    let mut text = String::new();
    for (place, first) in order {
        text.push(*first);
        text.extend(letters[*place].text.chars().skip(1));
    }
    let text = readable(&text);
    (!text.trim().is_empty()).then_some(Word { text, bbox, confidence: 1.0 })
}
