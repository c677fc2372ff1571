//! Labels that share words with a field's name: `Departs` for `departure_time`, `Required By` for `required_date`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use recto_values::words::LANGUAGES;

use crate::concept::Concept;
use crate::label_key::{is_number, is_small};
use crate::labels::Label;
use crate::lexicon::{LEXICON, MAX_LABEL_TOKENS, Meaning, words_of};
use crate::sheet::{Sheet, Token};

/// The least likeness of a key and a name. See [`likeness`].
const ALIKE: f32 = 0.5;
/// Words with the same beginning of this many characters are forms of one word.
const STEM: usize = 4;

/// The words of a field's name that a label may share.
#[derive(Debug, Clone)]
pub(crate) struct OwnName {
    /// The folded words, without articles and prepositions.
    pub(crate) words: Vec<String>,
    /// The field's index.
    pub(crate) field: usize,
}

/// The labels of a sheet that share words with names.
pub(crate) fn find(sheet: &Sheet, names: &[OwnName]) -> Vec<Label> {
    if names.is_empty() {
        return Vec::new();
    }
    sheet.rows.iter().enumerate().flat_map(|(index, _)| in_row(sheet, index, names)).collect()
}

fn in_row(sheet: &Sheet, index: usize, names: &[OwnName]) -> Vec<Label> {
    let row = &sheet.rows[index];
    let tokens = sheet.tokens(row);
    let mut labels = Vec::new();
    for cell in sheet.cells_of(row) {
        let Some(key) = key_in(sheet, &tokens, cell.first..cell.end) else { continue };
        let words: Vec<&str> = key.iter().map(|token| token.text.as_str()).filter(|word| !is_small(word)).collect();
        let is_alike = |name: &&OwnName| likeness(&name.words, &words) >= ALIKE || is_within(&name.words, &words);
        let alike = names.iter().filter(is_alike);
        let meanings: Vec<Meaning> =
            alike.map(|name| Meaning { concept: Concept::Own(name.field), is_weak: true }).collect();
        let (Some(first), Some(last)) = (key.first(), key.last()) else { continue };
        if !meanings.is_empty() {
            labels.push(Label {
                row: index,
                first: first.word,
                end: last.word + 1,
                end_byte: last.end,
                length: key.iter().map(|token| token.text.chars().count()).sum(),
                meanings,
                is_exact: true,
                starts_word: true,
            });
        }
    }
    labels
}

/// The tokens of the key with which a cell begins: up to a colon, or up to what has figures or is in brackets.
fn key_in<'t>(sheet: &Sheet, tokens: &'t [Token], words: Range<usize>) -> Option<&'t [Token]> {
    let start = tokens.iter().position(|token| words.contains(&token.word))?;
    let mut end = start;
    while let Some(token) = tokens.get(end).filter(|token| words.contains(&token.word)) {
        let text = &sheet.words[token.word].text;
        if text.contains(|c: char| c.is_ascii_digit() || c == '(') {
            break;
        }
        end += 1;
        if text.ends_with(':') && tokens.get(end).is_none_or(|next| next.word != token.word) {
            break;
        }
    }
    let key = &tokens[start..end];
    (1..=MAX_LABEL_TOKENS).contains(&key.len()).then_some(key)
}

/// How much of a name and a key is common to both, from 0 to 1: the Dice coefficient of their words, each weighted by
/// how rarely names contain it.
pub(crate) fn likeness(name: &[String], key: &[&str]) -> f32 {
    let mut free: Vec<&str> = key.to_vec();
    let mut common = 0.0;
    for word in name {
        if let Some(at) = free.iter().position(|other| is_same(word, other)) {
            let other = free.swap_remove(at);
            common += weight(word).min(weight(other));
        }
    }
    let all: f32 = name.iter().map(|word| weight(word)).sum::<f32>() + key.iter().map(|word| weight(word)).sum::<f32>();
    if all > 0.0 { 2.0 * common / all } else { 0.0 }
}

/// Whether a text has all of the several words of a name.
fn is_within(name: &[String], words: &[&str]) -> bool {
    name.len() > 1 && name.iter().all(|word| words.iter().any(|other| is_same(word, other)))
}

/// Whether two words are forms of one.
fn is_same(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    a == b || is_number(a) && is_number(b) || shared >= STEM && shared + 3 >= a.chars().count().max(b.chars().count())
}

/// How much a word says, from 0 to 1: the inverse document frequency among the English names of things, relative to that
/// of a word in none of them.
fn weight(word: &str) -> f32 {
    static NAMES: LazyLock<(HashMap<String, usize>, f32)> = LazyLock::new(|| {
        let terms = LANGUAGES.iter().take(1).flat_map(|english| english.terms.keys()).map(|name| words_of(name));
        let concepts = LEXICON.entries().iter().flat_map(|entry| entry.names.iter().cloned());
        let (mut counts, mut all): (HashMap<String, usize>, usize) = (HashMap::new(), 0);
        for words in terms.chain(concepts) {
            all += 1;
            for word in words {
                *counts.entry(word).or_default() += 1;
            }
        }
        (counts, (all as f32 + 1.0).ln())
    });
    let (counts, most) = &*NAMES;
    let count = counts.get(word).copied().unwrap_or(0);
    1.0 - (count as f32 + 1.0).ln() / most
}
