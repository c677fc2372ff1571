//! Properties of an engine that its readings are interpreted with.

use crate::calibration::Calibration;

/// How far to trust an engine's confidences, and which input and modes suit it.
///
/// Confidences have a different meaning for each engine, and so do the letter sizes it was trained on. Whoever adds an
/// engine must measure them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// The meaning of its confidences. The thresholds below, and the confidences that users see, are calibrated.
    pub calibration: Calibration,
    /// A reading with a lower mean confidence may be of a page in another orientation.
    pub sound: f32,
    /// A reading whose letters and digits have a lower mean confidence is compared with the engine's other modes.
    pub sure: f32,
    /// The letter heights that suit the engine; `None` when it scales pictures itself.
    pub letters: Option<LetterHeights>,
    /// Other modes for reading a doubtful picture, in the order in which they are tried.
    pub other_modes: &'static [RecognitionMode],
    /// The scripts it knows, as in ISO 15924 (`Latn`); empty when that depends on the installed models.
    pub scripts: &'static [&'static str],
}

/// Letter heights in pixels, as measured by [`PageStatistics::letter_height`](crate::PageStatistics::letter_height).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LetterHeights {
    /// Pictures with lower letters are enlarged.
    pub low: f32,
    /// Pictures with doubtful readings are enlarged when their letters are lower than this.
    pub low_in_doubt: f32,
    /// The letter height after enlarging, …
    pub good: f32,
    /// … limited to this factor.
    pub most: f32,
}

/// An engine's mode besides the usual one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecognitionMode {
    /// The engine's name for it.
    pub name: &'static str,
    /// How much more certain its reading must be to replace the best one so far, as a share.
    pub lead: f32,
    /// Its cost, in readings in the usual mode.
    pub cost: f32,
}

/// What an engine expects of a page after a first look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expectation {
    /// The share of words expected to be right, from 0 to 1.
    pub right: f32,
    /// The cost in seconds of one core.
    pub seconds: f32,
}

/// The value of one second of one core, in percentage points of correct words, when the engine is chosen automatically.
const WORDS_A_SECOND: f32 = 1.5;

impl Expectation {
    /// The value of the reading when nobody says whether words or time matter more.
    #[must_use]
    pub fn worth(&self) -> f32 {
        self.right - self.seconds * WORDS_A_SECOND / 100.0
    }
}
