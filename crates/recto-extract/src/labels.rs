//! The labels on a sheet.

use std::collections::HashMap;

use crate::candidate::Origin;
use crate::concept::Concept;
use crate::driving_licence;
use crate::label_key::Gist;
use crate::lexicon::{LEXICON, MAX_LABEL_TOKENS, MAX_SLIPS, Meaning, slips};
use crate::sheet::{Row, Sheet, Token};

/// A gap wider than this many line heights splits a label.
const LABEL_GAP: f32 = 2.5;

/// How many characters longer a misread label must be to replace an exact one.
const SLIPS: usize = 3;

/// A label with its position.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) row: usize,
    /// The indices of its words: `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    /// Its end within its last word, in bytes: in `Nummer:82`, the value follows the label.
    pub(crate) end_byte: usize,
    /// Its length in characters; longer labels are more specific.
    pub(crate) length: usize,
    /// Its possible meanings.
    pub(crate) meanings: Vec<Meaning>,
    /// Whether it was matched without errors.
    pub(crate) is_exact: bool,
    /// Whether it begins at the beginning of a word.
    pub(crate) starts_word: bool,
    /// Whether it goes on, up to a colon, with words that the meanings do not cover: `Date of the test:`.
    pub(crate) goes_on: bool,
}

impl Label {
    /// How strongly it stands for a concept, 0 to 1; `None` if it does not.
    pub(crate) fn strength(&self, concept: Concept) -> Option<f32> {
        let meaning = self.meanings.iter().find(|meaning| meaning.concept == concept)?;
        let strength = if meaning.is_weak { 0.6 } else { 1.0 };
        Some(if self.is_exact { strength } else { strength * 0.9 })
    }

    /// The origin of a value to which it leads in its row.
    pub(crate) fn beside(&self) -> Origin {
        Origin::Beside { first: self.first, end: self.end }
    }

    /// The origin of a value to which it leads in another row.
    pub(crate) fn below(&self) -> Origin {
        Origin::Below { first: self.first, end: self.end }
    }
}

/// A label made of a template's own words for a field.
#[derive(Debug, Clone)]
pub(crate) struct OwnLabel {
    /// The text without spaces.
    pub(crate) text: String,
    /// The field's index.
    pub(crate) field: usize,
    /// Whether it covers only part of the field's meaning.
    pub(crate) is_weak: bool,
}

/// All labels of a sheet, in reading order. If several match, the longest is used.
pub(crate) fn find(sheet: &Sheet, own: &[OwnLabel]) -> Vec<Label> {
    let mut owners: HashMap<&str, Vec<Meaning>> = HashMap::new();
    for OwnLabel { text, field, is_weak } in own {
        owners.entry(text).or_default().push(Meaning { concept: Concept::Own(*field), is_weak: *is_weak });
    }
    let mut labels = Vec::new();
    for index in 0..sheet.rows.len() {
        let mut fitting = fitting_in_row(sheet, index, &owners);
        // An error may have swallowed the first letter of the value: an exact label is preferred to one that is only a
        // little longer.
        let weight = |label: &Label| if label.is_exact { label.length } else { label.length.saturating_sub(SLIPS) };
        fitting.sort_by_key(|(_, label)| std::cmp::Reverse((weight(label), label.is_exact)));
        let mut taken: Vec<(std::ops::Range<usize>, Label)> = Vec::new();
        for (tokens, label) in fitting {
            if taken.iter().all(|(other, _)| other.end <= tokens.start || tokens.end <= other.start) {
                taken.push((tokens, label));
            }
        }
        taken.sort_by_key(|(tokens, _)| tokens.start);
        let mut taken = with_modifiers(taken.into_iter().map(|(_, label)| label).collect());
        for at in 0..taken.len() {
            let next = taken.get(at + 1).map_or(sheet.words.len(), |next| next.first);
            go_on_to_colon(sheet, &mut taken[at], next);
        }
        labels.extend(taken);
    }
    labels.extend(driving_licence::labels(sheet));
    labels.sort_by_key(|label| (label.row, label.first));
    labels
}

/// The labels of a row, out of all labels in reading order.
pub(crate) fn in_row(labels: &[Label], row: usize) -> impl Iterator<Item = &Label> {
    let start = labels.partition_point(|label| label.row < row);
    labels[start..].iter().take_while(move |label| label.row == row)
}

