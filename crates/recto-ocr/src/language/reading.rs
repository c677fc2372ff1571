//! What was read of some lines of a page, to tell its language by.

use recto_domain::{Block, Rect};

use super::identify::{Identified, closest, likeliest};
use super::tongue::Tongue;

/// How sure letters are, as a share of what an engine takes for sound, that are known to it, if not well printed.
const KNOWN: f32 = 0.8;
/// The same for those of which there is no doubt. On pages in 8 scripts that Tesseract read with the models of 10, no
/// letters came out as sure as this with another script's model, and all but one of 16 pages with their own.
const SURELY_KNOWN: f32 = 1.15;
/// What part of the text must be in lines that tell the same language as the whole.
const AGREED: f32 = 0.7;
/// A word of at least so many letters that is likely right by this much is one of the language it was read in.
const SURE_WORD: (f32, f32) = (3.0, 0.8);
/// A word that is right with less than this likelihood is none of that language.
const HOPELESS_WORD: f32 = 0.3;
/// The least parts of a text, in words that are surely right and in such as are none, that make it one in two languages.
const SOME: f32 = 0.05;
const SOME_HOPELESS: f32 = 0.1;
/// The same for words in other letters than those of the language that was there first.
const SOME_OTHERS: f32 = 0.1;
/// How many lines are asked for that.
const TELLING_LINES: usize = 30;

/// What was read of some lines in one language.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) lines: Vec<String>,
    /// Letters and digits, and the sum of how likely each is right.
    letters: f32,
    pub(super) right: f32,
    /// Letters of words that are surely right, and where those stand, in points.
    sure: f32,
    sure_words: Vec<Rect>,
    /// Letters of words that are none.
    hopeless: f32,
    /// Those of the sure ones in Latin letters, and those in others.
    sure_latin: f32,
    sure_others: f32,
    /// How many there are at least.
    least: f32,
    /// The confidence from which on the engine takes a reading for sound.
    pub(super) sound: f32,
}

impl Reading {
    /// Of lines on which at least so many letters stand.
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

    /// With what was read of further lines.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.lines.extend(other.lines);
        Self {
            letters: self.letters + other.letters,
            right: self.right + other.right,
            least: self.least + other.least,
            ..self
        }
    }

    /// How likely a letter is right, from 0 to 1. An engine may leave out what it does not know: what is
    /// missing of the least that there are is wrong.
    pub(super) fn confidence(&self) -> f32 {
        let letters = self.letters.max(self.least);
        if letters > 0.0 { self.right / letters } else { 0.0 }
    }

    /// How likely a letter is wrong or missing, from 0 to 1.
    pub(super) fn doubt(&self) -> f32 {
        1.0 - self.confidence()
    }

    /// Whether the letters are such as the engine knows.
    pub(super) fn is_known(&self) -> bool {
        self.confidence() >= KNOWN * self.sound
    }

    /// Whether there is no doubt of that.
    pub(super) fn is_surely_known(&self) -> bool {
        self.confidence() >= SURELY_KNOWN * self.sound
    }

    /// Where words stand that are surely right, if others are none at all; in points.
    pub(super) fn some_words(&self) -> Option<&[Rect]> {
        let all = self.letters.max(self.least);
        let hopeless = self.hopeless + all - self.letters;
        (self.sure >= SOME * all && hopeless >= SOME_HOPELESS * all).then_some(self.sure_words.as_slice())
    }

    /// Without the words in Latin letters, which tell nothing about a language in others.
    pub(super) fn without_latin(mut self) -> Self {
        for line in &mut self.lines {
            let others: Vec<&str> = line.split(' ').filter(|word| !is_latin(word)).collect();
            *line = others.join(" ");
        }
        self
    }

    /// Whether there are words in other letters than Latin ones that are surely right.
    pub(super) fn has_other_words(&self) -> bool {
        self.sure_others >= SOME_OTHERS * self.letters.max(1.0)
    }

    /// Whether there are words in Latin letters that are surely right.
    pub(super) fn has_latin_words(&self) -> bool {
        self.sure_latin >= SOME * self.letters.max(1.0)
    }

    /// The language that the text is likely in, among some.
    pub(super) fn likeliest(&self, is_among: impl Fn(&Tongue) -> bool) -> Option<Identified> {
        likeliest(&self.lines.join(" "), is_among)
    }

    /// The language that the text clearly is in, and most of its lines rather than in another: names and headings, of
    /// which receipts consist, are each in another one.
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

/// Whether a word has letters, all of them Latin.
fn is_latin(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|c| c < '\u{250}')
}
