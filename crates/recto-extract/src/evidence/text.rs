//! Searches for texts among the words of pages, regardless of spacing, wrapping, capitals, and recognition errors.

use std::ops::Range;

use recto_domain::{Page, Rect};
use recto_values::fold;

use super::place::EvidencePlace;
use crate::sheet::Sheet;

/// The certainty of a text that differs from the value only in look-alike characters.
const LOOKALIKE: f32 = 0.95;
/// The certainty of a text that differs in a few letters.
const ALIKE: f32 = 0.88;
/// One letter in this many may differ, but no digit: another digit makes another number.
const CHARACTERS_A_SLIP: usize = 8;
/// Longer values, in words, are not searched in parts.
const MAX_WORDS: usize = 80;
/// A line that continues a value begins at most this many line heights below the last one.
const NEXT_LINE: f32 = 2.6;
/// The separator of pages; no value contains it.
const PAGE_BREAK: char = '\u{c}';

/// The words of a document in one order, as one text of letters and digits.
#[derive(Debug, Default)]
pub(super) struct Text {
    words: Vec<Printed>,
    /// The folded text without spaces and signs.
    letters: String,
    /// The same text with one representative for all characters that look alike; it has the same length in bytes.
    lookalikes: String,
    /// The word of each byte of `letters`.
    word_of: Vec<usize>,
    /// Whether a value may begin or end before each byte of `letters`.
    breaks: Vec<bool>,
}

#[derive(Debug)]
struct Printed {
    page: u32,
    text: String,
    letters: String,
    bbox: Rect,
    confidence: f32,
}

impl Printed {
    fn new(page: u32, text: &str, bbox: Rect, confidence: f32) -> Self {
        Self { page, text: text.to_owned(), letters: letters_of(text).0, bbox, confidence }
    }
}

impl Text {
    /// The words of pages in the engine's reading order.
    pub(super) fn in_reading_order(pages: &[Page]) -> Self {
        let words = pages.iter().flat_map(|page| page.words().map(|word| (page.number, word)));
        Self::of(words.map(|(page, word)| Printed::new(page, &word.text, word.bbox, word.confidence)))
    }

    /// The words of a sheet row by row.
    pub(super) fn in_rows(sheet: &Sheet) -> Self {
        let words = sheet.words.iter();
        Self::of(words.map(|word| Printed::new(sheet.rows[word.row].page, &word.text, word.place, word.confidence)))
    }

    fn of(words: impl Iterator<Item = Printed>) -> Self {
        let mut text = Self::default();
        for word in words {
            if text.words.last().is_some_and(|last| last.page != word.page) {
                text.push(PAGE_BREAK, true);
            }
            let (letters, breaks) = letters_of(&word.text);
            text.words.push(word);
            for (c, may_break) in letters.chars().zip(breaks) {
                text.push(c, may_break);
            }
        }
        text.breaks.push(true);
        text
    }

    fn push(&mut self, c: char, may_break: bool) {
        self.letters.push(c);
        self.lookalikes.push(lookalike(c));
        let word = self.words.len().saturating_sub(1);
        for byte in 0..c.len_utf8() {
            self.word_of.push(word);
            self.breaks.push(may_break && byte == 0);
        }
    }

    /// The places of a value: exact matches if there are any, otherwise matches with recognition errors, otherwise
    /// matches in parts on consecutive lines.
    pub(super) fn find(&self, value: &str) -> Vec<EvidencePlace> {
        let whole = self.find_whole(value);
        if whole.is_empty() { self.in_parts(value).into_iter().collect() } else { whole }
    }

    fn find_whole(&self, value: &str) -> Vec<EvidencePlace> {
        let (letters, _) = letters_of(value);
        if letters.is_empty() {
            return Vec::new();
        }
        let exact = self.matches(&self.letters, &letters, 1.0);
        if !exact.is_empty() {
            return exact;
        }
        let lookalikes: String = letters.chars().map(lookalike).collect();
        let slipped = self.matches(&self.lookalikes, &lookalikes, LOOKALIKE);
        if slipped.is_empty() { self.alike(&letters) } else { slipped }
    }