/// The words in some rows where a text, given without spaces, first occurs: exactly, or otherwise with the errors
/// allowed in a label.
pub(crate) fn first_place_of(sheet: &Sheet, rows: &[Row], key: &str) -> Option<(usize, usize)> {
    let places = rows.iter().filter_map(|row| place_in_row(sheet, row, key));
    // The first one of equals.
    places.min_by_key(|(slips, ..)| *slips).map(|(_, first, end)| (first, end))
}

/// Like [`first_place_of`], but exact matches only.
pub(crate) fn exact_place_of(sheet: &Sheet, rows: &[Row], key: &str) -> Option<(usize, usize)> {
    let mut places = rows.iter().filter_map(|row| place_in_row(sheet, row, key));
    places.find(|(slips, ..)| *slips == 0).map(|(_, first, end)| (first, end))
}

/// The place in a row where a text occurs with the fewest errors, and the number of errors.
fn place_in_row(sheet: &Sheet, row: &Row, key: &str) -> Option<(usize, usize, usize)> {
    let length = key.chars().count();
    let tokens = sheet.tokens(row);
    let mut best: Option<(usize, usize, usize)> = None;
    for start in (0..tokens.len()).filter(|start| !starts_inside(&tokens, *start)) {
        let mut text = String::new();
        for end in start..tokens.len() {
            if end > start && is_parted(sheet, &tokens[end - 1], &tokens[end]) {
                break;
            }
            text.push_str(&tokens[end].text);
            if text.chars().count() > length + MAX_SLIPS {
                break;
            }
            if let Some(slips) = slips(&text, key).filter(|slips| best.is_none_or(|best| *slips < best.0)) {
                best = Some((slips, tokens[start].word, tokens[end].word + 1));
            }
        }
    }
    best
}

fn fitting_in_row(
    sheet: &Sheet,
    index: usize,
    own: &HashMap<&str, Vec<Meaning>>,
) -> Vec<(std::ops::Range<usize>, Label)> {
    let row = &sheet.rows[index];
    let tokens = sheet.tokens(row);
    let mut fitting = Vec::new();
    for start in 0..tokens.len() {
        // Letters that begin in the middle of a word are not a label: the `no` in `12No`.
        if starts_inside(&tokens, start) {
            continue;
        }
        let (mut key, mut gist) = (String::new(), Gist::default());
        for end in start + 1..=tokens.len().min(start + MAX_LABEL_TOKENS) {
            let token = &tokens[end - 1];
            if end > start + 1 && is_parted(sheet, &tokens[end - 2], token) {
                break;
            }
            key.push_str(&token.text);
            gist.push(&token.text);
            if is_in_code(&sheet.words[token.word].text, token.end) {
                continue;
            }
            let known = |key: &str| {
                let mut meanings: Vec<Meaning> = own.get(key).cloned().unwrap_or_default();
                meanings.extend_from_slice(LEXICON.exactly(key).unwrap_or_default());
                meanings
            };
            let mut meanings = known(&key);
            if meanings.is_empty() {
                meanings = gist.key().filter(|gist| *gist != key).map(known).unwrap_or_default();
            }
            let is_exact = !meanings.is_empty();
            if !is_exact {
                let Some(alike) = LEXICON.nearly(&key) else { continue };
                meanings.extend_from_slice(alike);
            }
            let label = Label {
                row: index,
                first: tokens[start].word,
                end: token.word + 1,
                end_byte: token.end,
                length: key.chars().count(),
                meanings,
                is_exact,
                starts_word: start == 0 || tokens[start - 1].word != tokens[start].word,
                goes_on: false,
            };
            fitting.push((start..end, label));
        }
    }
    fitting
}

fn starts_inside(tokens: &[Token], start: usize) -> bool {
    start > 0
        && tokens[start - 1].word == tokens[start].word
        && tokens[start - 1].text.ends_with(|c: char| c.is_ascii_digit())
}

/// Whether a word continues like a code after its first letters: the `INV` of `INV-2026-7` is not a label.
fn is_in_code(word: &str, end: usize) -> bool {
    word.get(end..).is_some_and(|rest| rest.starts_with(['-', '/']) && rest.contains(|c: char| c.is_ascii_digit()))
}

