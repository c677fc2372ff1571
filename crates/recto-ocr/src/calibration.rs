//! Maps the confidences of all engines to one scale, on which 0.9 means that nine of ten words are right.

use recto_domain::{Block, Line, Word};

/// Confidences closer to 0 or 1 than this are clamped to it.
const LEAST: f32 = 1e-3;
const MOST: f32 = 1.0 - 1e-4;
/// The log odds where the second and third of [`Calibration::slopes`] begin: those of the confidences 0.5 and 0.92.
const DOUBTED: f32 = 0.0;
const BELIEVED: f32 = 2.5;
/// Beyond this number of letters and digits, a longer word is not more likely right.
const LONG: f32 = 12.0;

/// The features of a word that predict how likely it is right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WordFeatures {
    /// The engine's confidence, from 0 to 1.
    pub confidence: f32,
    /// The mean confidence of its line.
    pub line: f32,
    /// The number of letters and digits.
    pub letters: usize,
    /// Whether any of them is a digit.
    pub has_digits: bool,
}

impl WordFeatures {
    /// The features of a word in its line.
    #[must_use]
    pub fn of(word: &Word, line: &Line) -> Self {
        Self {
            confidence: word.confidence,
            line: line.confidence(),
            letters: word.text.chars().filter(|c| c.is_alphanumeric()).count(),
            has_digits: word.text.chars().any(char::is_numeric),
        }
    }
}

/// Predicts how likely a word of an engine is right: a logistic regression on [`WordFeatures`], in which the log odds
/// of the word's confidence have different slopes for low, middle and high confidences.
///
/// The weights are maximum-likelihood estimates from words of pages with known text. `recto-bench engines` prints how
/// well they fit, and with `--words` the data for fitting them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// The intercept.
    pub base: f32,
    /// The weights of the log odds of the word's confidence: up to 0.5, from there to 0.92, and above.
    pub slopes: [f32; 3],
    /// The weight of the log odds of its line's confidence.
    pub line: f32,
    /// The weight of the logarithm of the number of its letters and digits.
    pub letters: f32,
    /// The weight of having digits.
    pub digits: f32,
}

impl Calibration {
    /// Leaves confidences unchanged.
    pub const IDENTITY: Self = Self { base: 0.0, slopes: [1.0; 3], line: 0.0, letters: 0.0, digits: 0.0 };

    /// The probability that the word is right, from 0 to 1.
    #[must_use]
    pub fn probability(&self, word: &WordFeatures) -> f32 {
        let odds = self.base
            + self.of_confidence(log_odds(word.confidence))
            + self.line * log_odds(word.line)
            + self.letters * (word.letters as f32).clamp(1.0, LONG).ln()
            + if word.has_digits { self.digits } else { 0.0 };
        1.0 / (1.0 + (-odds).exp())
    }

    fn of_confidence(&self, odds: f32) -> f32 {
        let [low, middle, high] = self.slopes;
        low * odds.min(DOUBTED) + middle * odds.clamp(DOUBTED, BELIEVED) + high * (odds - BELIEVED).max(0.0)
    }

    /// Replaces an engine's confidences by the probabilities that the words are right.
    pub fn apply(&self, blocks: &mut [Block]) {
        for line in blocks.iter_mut().flat_map(|block| &mut block.lines) {
            let likely: Vec<f32> =
                line.words.iter().map(|word| self.probability(&WordFeatures::of(word, line))).collect();
            for (word, likely) in line.words.iter_mut().zip(likely) {
                word.confidence = likely;
            }
        }
    }
}

/// The words of one line, with the probability that each is right as its confidence.
#[must_use]
pub fn calibrated(calibration: &Calibration, words: Vec<Word>) -> Vec<Word> {
    let Some(line) = Line::of(0.0, words) else { return Vec::new() };
    let likely = |word: &Word| calibration.probability(&WordFeatures::of(word, &line));
    line.words.iter().map(|word| Word { confidence: likely(word), ..word.clone() }).collect()
}

fn log_odds(confidence: f32) -> f32 {
    let p = confidence.clamp(LEAST, MOST);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_word_that_an_engine_is_surer_of_is_no_less_likely_right(
            low in 0f32..=1.0, high in 0f32..=1.0, line in 0f32..=1.0, letters in 0usize..30, has_digits in any::<bool>(),
        ) {
            let calibration = Calibration { base: 0.3, slopes: [0.4, 0.9, 0.2], line: 0.5, letters: -0.2, digits: 0.1 };
            let of = |confidence| calibration.probability(&WordFeatures { confidence, line, letters, has_digits });
            let (low, high) = (low.min(high), low.max(high));
            prop_assert!(of(low) <= of(high) && (0.0..=1.0).contains(&of(low)) && (0.0..=1.0).contains(&of(high)));
        }

        #[test]
        fn without_weights_confidences_stay_as_they_are(confidence in 0.001f32..0.9999) {
            let word = WordFeatures { confidence, line: 0.2, letters: 3, has_digits: true };
            prop_assert!((Calibration::IDENTITY.probability(&word) - confidence).abs() < 1e-4);
        }
    }
}
