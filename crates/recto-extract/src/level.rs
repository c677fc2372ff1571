//! Deskews a page: on one skewed by a degree, the end of a line is as high as the start of the next. A right-to-left
//! page is mirrored, so that all code finds values after their labels.

use recto_domain::{Page, Point, Rect, Rule};
use recto_layout::is_right_to_left;

/// The largest skew of a page, in degrees; a larger slant is intended.
const MOST: f32 = 15.0;
/// Smaller angles, in degrees, are measurement errors.
const LEAST: f32 = 0.1;

/// The deskewing of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    /// The centre of rotation, in points.
    middle: Point,
    sin: f32,
    cos: f32,
    /// The width of the page, if it is mirrored.
    mirrored: Option<f32>,
}

impl Level {
    /// Determined from the angle of its lines; the centre of rotation is the centre of all words.
    pub(crate) fn of(page: &Page) -> Self {
        let lines = page.blocks.iter().flat_map(|block| &block.lines).filter(|line| line.angle.abs() <= MOST);
        let mut angles: Vec<f32> =
            lines.flat_map(|line| std::iter::repeat_n(line.angle, line.words.len().min(20))).collect();
        angles.sort_by(f32::total_cmp);
        let angle = angles.get(angles.len() / 2).copied().filter(|angle| angle.abs() >= LEAST).unwrap_or_default();
        let (sin, cos) = angle.to_radians().sin_cos();
        let middle = Point { x: page.size.width / 2.0, y: page.size.height / 2.0 };
        Self { middle, sin, cos, mirrored: reads_from_right(page).then_some(page.size.width) }
    }

    /// Whether the page is mirrored.
    pub(crate) fn is_mirrored(&self) -> bool {
        self.mirrored.is_some()
    }

    /// The image of a point.
    fn point(&self, Point { x, y }: Point) -> Point {
        let (x, y) = (x - self.middle.x, y - self.middle.y);
        let turned = self.middle.x + x * self.cos + y * self.sin;
        let x_of = |x: f32| self.mirrored.map_or(x, |width| width - x);
        Point { x: x_of(turned), y: self.middle.y - x * self.sin + y * self.cos }
    }

    /// The image of a word: its box becomes lower by the height that its slope added.
    pub(crate) fn word(&self, bbox: &Rect) -> Rect {
        if self.sin == 0.0 && self.mirrored.is_none() {
            return *bbox;
        }
        let middle = self.point(bbox.center());
        let height = (bbox.height - bbox.width * self.sin.abs()).max(bbox.height / 2.0);
        Rect { x: middle.x - bbox.width / 2.0, y: middle.y - height / 2.0, width: bbox.width, height }
    }

    /// The image of a ruling line.
    pub(crate) fn rule(&self, rule: Rule) -> Rule {
        let is_level = (rule.to.x - rule.from.x).abs() > (rule.to.y - rule.from.y).abs();
        let (from, to) = (self.point(rule.from), self.point(rule.to));
        // In the mirror, too, horizontal lines begin at their left ends.
        if self.is_mirrored() && is_level { Rule { from: to, to: from } } else { Rule { from, to } }
    }
}

/// Whether most words of a page are in right-to-left scripts.
fn reads_from_right(page: &Page) -> bool {
    let lettered = page.words().filter(|word| word.text.contains(char::is_alphabetic));
    let (from_right, from_left): (Vec<_>, Vec<_>) = lettered.partition(|word| is_right_to_left(&word.text));
    from_right.len() > from_left.len()
}