fn is_parted(sheet: &Sheet, before: &Token, after: &Token) -> bool {
    let (before, after) = (&sheet.words[before.word].bbox, &sheet.words[after.word].bbox);
    after.x - before.right() > LABEL_GAP * before.height.max(after.height)
}

/// Joins `Total` and `incl. VAT` into one label with their combined meaning.
fn with_modifiers(labels: Vec<Label>) -> Vec<Label> {
    let mut joined: Vec<Label> = Vec::new();
    for label in labels {
        let with = label.meanings.iter().any(|m| m.concept == Concept::WithTax);
        let without = label.meanings.iter().any(|m| m.concept == Concept::WithoutTax);
        let follows = joined
            .last()
            .is_some_and(|last: &Label| label.first <= last.end + 1 && last.meanings.iter().any(|m| is_sum(m.concept)));
        match joined.last_mut() {
            Some(last) if follows && (with || without) => {
                let concept = if with { Concept::TotalGross } else { Concept::TotalNet };
                last.meanings = vec![Meaning { concept, is_weak: false }];
                (last.end, last.end_byte) = (label.end, label.end_byte);
                last.length += label.length;
            }
            _ => joined.push(label),
        }
    }
    joined
}

/// Extends a label to the colon with which its cell goes on, before the word `next`: `Name and address:` is one label,
/// and so is `Name of the wife:`.
fn go_on_to_colon(sheet: &Sheet, label: &mut Label, next: usize) {
    let last = &sheet.words[label.end - 1];
    if last.text.len() > label.end_byte {
        return;
    }
    let end = sheet.cells[last.cell].end.min(next).min(label.end + MAX_LABEL_TOKENS);
    let texts = sheet.words[label.end..end.max(label.end)].iter().map(|word| word.text.as_str());
    let words = texts.take_while(|text| !text.contains(|c: char| c.is_ascii_digit()));
    let Some(colon) = { words }.position(|text| text.ends_with(':')) else { return };
    label.goes_on = true;
    label.end += colon + 1;
    label.end_byte = sheet.words[label.end - 1].text.trim_end_matches(':').len();
}

fn is_sum(concept: Concept) -> bool {
    matches!(concept, Concept::TotalGross | Concept::TotalNet | Concept::LineTotal | Concept::AmountDue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::tests::page;

    fn meant(line: &str) -> Vec<(String, Concept)> {
        let sheet = Sheet::of(&[page(&[line])]);
        find(&sheet, &[]).iter().map(|l| (sheet.text(l.first, l.end), l.meanings[0].concept)).collect()
    }

    #[test]
    fn the_longest_label_wins() {
        assert_eq!(meant("Due date: 3 May"), [("Due date:".to_owned(), Concept::DueDate)]);
        assert_eq!(meant("Sub Total 9.00"), [("Sub Total".to_owned(), Concept::TotalNet)]);
        assert_eq!(meant("Total GST 9.00"), [("Total GST".to_owned(), Concept::TotalTax)]);
    }

    #[test]
    fn what_follows_a_total_in_brackets_changes_its_meaning() {
        assert_eq!(meant("TakeOut Total (incl GST) 13.10")[0].1, Concept::TotalGross);
        assert_eq!(meant("Total (Excluding GST): 4.54")[0].1, Concept::TotalNet);
        assert_eq!(meant("Summe exkl. MwSt 4.54")[0].1, Concept::TotalNet);
    }

    #[test]
    fn a_label_goes_on_to_the_colon_of_its_cell() {
        let labels = |line: &str| {
            let sheet = Sheet::of(&[page(&[line])]);
            find(&sheet, &[]).iter().map(|label| sheet.text(label.first, label.end)).collect::<Vec<_>>()
        };
        assert_eq!(labels("Supplier name in full: Miller"), ["Supplier name in full:"]);
        assert_eq!(labels("Total until next week: 9.00"), ["Total until next week:"]);
        assert_eq!(labels("Total 9.00 here: now"), ["Total"]);
    }

    #[test]
    fn labels_end_where_values_begin() {
        let sheet = Sheet::of(&[page(&["Kundennummer:82"])]);
        let labels = find(&sheet, &[]);
        assert_eq!((labels[0].meanings[0].concept, labels[0].end_byte), (Concept::CustomerNumber, 12));
    }
}