    fn matches(&self, text: &str, value: &str, likeness: f32) -> Vec<EvidencePlace> {
        text.match_indices(value)
            .map(|(start, found)| start..start + found.len())
            .filter(|range| self.breaks[range.start] && self.breaks[range.end])
            .filter_map(|range| self.place(self.word_of[range.start]..self.word_of[range.end - 1] + 1, likeness))
            .collect()
    }

    /// The places of words that differ from a long value in few letters and in no digit.
    fn alike(&self, value: &str) -> Vec<EvidencePlace> {
        let length = value.chars().count();
        let slips = length / CHARACTERS_A_SLIP;
        if slips == 0 {
            return Vec::new();
        }
        let (wanted, tally) = (figures(value), Tally::of(value));
        let mut found = Vec::new();
        for first in 0..self.words.len() {
            let (mut letters, mut count) = (String::new(), 0);
            for end in first + 1..=self.words.len() {
                let word = &self.words[end - 1];
                letters.push_str(&word.letters);
                count += word.letters.chars().count();
                if word.page != self.words[first].page || count > length + slips {
                    break;
                }
                let is_alike = count + slips >= length
                    && tally.difference(&Tally::of(&letters)) <= 2 * slips
                    && figures(&letters) == wanted
                    && strsim::levenshtein(&letters, value) <= slips;
                if is_alike {
                    found.extend(self.place(first..end, ALIKE));
                    break;
                }
            }
        }
        found
    }

    /// A place where a value continues over lines with other words between them, such as those of a neighbouring
    /// column.
    fn in_parts(&self, value: &str) -> Option<EvidencePlace> {
        let has_letters = |word: &&str| word.contains(char::is_alphanumeric);
        let words: Vec<&str> = value.split_whitespace().filter(has_letters).collect();
        if !(4..=MAX_WORDS).contains(&words.len()) {
            return None;
        }
        let mut parts: Vec<EvidencePlace> = Vec::new();
        let mut rest = words.as_slice();
        while !rest.is_empty() {
            let (count, part) = self.longest_start(rest, parts.last())?;
            parts.push(part);
            rest = &rest[count..];
        }
        // Single words can be gathered from anywhere, so most parts must have several words.
        if parts.len() * 2 > words.len() {
            return None;
        }
        EvidencePlace::around(&parts)
    }

    /// The longest run of the first words that stands together where the text may continue: their number and their
    /// place.
    fn longest_start(&self, words: &[&str], last: Option<&EvidencePlace>) -> Option<(usize, EvidencePlace)> {
        let mut longest = None;
        for count in 1..=words.len() {
            let (letters, _) = letters_of(&words[..count].join(" "));
            let mut places = self.matches(&self.letters, &letters, 1.0).into_iter();
            match places.find(|place| last.is_none_or(|last| goes_on(last, place))) {
                Some(place) => longest = Some((count, place)),
                // If fewer words are not found, more are not found either.
                None => break,
            }
        }
        longest
    }

    fn place(&self, words: Range<usize>, likeness: f32) -> Option<EvidencePlace> {
        let words = self.words.get(words)?;
        let confidence = words.iter().map(|word| word.confidence).sum::<f32>() / words.len().max(1) as f32;
        Some(EvidencePlace {
            page: words.first()?.page,
            bbox: Rect::around(words.iter().map(|word| word.bbox))?,
            raw: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
            certainty: likeness * (0.6 + 0.4 * confidence),
        })
    }
}

fn goes_on(last: &EvidencePlace, next: &EvidencePlace) -> bool {
    let height = last.bbox.height.max(next.bbox.height);
    let down = next.bbox.y - last.bbox.y;
    last.page == next.page && down > -0.5 * height && next.bbox.y - last.bbox.bottom() < NEXT_LINE * height
}

