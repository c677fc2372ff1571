//! The font size of each line.
//!
//! Boxes around the ink are lower for "seen" than for "Light". Viewers separate lines of different sizes, and lines
//! that are far apart for their size, so a paragraph would be split. Most lines of a page therefore share one size, as
//! in print, chosen so that lines fill their distance.

use super::Placed;
use super::stand::median;

/// Lines with a height from this share of the usual height …
const LOWEST: f64 = 0.72;
/// … to this share have the usual size.
const HIGHEST: f64 = 1.38;
/// The ratio between other sizes.
const STEP: f64 = 1.3;
/// The share of the line distance that letters fill.
const FILLED: f64 = 1.1;
/// With letters of at least this share of the line distance, lines are read one after the other …
const TOGETHER: f64 = 0.72;
/// … and with at most this share, the pieces that are side by side.
const APART: f64 = 0.62;
/// The largest size, as a multiple of the height of the ink.
const LARGEST: f64 = 1.9;
/// The smallest size, in points.
const SMALLEST: f64 = 0.1;

/// The sizes on one page.
pub(super) struct Sizes {
    /// The height of most lines.
    height: f64,
    /// The size of their letters.
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
                // Lines that are unusually close must stay separate, and those that are far apart must stay together.
                size.clamp((TOGETHER * pitch).min(LARGEST * height), (1.4 * pitch).max(height))
            };
        }
        (size.max(SMALLEST) * 100.0).round() / 100.0
    }
}
