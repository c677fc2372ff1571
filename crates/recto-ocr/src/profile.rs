//! What is to be known of an engine to make the most of it.

use crate::calibration::Calibration;

/// How far an engine's confidence is to be believed, and what it is better given or asked.
///
/// Confidences mean something else with every engine, and so do the sizes of letters that it was trained on: whoever
/// brings an engine measures them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// What its confidences are worth. The levels below, and the confidences that readers of a page see, are after it.
    pub calibration: Calibration,
    /// A reading with less than this mean confidence may come from a page that lies another way.
    pub sound: f32,
    /// A reading whose letters and digits have less than this mean confidence is compared with what the other ways of
    /// reading give.
    pub sure: f32,
    /// The height of letters that the engine wants; `None` when it scales pictures itself.
    pub letters: Option<LetterHeights>,
    /// Ways to read a doubtful picture other than the usual one, in the order in which they are tried.
    pub other_modes: &'static [RecognitionMode],
    /// Scripts it knows, as in ISO 15924 (`Latn`); empty when that depends on the models that are installed.
    pub scripts: &'static [&'static str],
}

/// Heights of letters in pixels, as [`PageStatistics::letter_height`](crate::PageStatistics::letter_height) measures them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LetterHeights {
    /// Pictures with letters lower than this are enlarged.
    pub low: f32,
    /// Pictures that came out doubtful are enlarged when their letters are lower than this.
    pub low_in_doubt: f32,
    /// What they are enlarged to…
    pub good: f32,
    /// …but by no more than this factor.
    pub most: f32,
}

/// A way to read a picture other than an engine's usual one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecognitionMode {
    /// What the engine calls it.
    pub name: &'static str,
    /// How much more certain, as a share, the reading must be than the best one so far to be taken instead.
    pub lead: f32,
    /// What it costs, in readings of the usual way.
    pub cost: f32,
}

/// What an engine expects to make of a page, by a first look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expectation {
    /// The share of words that will be right, from 0 to 1.
    pub right: f32,
    /// Seconds of one core.
    pub seconds: f32,
}

/// How many of a hundred words a second of one core is worth to whoever lets the engine be chosen.
const WORDS_A_SECOND: f32 = 1.5;

impl Expectation {
    /// What the reading is worth when nobody says which matters more, words or time.
    #[must_use]
    pub fn worth(&self) -> f32 {
        self.right - self.seconds * WORDS_A_SECOND / 100.0
    }
}