/// The folded letters and digits of a text, and whether a value may begin or end before each: at boundaries of words
/// and signs, and between letters and digits. Separators within numbers are kept as one character: `1.50` is not `150`.
fn letters_of(text: &str) -> (String, Vec<bool>) {
    let folded: Vec<char> = fold(text).chars().collect();
    let (mut letters, mut breaks) = (String::new(), Vec::new());
    let mut last: Option<char> = None;
    for (at, &c) in folded.iter().enumerate() {
        let is_figure = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
        let is_mark = matches!(c, '.' | ',')
            && is_figure(at.checked_sub(1).and_then(|at| folded.get(at)))
            && is_figure(folded.get(at + 1));
        if !c.is_alphanumeric() && !is_mark {
            last = None;
            continue;
        }
        let may_break = last.is_none_or(|last| !is_mark && last != '.' && last.is_ascii_digit() != c.is_ascii_digit());
        let c = if is_mark { '.' } else { c };
        letters.push(c);
        breaks.push(may_break);
        last = Some(c);
    }
    (letters, breaks)
}

/// The representative of all characters that recognition confuses with each other.
fn lookalike(c: char) -> char {
    match c {
        'o' | 'q' | 'd' => '0',
        'l' | 'i' => '1',
        'z' => '2',
        's' => '5',
        'b' => '8',
        c => c,
    }
}

fn figures(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The number of occurrences of each letter: texts whose tallies differ much cannot be alike.
struct Tally([i16; 32]);

impl Tally {
    fn of(text: &str) -> Self {
        let mut tally = [0; 32];
        for c in text.chars() {
            tally[c as usize % 32] += 1;
        }
        Self(tally)
    }

    fn difference(&self, other: &Self) -> usize {
        self.0.iter().zip(other.0).map(|(a, b)| usize::from(a.abs_diff(b))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::tests::page;

    fn raws(lines: &[&str], value: &str) -> Vec<String> {
        let text = Text::in_reading_order(&[page(lines)]);
        text.find(value).into_iter().map(|place| place.raw).collect()
    }

    #[test]
    fn texts_are_found_whatever_parts_or_decorates_their_words() {
        let lines = ["Acme Wid-", "gets LTD. Nummer:82 IBAN DE88 2008 0000", "due 1.50 EUR"];
        assert_eq!(raws(&lines, "ACME  Widgets Ltd"), ["Acme Wid- gets LTD."]);
        assert_eq!(raws(&lines, "82"), ["Nummer:82"]);
        assert_eq!(raws(&lines, "DE8820080000"), ["DE88 2008 0000"]);
        assert_eq!(raws(&lines, "cme"), [] as [&str; 0]);
        assert_eq!(raws(&lines, "150"), [] as [&str; 0]);
        assert_eq!(raws(&lines, "—"), [] as [&str; 0]);
    }

    #[test]
    fn slips_of_recognition_are_seen_through_and_other_figures_are_not() {
        let lines = ["lNV-2O26-42", "Grunwald Maschinenhau GmbH"];
        assert_eq!(raws(&lines, "INV-2026-42"), ["lNV-2O26-42"]);
        assert_eq!(raws(&lines, "INV-2026-43"), [] as [&str; 0]);
        assert_eq!(raws(&lines, "Grünwald Maschinenbau GmbH"), ["Grunwald Maschinenhau GmbH"]);
    }

    #[test]
    fn a_text_goes_on_below_beside_another_column() {
        let lines = ["Jane Doe         Invoice No: 7", "7 Church Road    Date: 3 May", "Leeds LS1 4DY    Due: 9 May"];
        assert_eq!(raws(&lines, "Jane Doe, 7 Church Road, Leeds LS1 4DY"), ["Jane Doe\n7 Church Road\nLeeds LS1 4DY"]);
        assert_eq!(raws(&lines, "Jane Leeds Date Road"), [] as [&str; 0]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_for_without_harm(line in ".{0,60}", value in ".{0,20}") {
            let _ = raws(&[&line], &value);
        }
    }
}
