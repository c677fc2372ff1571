//! Whether two readings of the same place agree.

use recto_domain::{Block, Rect, Word};
use unicode_normalization::UnicodeNormalization;

/// The fewest letters and digits of a word that is evidence; shorter words occur anywhere.
const TELLING_LETTERS: usize = 3;
/// The fewest digits of a number that is evidence.
const TELLING_DIGITS: usize = 2;
/// A reading with a smaller share of correct words neither confirms nor refutes anything.
const CLEAR_READING: f32 = 0.5;
/// The same applies to a reading with fewer letters than this share of the layer's, for example in a script that the
/// engine does not know.
const MUCH: f32 = 0.5;
/// A correct layer agrees with a reading in at least this share of the words that the reading has right: spaces,
/// hyphens and signs are read differently.
const AGREEING: f32 = 0.75;
/// The same for its numbers.
const AGREEING_NUMBERS: f32 = 0.6;
/// Fewer letters of significant words are no evidence in a reading of the whole page.
const LITTLE: f32 = 3.0;
/// How far a reading's boxes may be displaced from those of the layer, in heights of the word.
const BESIDE: f32 = 0.4;

/// The result of comparing two texts of the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They agree.
    Agrees,
    /// They do not.
    Disagrees,
    /// Too little was read, or with too little confidence.
    Unclear,
}

/// How much of a page was read for the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// A few lines.
    Some,
    /// All of it.
    All,
}

/// How much of a layer a reading confirms, in letters of significant words.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Agreement {
    letters: f32,
    confirmed: f32,
    digits: f32,
    confirmed_digits: f32,
    /// The number of letters read in these places.
    read: f32,
    /// The mean confidence of the reading in these places.
    sure: f32,
}

impl Agreement {
    /// Compares words of a layer with the reading at their places.
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

    /// Compares the words of some lines with everything that was read in these lines.
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

    /// The probability that the reading's words are right.
    pub(super) fn sure(self) -> f32 {
        self.sure
    }

    /// The share of the layer's words that are right, as far as the reading shows: where the reading is wrong, it
    /// confirms nothing.
    pub(super) fn right(self) -> f32 {
        if self.letters == 0.0 { 1.0 } else { (self.confirmed / self.letters / self.sure.max(CLEAR_READING)).min(1.0) }
    }

    /// The result of the comparison.
    pub(super) fn verdict(self, evidence: Evidence) -> Verdict {
        let is_clear = self.sure >= CLEAR_READING && self.read >= MUCH * self.letters;
        if self.letters <= LITTLE || (!is_clear && self.confirmed < AGREEING * self.letters) {
            return Verdict::Unclear;
        }
        let words = self.confirmed >= AGREEING * self.sure * self.letters;
        let numbers = self.confirmed_digits >= AGREEING_NUMBERS * self.sure * self.digits;
        // A few lines contain few numbers: each of them must be read correctly, or the whole page is examined.
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

/// The letters with their accents, and the digits, without case.
pub(super) fn folded(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}
