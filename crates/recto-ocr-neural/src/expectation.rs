//! What the engine makes of which page.

use recto_ocr::{Calibration, Expectation, Profile, Survey};

use crate::alphabet::SCRIPTS;

pub(crate) const PROFILE: Profile = Profile {
    calibration: Calibration::IDENTITY,
    // A line that is read the wrong way round comes out below this.
    sound: 0.6,
    sure: 0.6,
    // It scales what it reads itself, and has no other ways.
    letters: None,
    other_ways: &[],
    scripts: SCRIPTS,
};

/// Letters of clean print from this height on are read as well as any.
const CLEAR_LETTERS: f32 = 14.0;

/// By a first look at the page. Of 10 dense pages of clean print, 99.0 % of the words were right and a page took 0.5 s of
/// a core; of 40 receipts 95 %, in 0.4 s: most of the time goes into lines, the rest into finding them.
pub(crate) fn of(page: &Survey) -> Expectation {
    let is_clear = page.letter_height.is_some_and(|height| height >= CLEAR_LETTERS) && page.half_tones < 0.05;
    Expectation { right: if is_clear { 0.99 } else { 0.95 }, seconds: 0.15 + page.letters as f32 * 0.13e-3 }
}
