//! The reading of some lines of a page, for identifying their language.

use recto_domain::{Block, Rect};

use super::identify::{Identified, closest, likeliest};
use super::tongue::Tongue;

/// The confidence of letters that the engine knows, even if badly printed, as a share of what it considers sound.
const KNOWN: f32 = 0.8;
/// The same for letters that it knows beyond doubt. Tesseract read pages in 8 scripts with the models of 10 scripts. No
/// letters reached this confidence with another script's model, and all but one of 16 pages did with their own.
const SURELY_KNOWN: f32 = 1.15;
/// The share of the text that must be in lines with the same language as the whole.
const AGREED: f32 = 0.7;
/// A word belongs to the language it was read in if it has at least this many letters and at least this confidence.
const SURE_WORD: (f32, f32) = (3.0, 0.8);
/// A word with a lower confidence does not belong to that language.
const HOPELESS_WORD: f32 = 0.3;
/// The least shares of sure and of hopeless words in a text that make it one in two languages.
const SOME: f32 = 0.05;
const SOME_HOPELESS: f32 = 0.1;
/// The same for words in another script than that of the first language.
const SOME_OTHERS: f32 = 0.1;
/// How many lines are examined for that.
const TELLING_LINES: usize = 30;

/// The reading of some lines in one language.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) lines: Vec<String>,
    /// The number of letters and digits, and the expected number of correct ones.
    letters: f32,
    pub(super) right: f32,
    /// The number of letters in sure words, and the boxes of these words, in points.
    sure: f32,
    sure_words: Vec<Rect>,
    /// The number of letters in hopeless words.
    hopeless: f32,
    /// The number of letters in sure words with Latin letters, and in sure words with others.
    sure_latin: f32,
    sure_others: f32,
    /// The least number of letters on the lines.
    least: f32,
    /// The confidence from which the engine considers a reading sound.
    pub(super) sound: f32,
}

impl Reading {
    /// The reading of lines that have at least `least` letters.
    pub(super) fn of(blocks: &[Block], sound: f32, least: f32) -> Self {
        let mut reading = Self { least, sound, ..Self::default() };
        for line in blocks.iter().flat_map(|block| &block.lines) {
            for word in &line.words {
                let letters = word.text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
                reading.letters += letters;
                reading.right += letters * word.confidence;
                if letters >= SURE_WORD.0 && word.confidence >= SURE_WORD.1 {
                    reading.sure += letters;
                    if is_latin(&word.text) {
                        reading.sure_latin += letters;
                    } else if word.text.chars().any(char::is_alphabetic) {
                        reading.sure_others += letters;
                    }
                    reading.sure_words.push(word.bbox);
                } else if word.confidence < HOPELESS_WORD {
                    reading.hopeless += letters;
                }
            }
            reading.lines.push(line.text());
        }
        reading
    }

    /// Combined with the reading of further lines.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.lines.extend(other.lines);
        Self {
            letters: self.letters + other.letters,
            right: self.right + other.right,
            least: self.least + other.least,
            ..self
        }
    }

    /// The probability that a letter is right, from 0 to 1. An engine may leave out letters that it does not know, so
    /// letters missing from the least number count as wrong.
    pub(super) fn confidence(&self) -> f32 {
        let letters = self.letters.max(self.least);
        if letters > 0.0 { self.right / letters } else { 0.0 }
    }

    /// The probability that a letter is wrong or missing, from 0 to 1.
    pub(super) fn doubt(&self) -> f32 {
        1.0 - self.confidence()
    }

    /// Whether the engine knows the letters.
    pub(super) fn is_known(&self) -> bool {
        self.confidence() >= KNOWN * self.sound
    }

    /// Whether the engine knows the letters beyond doubt.
    pub(super) fn is_surely_known(&self) -> bool {
        self.confidence() >= SURELY_KNOWN * self.sound
    }

    /// The boxes of the sure words, in points, if there are hopeless words as well.
    pub(super) fn some_words(&self) -> Option<&[Rect]> {
        let all = self.letters.max(self.least);
        let hopeless = self.hopeless + all - self.letters;
        (self.sure >= SOME * all && hopeless >= SOME_HOPELESS * all).then_some(self.sure_words.as_slice())
    }

    /// The reading without words in Latin letters, which say nothing about a language in another script.
    pub(super) fn without_latin(mut self) -> Self {
        for line in &mut self.lines {
            let others: Vec<&str> = line.split(' ').filter(|word| !is_latin(word)).collect();
            *line = others.join(" ");
        }
        self
    }

    /// Whether there are sure words in letters other than Latin.
    pub(super) fn has_other_words(&self) -> bool {
        self.sure_others >= SOME_OTHERS * self.letters.max(1.0)
    }

    /// Whether there are sure words in Latin letters.
    pub(super) fn has_latin_words(&self) -> bool {
        self.sure_latin >= SOME * self.letters.max(1.0)
    }

    /// The most likely of some languages.
    pub(super) fn likeliest(&self, is_among: impl Fn(&Tongue) -> bool) -> Option<Identified> {
        likeliest(&self.lines.join(" "), is_among)
    }

    /// The language that the text is clearly in, if most of its lines agree. Receipts consist of names and headings,
    /// which look like different languages line by line.
    pub(super) fn clear(&self) -> Option<&'static Tongue> {
        let found = self.likeliest(|_| true).filter(Identified::is_clear)?;
        let (mut agreed, mut all) = (0, 0);
        for line in self.lines.iter().take(TELLING_LINES) {
            let letters = line.chars().filter(|c| c.is_alphabetic()).count();
            all += letters;
            if closest(line, |_| true) == Some(found.tongue) {
                agreed += letters;
            }
        }
        (agreed as f32 >= AGREED * all as f32).then_some(found.tongue)
    }
}

/// Whether a word has letters and all of them are Latin.
fn is_latin(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|c| c < '\u{250}')
}
