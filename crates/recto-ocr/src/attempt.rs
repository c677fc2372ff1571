//! One reading of a page, and its value compared with other readings.

use recto_domain::document::mean_confidence;
use recto_domain::{Affine, Block, Languages, Line, Rect, Rotation, Size, Word};

use crate::engine::{OcrEngine, OcrError};
use crate::read_page::ReadPage;

/// Two words of different readings are the same word when their boxes overlap by this share of the larger one.
const SAME_PLACE: f32 = 0.5;
/// This many letters and digits that are probably right are enough to trust the page's orientation.
const SOUND_LETTERS: f32 = 10.0;

/// One recognition of the page in one orientation.
pub(crate) struct Attempt {
    pub(crate) turn: Rotation,
    /// The slope of its lines in degrees; positive when they fall.
    pub(crate) degrees: f32,
    /// The size of the upright page.
    pub(crate) page: Size,
    /// The map from points of the picture that was read to points of the upright page.
    pub(crate) back: Affine,
    pub(crate) blocks: Vec<Block>,
}

impl Attempt {
    /// Whether it is so certain that another orientation is unlikely.
    pub(crate) fn is_sound(&self, sound: f32) -> bool {
        mean_confidence(&self.blocks).is_some_and(|c| c >= sound) && self.worth() >= SOUND_LETTERS
    }

    /// Whether the letters and digits are trusted. Punctuation, and dirt read as punctuation, do not count.
    pub(crate) fn is_sure(&self, sure: f32) -> bool {
        let (sum, all) = self.letters().fold((0.0, 0.0), |(sum, all), (n, confidence)| (sum + n * confidence, all + n));
        all > 0.0 && sum >= sure * all
    }

    /// The expected number of correct letters and digits.
    pub(crate) fn worth(&self) -> f32 {
        worth(&self.blocks)
    }

    /// Letters and digits that are more likely right than wrong, minus those that are more likely wrong. When readings
    /// of one picture are compared, further words count for a reading only as far as they are trusted.
    pub(crate) fn certainty(&self) -> f32 {
        self.letters().map(|(letters, confidence)| letters * (confidence - 0.5)).sum()
    }

    /// The number of letters and digits of each word, and its confidence.
    fn letters(&self) -> impl Iterator<Item = (f32, f32)> {
        letters(&self.blocks)
    }

    /// The blocks with their boxes on the upright page.
    pub(crate) fn finish(self) -> ReadPage {
        let Self { turn, degrees, page, back, blocks } = self;
        let line = |line: Line| {
            let words = line.words.into_iter().filter_map(|mut word| {
                word.bbox = back.apply_rect(&word.bbox).clipped(page)?;
                Some(word)
            });
            Line::of(line.angle + degrees, words.collect())
        };
        let block = |b: Block| Block::of(b.kind, b.lines.into_iter().filter_map(line).collect());
        ReadPage { blocks: blocks.into_iter().filter_map(block).collect(), turn, unread: None }
    }
}

/// Takes words that the engine's dictionary contains from other readings of a page, where this reading has words in
/// their place that the dictionary does not contain.
pub(crate) fn take_known_words(
    page: &mut ReadPage,
    others: &[ReadPage],
    engine: &mut dyn OcrEngine,
    languages: &Languages,
) -> Result<(), OcrError> {
    let others = others.iter().filter(|other| other.turn == page.turn).flat_map(|other| &other.blocks);
    let others: Vec<&Word> = others.flat_map(|b| &b.lines).flat_map(|l| &l.words).collect();
    for word in page.blocks.iter_mut().flat_map(|b| &mut b.lines).flat_map(|l| &mut l.words) {
        let Some(own) = bare(&word.text) else { continue };
        if engine.knows(own, languages)? {
            continue;
        }
        for other in others.iter().filter(|other| is_same_place(&other.bbox, &word.bbox)) {
            if let Some(text) = bare(&other.text)
                && can_stand_for(text, own)
                && engine.knows(text, languages)?
            {
                (word.text, word.confidence) = (other.text.clone(), other.confidence);
                break;
            }
        }
    }
    Ok(())
}

/// The expected number of correct letters and digits.
pub(crate) fn worth(blocks: &[Block]) -> f32 {
    letters(blocks).map(|(letters, confidence)| letters * confidence.powi(2)).sum()
}

/// The number of letters and digits of each word, and its confidence.
fn letters(blocks: &[Block]) -> impl Iterator<Item = (f32, f32)> {
    let words = blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words);
    words.map(|w| (w.text.chars().filter(|c| c.is_alphanumeric()).count() as f32, w.confidence))
}

/// Whether the boxes belong to the same word in two readings.
pub(crate) fn is_same_place(a: &Rect, b: &Rect) -> bool {
    let shared = a.intersection(b).map_or(0.0, |shared| shared.area());
    shared > SAME_PLACE * a.area().max(b.area())
}

/// A word without surrounding punctuation; `None` when it has too few letters for a dictionary look-up.
fn bare(text: &str) -> Option<&str> {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    (bare.chars().filter(|c| c.is_alphabetic()).count() >= 3).then_some(bare)
}

/// Whether a word of the dictionary may be another reading of a word: it must be long enough, because short words are
/// easily confused, and it must not be a part of the word.
fn can_stand_for(known: &str, word: &str) -> bool {
    let (letters, others) = (known.chars().count(), word.chars().count());
    letters >= 4 && 10 * letters >= 7 * others && known != word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_and_parts_of_words_stand_for_no_other() {
        assert!(can_stand_for("Summary", "Sunmimiary") && can_stand_for("Amount", "fimount"));
        assert!(!can_stand_for("PUS", "PJS") && !can_stand_for("AWAY", "T.AWAY") && !can_stand_for("away", "away"));
    }
}
