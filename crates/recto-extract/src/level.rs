//! A page as if it lay straight: on one that lies askew by a degree, the end of a line is as high as the start of the next.

use recto_domain::{Page, Point, Rect, Rule};

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
        Self { middle: Point { x: page.size.width / 2.0, y: page.size.height / 2.0 }, sin, cos }
    }

    /// Where a point lies then.
    fn point(&self, Point { x, y }: Point) -> Point {
        let (x, y) = (x - self.middle.x, y - self.middle.y);
        Point { x: self.middle.x + x * self.cos + y * self.sin, y: self.middle.y - x * self.sin + y * self.cos }
    }

    /// Where a word lies then: its box gets lower by as much as it was higher for its slope.
    pub(crate) fn word(&self, bbox: &Rect) -> Rect {
        if self.sin == 0.0 {
            return *bbox;
        }
        let middle = self.point(bbox.center());
        let height = (bbox.height - bbox.width * self.sin.abs()).max(bbox.height / 2.0);
        Rect { x: middle.x - bbox.width / 2.0, y: middle.y - height / 2.0, width: bbox.width, height }
    }

    /// Where a ruling line lies then.
    pub(crate) fn rule(&self, rule: Rule) -> Rule {
        Rule { from: self.point(rule.from), to: self.point(rule.to) }
    }
}
