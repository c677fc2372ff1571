//! A page as if it lay straight: on one that lies askew by a degree, the end of a line is as high as the start of the next.
//! One that is read from right to left is seen in a mirror, so that everybody finds values behind their labels.

use recto_domain::{Page, Point, Rect, Rule};
use recto_layout::is_right_to_left;

/// A page lies askew by no more than so many degrees; what leans more is set so.
const MOST: f32 = 15.0;
/// Less than this, in degrees, is what measuring leaves.
const LEAST: f32 = 0.1;

/// How a page is set straight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    /// About which it is turned, in points.
    middle: Point,
    sin: f32,
    cos: f32,
    /// The width of the page, if it is mirrored.
    mirrored: Option<f32>,
}

impl Level {
    /// By the angle of its lines, the middle of all words.
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

    /// Whether the page is seen in a mirror.
    pub(crate) fn is_mirrored(&self) -> bool {
        self.mirrored.is_some()
    }

    /// Where a point lies then.
    fn point(&self, Point { x, y }: Point) -> Point {
        let (x, y) = (x - self.middle.x, y - self.middle.y);
        let turned = self.middle.x + x * self.cos + y * self.sin;
        let x_of = |x: f32| self.mirrored.map_or(x, |width| width - x);
        Point { x: x_of(turned), y: self.middle.y - x * self.sin + y * self.cos }
    }

    /// Where a word lies then: its box gets lower by as much as it was higher for its slope.
    pub(crate) fn word(&self, bbox: &Rect) -> Rect {
        if self.sin == 0.0 && self.mirrored.is_none() {
            return *bbox;
        }
        let middle = self.point(bbox.center());
        let height = (bbox.height - bbox.width * self.sin.abs()).max(bbox.height / 2.0);
        Rect { x: middle.x - bbox.width / 2.0, y: middle.y - height / 2.0, width: bbox.width, height }
    }

    /// Where a ruling line lies then.
    pub(crate) fn rule(&self, rule: Rule) -> Rule {
        let is_level = (rule.to.x - rule.from.x).abs() > (rule.to.y - rule.from.y).abs();
        let (from, to) = (self.point(rule.from), self.point(rule.to));
        // Level lines go on from their left ends in the mirror too.
        if self.is_mirrored() && is_level { Rule { from: to, to: from } } else { Rule { from, to } }
    }
}

/// Whether more words of a page are in letters that are read from right to left than in others.
fn reads_from_right(page: &Page) -> bool {
    let lettered = page.words().filter(|word| word.text.contains(char::is_alphabetic));
    let (from_right, from_left): (Vec<_>, Vec<_>) = lettered.partition(|word| is_right_to_left(&word.text));
    from_right.len() > from_left.len()
}
