//! The positions of a line's words, measured along the line and across it.

use recto_domain::{Line, Rect};

/// The smallest word that can be placed, in points.
const SMALLEST: f64 = 0.1;
/// The gap from which viewers see two words, as a share of the line's height …
const GAP: f64 = 0.15;
/// … for which a word is shortened by at most this share of its length.
const GIVEN_WAY: f64 = 0.3;

/// A word's position in its line's own directions, in points: `along` the line and `across` it, downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stand {
    pub(super) along: f64,
    pub(super) length: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Stand {
    pub(super) fn end(self) -> f64 {
        self.along + self.length
    }

    pub(super) fn middle(self) -> f64 {
        self.top.midpoint(self.bottom)
    }

    pub(super) fn height(self) -> f64 {
        self.bottom - self.top
    }

    /// The gap between two words in any order; at least a small one.
    pub(super) fn gap(self, next: Self) -> Self {
        let (first, second) = if self.along <= next.along { (self, next) } else { (next, self) };
        Self { along: first.end(), length: (second.along - first.end()).max(SMALLEST), ..self }
    }
}

/// The words of a line with a common baseline and height, and the extent of the line; `None` without words.
///
/// The ink of "one" and "gap" has different boxes, and viewers would take such words for several lines when they
/// determine the reading order. A word far out of line, such as an initial three lines high, keeps its own position.
pub(super) fn aligned(line: &Line, direction: Direction) -> Option<(Vec<Stand>, Stand)> {
    let mut stands: Vec<Stand> = line.words.iter().map(|word| direction.stand(&word.bbox)).collect();
    let height = median(stands.iter().map(|s| s.height()).collect())?;
    let middle = median(stands.iter().map(|s| s.middle()).collect())?;
    let in_line = |s: &Stand| s.top > middle - 1.2 * height && s.bottom < middle + 1.2 * height;
    let members = || stands.iter().filter(|s| in_line(s));
    let top = members().map(|s| s.top).fold(f64::INFINITY, f64::min);
    let bottom = members().map(|s| s.bottom).fold(f64::NEG_INFINITY, f64::max);
    for stand in stands.iter_mut().filter(|s| in_line(s)) {
        (stand.top, stand.bottom) = (top, bottom);
    }
    part(&mut stands, GAP * height);
    let along = stands.iter().map(|s| s.along).fold(f64::INFINITY, f64::min);
    let end = stands.iter().map(|s| s.end()).fold(f64::NEG_INFINITY, f64::max);
    Some((stands, Stand { along, length: end - along, top, bottom }))
}

/// Makes gaps between words whose boxes touch, like those of slanted letters.
fn part(stands: &mut [Stand], gap: f64) {
    let mut order: Vec<usize> = (0..stands.len()).collect();
    order.sort_by(|&a, &b| stands[a].along.total_cmp(&stands[b].along));
    for pair in order.windows(2) {
        let (first, second) = (stands[pair[0]], stands[pair[1]]);
        let missing = gap - (second.along - first.end());
        if missing > 0.0 {
            let given = missing.min(GIVEN_WAY * first.length);
            stands[pair[0]].length -= given;
            let given = (missing - given).min(GIVEN_WAY * second.length);
            stands[pair[1]].along += given;
            stands[pair[1]].length -= given;
        }
    }
}

pub(in crate::pdf) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The direction of a line.
#[derive(Debug, Clone, Copy)]
pub(in crate::pdf) struct Direction {
    pub(super) sin: f64,
    pub(super) cos: f64,
    /// The remainder of the angle after whole quarter turns, in radians; at most an eighth of a turn.
    pub(super) lean: f64,
    /// Clockwise quarter turns, 0 to 3.
    pub(super) quarters: u8,
}

impl Direction {
    /// From an angle in degrees clockwise.
    pub(in crate::pdf) fn of(degrees: f64) -> Self {
        let degrees = if degrees.is_finite() { degrees } else { 0.0 };
        let quarters = (degrees / 90.0).round();
        // Less than a third of a degree is the measuring error of a short line, and level text is shorter to write.
        let mut lean = degrees - quarters * 90.0;
        if lean.abs() < 0.3 {
            lean = 0.0;
        }
        let (sin, cos) = (quarters * 90.0 + lean).to_radians().sin_cos();
        Self { sin, cos, lean: lean.to_radians(), quarters: quarters.rem_euclid(4.0) as u8 }
    }

    /// Whether the line is nearer to vertical than to horizontal.
    fn is_upright(self) -> bool {
        self.quarters % 2 == 1
    }

    /// The sine and cosine of the angle to the nearest axis, both positive: they determine how much larger a box is
    /// than its word.
    pub(in crate::pdf) fn unsigned(self) -> (f64, f64) {
        let (sin, cos) = (self.lean.abs().sin(), self.lean.abs().cos());
        if self.is_upright() { (cos, sin) } else { (sin, cos) }
    }

    /// The length and height of the slanted word that fills a box. With sides `l` and `h`, its box is `l cos a + h sin
    /// a` wide and `l sin a + h cos a` high; this is solved for `l` and `h`.
    pub(in crate::pdf) fn sides(self, bbox: &Rect) -> (f64, f64) {
        let (width, height) = (f64::from(bbox.width), f64::from(bbox.height));
        let (along, across) = if self.is_upright() { (height, width) } else { (width, height) };
        let (sin, cos) = (self.lean.abs().sin(), self.lean.abs().cos());
        // Near an eighth of a turn, both sides contribute equally and cannot be separated.
        let double = cos * cos - sin * sin;
        let (mut l, mut h) = (along, across);
        if sin > 0.0 && double > 0.3 {
            l = (along * cos - across * sin) / double;
            h = (across * cos - along * sin) / double;
        }
        // A box measured slightly too flat for its slope would give no height.
        let length = l.clamp(along * 0.3, along.hypot(across)).max(SMALLEST);
        let height = h.clamp(across * 0.2, along.hypot(across)).max(SMALLEST);
        (length, height)
    }

    /// The slanted word that fills a box.
    fn stand(self, bbox: &Rect) -> Stand {
        let (length, height) = self.sides(bbox);
        let center = bbox.center();
        let (x, y) = (f64::from(center.x), f64::from(center.y));
        let middle = y * self.cos - x * self.sin;
        Stand {
            along: x * self.cos + y * self.sin - length / 2.0,
            length,
            top: middle - height / 2.0,
            bottom: middle + height / 2.0,
        }
    }

    /// The position on the page, y downwards, of a position in the line's directions.
    pub(super) fn on_page(self, along: f64, across: f64) -> (f64, f64) {
        (along * self.cos - across * self.sin, along * self.sin + across * self.cos)
    }
}
