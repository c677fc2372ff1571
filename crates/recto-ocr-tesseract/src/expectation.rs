//! What Tesseract is sure of, what else it can try, and what it makes of which page.

use recto_domain::Languages;
use recto_ocr::{Calibration, Expectation, LetterHeights, PageStatistics, Profile, RecognitionMode, script_of};

/// With ink told from its ground place by place: a shadow, a stain, a photo.
///
/// Confidence is no more than a hint: of 90 likenesses of receipts, readings that led by less than 5 % were worse than
/// the usual one twice as often as better, and on average no better.
pub(crate) const UNEVEN_GROUND: RecognitionMode = RecognitionMode { name: "uneven ground", lead: 0.05, cost: 1.1 };

/// As one block of lines across the whole picture, whatever gaps there are: a receipt, a form. It must lead by more,
/// because it takes columns for one and mixes their lines, which no word's confidence tells.
pub(crate) const ONE_BLOCK: RecognitionMode = RecognitionMode { name: "one block", lead: 0.15, cost: 0.75 };

pub(crate) const PROFILE: Profile = Profile {
    // Of 36,000 words on 230 pages. It is rarely surer than 0.96, and then it is right.
    calibration: Calibration {
        base: -0.482,
        slopes: [0.061, 0.842, 2.426],
        line: 0.321,
        letters: 0.246,
        digits: -0.008,
    },
    sound: 0.72,
    // Clean print comes out above 0.95, old books at about 0.93, neither of which the other ways improve; crumpled
    // receipts lie below.
    sure: 0.92,
    // It was trained on letters of about 10 points at 300 dpi: an `x` of 20 pixels. Of 83 pages of print that were
    // reduced, enlarging gave those with letters up to 8 pixels 3 % more words, of 9 pixels 0.7 %, and those with higher
    // ones nothing but work; on noisy ground, however, such as that of photographed receipts, it still helps letters of
    // up to 14 pixels. It shows in how little is believed of what is read.
    letters: Some(LetterHeights { low: 10.0, low_in_doubt: 14.0, good: 20.0, most: 3.0 }),
    other_modes: &[ONE_BLOCK, UNEVEN_GROUND],
    scripts: &[],
};

/// Scripts whose pages it reads like those in Latin letters: its layout knows their lines, and its models their digits.
const LIKE_LATIN: [&str; 4] = ["Latn", "Latf", "Cyrl", "Grek"];
/// What part it gets right in other scripts of what it would in Latin letters: of 108 made letters and receipts in nine
/// scripts, .84 of the characters, where .99 would be.
const OTHER_SCRIPTS: f32 = 0.85;

/// By a first look at the page: least squares over 230 pages in Latin letters, of which receipts had 0.84 of their words
/// right (F1) and dense pages of clean print 0.99. Doubtful pages take longer, because they are read again in other ways.
pub(crate) fn of(page: &PageStatistics, languages: &Languages) -> Expectation {
    let height = page.letter_height.unwrap_or(0.0).min(30.0) / 30.0;
    let letters = (page.letters as f32).max(1.0);
    let right = 0.200 + 0.243 * height - 1.420 * page.half_tones + 0.084 * letters.ln();
    let is_other = |code: &String| script_of(code).is_some_and(|script| !LIKE_LATIN.contains(&script));
    let share = if languages.codes().iter().any(is_other) { OTHER_SCRIPTS } else { 1.0 };
    Expectation { right: share * right.clamp(0.0, 0.995), seconds: 0.29 + letters * 0.14e-3 }
}

/// The seconds of a core that a picture takes: least squares over pictures of 0.3 to 33 million pixels.
pub(crate) fn cost(pixels: usize, letters: usize) -> f32 {
    0.02 + pixels as f32 * 2e-8 + letters as f32 * 0.12e-3
}
