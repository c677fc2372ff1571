//! How large the letters of each line are taken for.
//!
//! Boxes around the ink are lower for "seen" than for "Light", and readers keep lines of different sizes apart, or such
//! as lie far apart for their size: a paragraph would fall into pieces. So most lines of a page share one size, as they
//! do in print, which fills the lines as far as they lie apart.

use super::Placed;
use super::stand::median;

/// Lines from so much of the usual height …
const LOWEST: f64 = 0.72;
/// … to so much have the usual size.
const HIGHEST: f64 = 1.38;
/// Other sizes lie so much apart.
const STEP: f64 = 1.3;
/// What letters fill of the way from one line to the next.
const FILLED: f64 = 1.1;
/// Lines of letters of so much of the way from one to the next are read one after the other …
const TOGETHER: f64 = 0.72;
/// … and of those with less, the pieces that lie beside each other.
const APART: f64 = 0.62;
/// The largest letters, in parts of the height of their ink.
const LARGEST: f64 = 1.9;
/// The smallest size, in points.
const SMALLEST: f64 = 0.1;

/// The sizes on one page.
pub(super) struct Sizes {
    /// Height of most lines.
    height: f64,
    /// Size of their letters.
    size: f64,
}

impl Sizes {
    /// The usual size is that of most letters.
    pub(super) fn of(lines: &[Placed<'_>]) -> Self {
        let heights = lines.iter().flat_map(|line| std::iter::repeat_n(line.block_height, line.letters()));
        let height = median(heights.collect()).unwrap_or(SMALLEST).max(SMALLEST);
        let usual = |line: &&Placed<'_>| (LOWEST..HIGHEST).contains(&(line.block_height / height));
        let pitches = lines.iter().filter(usual).filter_map(|line| Some((line.block_pitch?, line.letters())));
        let pitch = median(pitches.flat_map(|(pitch, letters)| std::iter::repeat_n(pitch, letters)).collect());
        let size = pitch.map_or(height, |pitch| (FILLED * pitch).clamp(height, LARGEST * height));
        Self { height, size }
    }

    /// The size of a line's letters, in points.
    pub(super) fn size(&self, line: &Placed<'_>) -> f64 {
        let (own, block) = (line.whole.height(), line.block_height);
        let alike = (LOWEST * block..HIGHEST * block).contains(&own);
        let height = if alike { block } else { own };
        let ratio = height / self.height;
        let mut size = if (LOWEST..HIGHEST).contains(&ratio) {
            self.size
        } else {
            self.size * STEP.powf((ratio.ln() / STEP.ln()).round())
        };
        if let Some(pitch) = line.block_pitch {
            size = if line.has_columns {
                size.min(APART * pitch)
            } else {
                // Lines that lie closer than is usual must stay apart, and those that lie farther together.
                size.clamp((TOGETHER * pitch).min(LARGEST * height), (1.4 * pitch).max(height))
            };
        }
        (size.max(SMALLEST) * 100.0).round() / 100.0
    }
}
