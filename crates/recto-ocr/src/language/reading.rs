//! What was read of some lines of a page, to tell its language by.

use recto_domain::Block;

use super::identify::{Identified, closest, likeliest};
use super::tongue::Tongue;

/// How sure letters are, as a share of what an engine takes for sound, that are known to it, if not well printed.
const KNOWN: f32 = 0.8;
/// What part of the text must be in lines that tell the same language as the whole.
const AGREED: f32 = 0.7;
/// What part of the letters that the first look sees is read at least.
const LEAST_READ: f32 = 0.3;
/// How many lines are asked for that.
const TELLING_LINES: usize = 30;

/// What was read of some lines in one language.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) lines: Vec<String>,
    /// Letters and digits, and the sum of how likely each is right.
    letters: f32,
    pub(super) right: f32,
    /// How many there are, by the first look.
    there: f32,
    /// The confidence from which on the engine takes a reading for sound.
    pub(super) sound: f32,
}

impl Reading {
    /// Of lines on which so many letters stand.
    pub(super) fn of(blocks: &[Block], sound: f32, there: f32) -> Self {
        let mut reading = Self { there, sound, ..Self::default() };
        for line in blocks.iter().flat_map(|block| &block.lines) {
            for word in &line.words {
                let letters = word.text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
                reading.letters += letters;
                reading.right += letters * word.confidence;
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
            there: self.there + other.there,
            ..self
        }
    }

    /// How likely a letter is right, from 0 to 1. An engine may leave out what it does not know: of letters that are
    /// there, too many must not be missing.
    pub(super) fn confidence(&self) -> f32 {
        let letters = self.letters.max(LEAST_READ * self.there);
        if letters > 0.0 { self.right / letters } else { 0.0 }
    }

    /// Whether the letters are such as the engine knows.
    pub(super) fn is_known(&self) -> bool {
        self.confidence() >= KNOWN * self.sound
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
