//! Labels that say the same as a field's name: `Required By` for `required_date`, `Fecha de ingreso` for
//! `admission_date`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use recto_values::words::LANGUAGES;

use crate::concept::Concept;
use crate::labels::Label;
use crate::lexicon::{LEXICON, MAX_LABEL_TOKENS, Meaning, words_of};
use crate::sheet::{Sheet, Token};
use crate::vocabulary::{content_words, is_same, meanings, parts};

/// The least likeness of a key and a name. See [`likeness`].
const ALIKE: f32 = 0.5;
/// The share of its best agreement that another label of a name has.
const NEARLY: f32 = 0.9;
/// A meaning is certain from the likelihood of one to this.
const SURE: f32 = 1.5;
/// What another form of a word counts.
const OTHER_FORM: f32 = 0.8;
/// A text says a word that it says with more than this likelihood.
const LIKELY: f32 = 0.4;

/// The words of a field's name that a label may share.
#[derive(Debug, Clone)]
pub(crate) struct OwnName {
    /// The folded words, without articles and prepositions.
    pub(crate) words: Vec<String>,
    /// The field's index.
    pub(crate) field: usize,
}

/// The labels of a sheet that say the same as names. A label is that of the names that it agrees with best, and a name
/// has the labels that it agrees with best.
pub(crate) fn find(sheet: &Sheet, names: &[OwnName]) -> Vec<Label> {
    if names.is_empty() {
        return Vec::new();
    }
    let mut keys: Vec<Key> =
        sheet.rows.iter().enumerate().flat_map(|(index, _)| keys_in_row(sheet, index, names)).collect();
    for key in &mut keys {
        let best = key.alike.iter().map(|(_, agreement)| *agreement).fold(0.0, f32::max);
        key.alike.retain(|(_, agreement)| *agreement >= best);
    }
    let mut best = vec![0.0_f32; names.len()];
    for (name, agreement) in keys.iter().flat_map(|key| &key.alike) {
        best[*name] = best[*name].max(*agreement);
    }
    let labels = keys.into_iter().filter_map(|mut key| {
        key.alike.retain(|(name, agreement)| *agreement >= NEARLY * best[*name]);
        let meaning = |(name, _): &(usize, f32)| Meaning { concept: Concept::Own(names[*name].field), is_weak: true };
        key.label.meanings = key.alike.iter().map(meaning).collect();
        (!key.label.meanings.is_empty()).then_some(key.label)
    });
    labels.collect()
}

/// A key on the page, and the names that it is like.
struct Key {
    label: Label,
    /// Names by their place, with the agreement.
    alike: Vec<(usize, f32)>,
}

fn keys_in_row(sheet: &Sheet, index: usize, names: &[OwnName]) -> Vec<Key> {
    let row = &sheet.rows[index];
    let tokens = sheet.tokens(row);
    let mut keys = Vec::new();
    for cell in sheet.cells_of(row) {
        let Some(key) = key_in(sheet, &tokens, cell.first..cell.end) else { continue };
        let words = content_words(key.iter().map(|token| token.text.clone()));
        let words: Vec<String> = words.iter().flat_map(|word| parts(word)).collect();
        let meanings: Vec<Cow<'_, [(String, f32)]>> = words.iter().map(|word| meanings(word)).collect();
        let alike = names.iter().enumerate().map(|(at, name)| (at, said(&name.words, &words, &meanings).of_both));
        let alike: Vec<(usize, f32)> = alike.filter(|(_, agreement)| *agreement >= ALIKE).collect();
        let (Some(first), Some(last)) = (key.first(), key.last()) else { continue };
        if !alike.is_empty() {
            let label = Label {
                row: index,
                first: first.word,
                end: last.word + 1,
                end_byte: last.end,
                length: key.iter().map(|token| token.text.chars().count()).sum(),
                meanings: Vec::new(),
                is_exact: true,
                starts_word: true,
                goes_on: false,
            };
            keys.push(Key { label, alike });
        }
    }
    keys
}

/// What a text and a name say of each other. Each word counts by how rarely names have it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Said {
    /// The share of the name's words that the text says too, 0 to 1.
    pub(crate) of_name: f32,
    /// The share of the text's words that the name says too, 0 to 1.
    pub(crate) of_text: f32,
    /// The share of all their words that the other one says too, 0 to 1: a soft Dice coefficient.
    pub(crate) of_both: f32,
    /// The bits of the words of the name that the text likely says.
    pub(crate) words: u64,
}

impl Said {
    /// How much text and name agree, 0 to 1: the geometric mean of both shares.
    pub(crate) fn agreement(self) -> f32 {
        (self.of_name * self.of_text).sqrt()
    }
}

/// What the words of a text, with their meanings, and those of a name say of each other.
pub(crate) fn said(name: &[String], text: &[String], meanings: &[Cow<'_, [(String, f32)]>]) -> Said {
    let says = |word: &String, at: usize| -> f32 {
        if is_same(word, &text[at]) {
            return 1.0;
        }
        let as_meant = meanings[at].iter().map(|(meaning, likelihood)| {
            let likelihood = (SURE * likelihood).min(1.0);
            if meaning == word {
                likelihood
            } else if is_same(meaning, word) {
                OTHER_FORM * likelihood
            } else {
                0.0
            }
        });
        as_meant.fold(0.0, f32::max)
    };
    if name.is_empty() || text.is_empty() {
        return Said::default();
    }
    let (mut said_of_name, mut all_of_name, mut words) = (0.0, 0.0, 0);
    for (index, word) in name.iter().enumerate() {
        let said = (0..text.len()).map(|at| says(word, at)).fold(0.0, f32::max);
        said_of_name += weight(word) * said;
        all_of_name += weight(word);
        words |= u64::from(said > LIKELY) << index.min(63);
    }
    let (mut said_of_text, mut all_of_text) = (0.0, 0.0);
    for at in 0..text.len() {
        let weight = weight(meanings[at].first().map_or(text[at].as_str(), |(meaning, _)| meaning));
        said_of_text += weight * name.iter().map(|word| says(word, at)).fold(0.0, f32::max);
        all_of_text += weight;
    }
    let share = |said: f32, all: f32| if all > 0.0 { said / all } else { 0.0 };
    Said {
        of_name: share(said_of_name, all_of_name),
        of_text: share(said_of_text, all_of_text),
        of_both: share(said_of_name + said_of_text, all_of_name + all_of_text),
        words,
    }
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

/// How much a word says, from 0 to 1: the inverse document frequency among the English names of things, relative to that
/// of a word in none of them.
pub(crate) fn weight(word: &str) -> f32 {
    static NAMES: LazyLock<(HashMap<String, usize>, f32)> = LazyLock::new(|| {
        let terms = LANGUAGES.iter().take(1).flat_map(|english| english.terms.keys()).map(|name| words_of(name));
        let concepts = LEXICON.entries().iter().flat_map(|entry| entry.names.iter().cloned());
        let (mut counts, mut all): (HashMap<String, usize>, usize) = (HashMap::new(), 0);
        for words in terms.chain(concepts) {
            all += 1;
            for word in content_words(words.into_iter()) {
                *counts.entry(word).or_default() += 1;
            }
        }
        (counts, (all as f32 + 1.0).ln())
    });
    let (counts, most) = &*NAMES;
    let count = counts.get(word).copied().unwrap_or(0);
    1.0 - (count as f32 + 1.0).ln() / most
}
