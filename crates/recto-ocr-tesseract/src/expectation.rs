//! What Tesseract is sure of, what else it can try, and what it makes of which page.

use recto_ocr::{Calibration, Expectation, LetterHeights, OtherWay, Profile, Survey};

/// With ink told from its ground place by place: a shadow, a stain, a photo.
///
/// Confidence is no more than a hint: of 90 likenesses of receipts, readings that led by less than 5 % were worse than
/// the usual one twice as often as better, and on average no better.
pub(crate) const UNEVEN_GROUND: OtherWay = OtherWay { name: "uneven ground", lead: 0.05 };

/// As one block of lines across the whole picture, whatever gaps there are: a receipt, a form. It must lead by more,
/// because it takes columns for one and mixes their lines, which no word's confidence tells.
pub(crate) const ONE_BLOCK: OtherWay = OtherWay { name: "one block", lead: 0.15 };

pub(crate) const PROFILE: Profile = Profile {
    calibration: Calibration::IDENTITY,
    sound: 0.7,
    // Clean print comes out above 0.93, old books at about 0.9, neither of which the other ways improve; crumpled
    // receipts lie below.
    sure: 0.86,
    // It was trained on letters of about 10 points at 300 dpi: an `x` of 20 pixels. Of 83 pages of print that were
    // reduced, enlarging gave those with letters up to 8 pixels 3 % more words, of 9 pixels 0.7 %, and those with higher
    // ones nothing but work; on noisy ground, however, such as that of photographed receipts, it still helps letters of
    // up to 14 pixels. It shows in how little is believed of what is read.
    letters: Some(LetterHeights { low: 10.0, low_in_doubt: 14.0, good: 20.0, most: 3.0 }),
    other_ways: &[UNEVEN_GROUND, ONE_BLOCK],
    scripts: &[],
};

/// Letters of clean print from this height on are read as well as any.
const CLEAR_LETTERS: f32 = 14.0;

/// By a first look at the page.
pub(crate) fn of(page: &Survey) -> Expectation {
    let height = page.letter_height.unwrap_or(0.0);
    let is_clear = height >= CLEAR_LETTERS && page.half_tones < 0.05;
    let seconds = 0.3 + page.letters as f32 * 0.6e-3;
    if is_clear {
        Expectation { right: 0.985, seconds }
    } else {
        // Doubtful pages are read again in other ways.
        Expectation { right: 0.8, seconds: 3.0 * seconds }
    }
}
