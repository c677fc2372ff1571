//! The level positions of slanted lines.
//!
//! Programs built on Poppler (`pdftotext`, Evince, Okular and more) and others recognise only level lines: words belong
//! to one line if their baselines have the same distance from the page's edge. On a page skewed by two degrees, the end
//! of a line is as high as the middle of the next, and copied text is a jumble.
//!
//! Poppler positions a replacement text (`ActualText`, ISO 32000-1, section 14.9.4) by the coordinate system and the
//! font at the end of its span; all other programs use the positions of the glyphs. Therefore the glyphs are placed on
//! the ink, and the span ends in a coordinate system in which the line is level and keeps its distance from other
//! lines. A font that claims to be tall makes the word's box reach the ink.

use super::Placed;
use super::stand::{Direction, median};
use crate::pdf::font::{DESCENT, Reach};
use crate::pdf::matrix::Matrix;

/// The skew of a page's lines, for each of the four quarter turns in which lines run.
pub(super) struct Leveller([Lie; 4]);

/// The skew of lines that run in about one direction.
#[derive(Debug, Clone, Copy, Default)]
struct Lie {
    /// Their slant, in radians clockwise.
    lean: f64,
    /// Their centre, about which they are levelled, so that words stay as close to their ink as possible.
    center: (f64, f64),
    /// Whether many of them are side by side, in columns. Columns are then made upright too; otherwise words from
    /// further up and down would close the gaps between them.
    has_columns: bool,
}

/// The level position of a slanted line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slope {
    /// The quarter turn of the level line: its cosine and sine.
    quarter: (f64, f64),
    /// The factor by which the level line is shorter than the slanted one.
    shortened: f64,
    /// The beginning of the line, along the level line.
    along: f64,
    /// The baseline, across the level line.
    baseline: f64,
}

impl Leveller {
    pub(super) fn of(all: &[Placed<'_>]) -> Self {
        let mut directions = [Lie::default(); 4];
        for (quarters, lie) in (0u8..).zip(&mut directions) {
            let alike = || all.iter().filter(move |line| line.direction.quarters == quarters);
            let leans = alike().flat_map(|line| std::iter::repeat_n(line.direction.lean, line.letters()));
            lie.lean = median(leans.collect()).unwrap_or_default();
            let middle = |of: fn((f64, f64)) -> f64| {
                let ends = alike().flat_map(|line| {
                    let end = |along| of(line.direction.on_page(along, line.whole.middle()));
                    [end(line.whole.along), end(line.whole.end())]
                });
                let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
                if low <= high { low.midpoint(high) } else { 0.0 }
            };
            lie.center = (middle(|place| place.0), middle(|place| place.1));
            lie.has_columns = stand_beside(alike().collect());
        }
        Self(directions)
    }

    /// The level position of a line whose baseline is at that position across; `None` if it is already level.
    pub(super) fn slope(&self, line: &Placed<'_>, baseline: f64) -> Option<Slope> {
        let Direction { lean, quarters, .. } = line.direction;
        let askew = self.0[usize::from(quarters)];
        if lean == 0.0 && askew.lean == 0.0 {
            return None;
        }
        let quarter = quarter(quarters);
        let middle = line.direction.on_page(line.whole.along + line.whole.length / 2.0, baseline);
        let (x, y) = (middle.0 - askew.center.0, middle.1 - askew.center.1);
        let (sin, cos) = askew.lean.sin_cos();
        let straightened = (askew.center.0 + x * cos + y * sin, askew.center.1 + y * cos - x * sin);
        let baseline_level = across(quarter, straightened);
        if askew.has_columns {
            let half = line.whole.length / 2.0;
            return Some(Slope {
                quarter,
                shortened: 1.0,
                along: along(quarter, straightened) - half,
                baseline: baseline_level,
            });
        }
        let start = line.direction.on_page(line.whole.along, baseline);
        Some(Slope { quarter, shortened: lean.cos(), along: along(quarter, start), baseline: baseline_level })
    }
}

impl Slope {
    /// The map from the level line, y upwards from its baseline, to a displayed page of that height, y upwards from its
    /// bottom.
    pub(super) fn matrix(&self, page_height: f64) -> Matrix {
        let (cos, sin) = self.quarter;
        let place = (self.along * cos - self.baseline * sin, self.along * sin + self.baseline * cos);
        Matrix::scale(self.shortened, 1.0)
            .then(Matrix::turned(sin, cos))
            .then(Matrix::translation_of(place, page_height))
    }

    /// How far a font of that size must extend from the level baseline to reach the ink of a word with that centre.
    pub(super) fn reach(&self, middle: (f64, f64), size: f64) -> Reach {
        let middle = across(self.quarter, middle);
        // The centre of a word at the level position.
        let level = self.baseline - (0.5 - DESCENT) * size;
        Reach::of((level - middle) / size)
    }
}

/// Whether at least a tenth of all letters are in lines with another line beside them.
fn stand_beside(mut lines: Vec<&Placed<'_>>) -> bool {
    lines.sort_by(|a, b| a.whole.middle().total_cmp(&b.whole.middle()));
    let mut beside = vec![false; lines.len()];
    for (index, line) in lines.iter().enumerate() {
        let near = |other: &&Placed<'_>| other.whole.middle() < line.whole.middle() + 0.6 * line.whole.height();
        for (further, other) in lines[index + 1..].iter().take_while(|other| near(other)).enumerate() {
            if other.whole.along > line.whole.end() || line.whole.along > other.whole.end() {
                beside[index] = true;
                beside[index + 1 + further] = true;
            }
        }
    }
    let letters = |line: &&Placed<'_>| line.letters();
    let all: usize = lines.iter().map(letters).sum();
    let in_columns: usize =
        lines.iter().zip(&beside).filter(|(_, beside)| **beside).map(|(line, _)| line.letters()).sum();
    in_columns * 10 >= all
}

fn quarter(quarters: u8) -> (f64, f64) {
    match quarters {
        0 => (1.0, 0.0),
        1 => (0.0, 1.0),
        2 => (-1.0, 0.0),
        _ => (0.0, -1.0),
    }
}

fn along((cos, sin): (f64, f64), (x, y): (f64, f64)) -> f64 {
    x * cos + y * sin
}

fn across((cos, sin): (f64, f64), (x, y): (f64, f64)) -> f64 {
    y * cos - x * sin
}
