//! Whether two readings of the same place say the same.

use recto_domain::{Block, Rect, Word};
use unicode_normalization::UnicodeNormalization;

/// Words with fewer letters and digits tell little: they are found in anything.
const TELLING_LETTERS: usize = 3;
/// So do numbers with fewer digits.
const TELLING_DIGITS: usize = 2;
/// A reading with fewer right words than this confirms and refutes nothing.
const CLEAR_READING: f32 = 0.5;
/// So does one with fewer letters than this share of the layer's, as of a script that the engine does not know.
const MUCH: f32 = 0.5;
/// A layer that is right agrees with a reading in this share of the words that the reading has right: spaces, hyphens and
/// signs are read differently.
const AGREEING: f32 = 0.75;
/// The same for its numbers.
const AGREEING_NUMBERS: f32 = 0.6;
/// So few letters of telling words are no evidence in a reading of the whole page.
const LITTLE: f32 = 3.0;
/// How far a reading's boxes may lie beside those of the layer, in heights of the word.
const BESIDE: f32 = 0.4;

/// How two texts of the same place compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They say the same.
    Agrees,
    /// They do not.
    Disagrees,
    /// Too little was read, or too unsurely, to tell.
    Unclear,
}

/// How much of a page was read to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// A few lines.
    Some,
    /// All of it.
    All,
}

/// How much of a layer a reading confirms, in letters of telling words.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Agreement {
    letters: f32,
    confirmed: f32,
    digits: f32,
    confirmed_digits: f32,
    /// Letters that were read in these places.
    read: f32,
    /// Mean confidence of the reading in these places.
    sure: f32,
}

impl Agreement {
    /// Of words of a layer with what was read in their places.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a Word>, read: &[Block]) -> Self {
        let read: Vec<&Word> = read.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).collect();
        let mut agreement = Self::default();
        let (mut sure, mut weight) = (0.0, 0.0);
        for word in words {
            let place = beside(&word.bbox);
            let there: Vec<&&Word> = read.iter().filter(|other| other.bbox.intersection(&place).is_some()).collect();
            let text: String = there.iter().map(|other| folded(&other.text)).collect();
            if let Some(mean) = mean(there.iter().map(|other| other.confidence)) {
                sure += mean * word.text.len() as f32;
                weight += word.text.len() as f32;
            }
            agreement.read += text.chars().count() as f32;
            agreement.count(&word.text, &text);
        }
        agreement.sure = if weight > 0.0 { sure / weight } else { 0.0 };
        agreement
    }

    /// Of words of some lines with all that was read of these lines.
    pub(super) fn of_lines<'a>(words: impl Iterator<Item = &'a str>, read: &[Block]) -> Self {
        let all: Vec<&Word> = read.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).collect();
        let text: String = all.iter().map(|word| folded(&word.text)).collect();
        let sure = mean(all.iter().map(|w| w.confidence)).unwrap_or(0.0);
        let mut agreement = Self { sure, read: text.chars().count() as f32, ..Self::default() };
        for word in words {
            agreement.count(word, &text);
        }
        agreement
    }

    fn count(&mut self, word: &str, text: &str) {
        let word = folded(word);
        let letters = word.chars().count();
        let digits = word.chars().filter(|c| c.is_numeric()).count();
        if letters < TELLING_LETTERS && digits < TELLING_DIGITS {
            return;
        }
        let confirmed = if text.contains(&word) { 1.0 } else { 0.0 };
        self.letters += letters as f32;
        self.confirmed += confirmed * letters as f32;
        if digits >= TELLING_DIGITS {
            self.digits += digits as f32;
            self.confirmed_digits += confirmed * digits as f32;
        }
    }

    /// Whether there was nothing to compare.
    pub(super) fn is_empty(self) -> bool {
        self.letters == 0.0
    }

    /// How likely the reading's words are right.
    pub(super) fn sure(self) -> f32 {
        self.sure
    }

    /// The share of the layer's words that are right, as far as the reading tells: where that is wrong, it confirms
    /// nothing.
    pub(super) fn right(self) -> f32 {
        if self.letters == 0.0 { 1.0 } else { (self.confirmed / self.letters / self.sure.max(CLEAR_READING)).min(1.0) }
    }

    /// What the comparison shows.
    pub(super) fn verdict(self, evidence: Evidence) -> Verdict {
        let is_clear = self.sure >= CLEAR_READING && self.read >= MUCH * self.letters;
        if self.letters <= LITTLE || (!is_clear && self.confirmed < AGREEING * self.letters) {
            return Verdict::Unclear;
        }
        let words = self.confirmed >= AGREEING * self.sure * self.letters;
        let numbers = self.confirmed_digits >= AGREEING_NUMBERS * self.sure * self.digits;
        // A few lines have few numbers: each of them has to come out right, or the whole page is looked at.
        let numbers = numbers && (evidence == Evidence::All || self.confirmed_digits >= 0.9 * self.digits);
        if words && numbers { Verdict::Agrees } else { Verdict::Disagrees }
    }
}

fn beside(bbox: &Rect) -> Rect {
    let slack = BESIDE * bbox.height.min(bbox.width);
    Rect { x: bbox.x - slack, y: bbox.y, width: bbox.width + 2.0 * slack, height: bbox.height }
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f32)
}

/// Letters, their accents and digits alone, without regard to case.
pub(super) fn folded(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}
