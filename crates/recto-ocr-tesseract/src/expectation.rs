//! How Tesseract's confidence is calibrated, which other modes it has, and what to expect of it on a page.

use recto_domain::Languages;
use recto_ocr::{Calibration, Expectation, LetterHeights, PageStatistics, Profile, RecognitionMode, script_of};

/// Separates ink from the background by a local threshold: for shadows, stains and photos.
///
/// The confidence of a mode is only a hint. On 90 imitations of receipts, readings that led by less than 5 % were worse
/// than the default one twice as often as better, and on average they were no better.
pub(crate) const UNEVEN_GROUND: RecognitionMode = RecognitionMode { name: "uneven ground", lead: 0.05, cost: 1.1 };

/// Reads the page as one block of lines across the whole picture, ignoring gaps: for receipts and forms. It must lead
/// by more, because it merges columns and mixes their lines, which the confidence of no word shows.
pub(crate) const ONE_BLOCK: RecognitionMode = RecognitionMode { name: "one block", lead: 0.15, cost: 0.75 };

pub(crate) const PROFILE: Profile = Profile {
    // Fitted on 36,000 words of 230 pages. Its confidence is rarely above 0.96, and then the word is right.
    calibration: Calibration {
        base: -0.482,
        slopes: [0.061, 0.842, 2.426],
        line: 0.321,
        letters: 0.246,
        digits: -0.008,
    },
    sound: 0.72,
    // Clean print comes out above 0.95 and old books at about 0.93; the other modes improve neither. Crumpled receipts
    // come out below.
    sure: 0.92,
    // It was trained on letters of about 10 points at 300 dpi: an `x` of 20 pixels.
    //
    // Enlarging was tested on 83 reduced pages of print. It gave 3 % more words for letters up to 8 pixels high, 0.7 %
    // for letters of 9 pixels, and nothing for higher ones. On noisy background, as on photographed receipts, it still
    // helps letters up to 14 pixels. Such pages show by the low confidence of what is read.
    letters: Some(LetterHeights { low: 10.0, low_in_doubt: 14.0, good: 20.0, most: 3.0 }),
    other_modes: &[ONE_BLOCK, UNEVEN_GROUND],
    scripts: &[],
};

/// Scripts whose pages it reads as well as those in Latin letters: its layout analysis knows their lines, and its
/// models their digits.
const LIKE_LATIN: [&str; 4] = ["Latn", "Latf", "Cyrl", "Grek"];
/// The accuracy in other scripts relative to Latin letters. Of 108 synthetic letters and receipts in nine scripts, 0.84
/// of the characters were right, where 0.99 would be.
const OTHER_SCRIPTS: f32 = 0.85;

/// The expectation from a first look at the page: least squares over 230 pages in Latin letters. Receipts had 0.84 of
/// their words right (F1) and dense pages of clean print 0.99. Doubtful pages take longer, because they are read again
/// in other modes.
pub(crate) fn estimate(page: &PageStatistics, languages: &Languages) -> Expectation {
    let height = page.letter_height.unwrap_or(0.0).min(30.0) / 30.0;
    let letters = (page.letters as f32).max(1.0);
    let right = 0.200 + 0.243 * height - 1.420 * page.half_tones + 0.084 * letters.ln();
    let is_other = |code: &String| script_of(code).is_some_and(|script| !LIKE_LATIN.contains(&script));
    let share = if languages.codes().iter().any(is_other) { OTHER_SCRIPTS } else { 1.0 };
    Expectation { right: share * right.clamp(0.0, 0.995), seconds: 0.29 + letters * 0.14e-3 }
}

/// The time for a picture in seconds of a core: least squares over pictures of 0.3 to 33 million pixels.
pub(crate) fn cost(pixels: usize, letters: usize) -> f32 {
    0.02 + pixels as f32 * 2e-8 + letters as f32 * 0.12e-3
}
