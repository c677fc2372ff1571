//! The boxes formed by ruling lines on a page, as in forms, each with its label and its entry.

use recto_domain::{Page, Rect, Rule};
use recto_layout::joined_rules;

use crate::level::Level;

/// The largest ratio between the height of a box and that of its words; a higher box frames a part of the page.
const MOST_LINES: f32 = 9.0;
/// A line may end this many points before the centre of a word that it runs above.
const SHORT: f32 = 1.0;

/// The ruling lines of a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ruling {
    /// The horizontal lines, from their left ends.
    level: Vec<Rule>,
    /// The vertical lines.
    upright: Vec<Rule>,
}

impl Ruling {
    pub(crate) fn of(page: &Page, straight: &Level) -> Self {
        let is_level = |rule: &Rule| (rule.to.x - rule.from.x).abs() > (rule.to.y - rule.from.y).abs();
        let rules: Vec<Rule> = page.rules.iter().map(|rule| straight.rule(*rule)).collect();
        let (level, upright) = joined_rules(&rules).into_iter().partition(is_level);
        Self { level, upright }
    }

    /// The box around a word: the nearest lines on all four sides of its centre. `None` when a side is open, or when
    /// the lines are too far apart for one entry of a form.
    pub(crate) fn around(&self, word: &Rect) -> Option<Rect> {
        let middle = word.center();
        let over = |rule: &&Rule| rule.from.x - SHORT <= middle.x && middle.x <= rule.to.x + SHORT;
        let beside = |rule: &&Rule| rule.from.y - SHORT <= middle.y && middle.y <= rule.to.y + SHORT;
        let heights = || self.level.iter().filter(over).map(|rule| rule.from.y);
        let places = || self.upright.iter().filter(beside).map(|rule| rule.from.x);
        let top = heights().filter(|y| *y <= middle.y).max_by(f32::total_cmp)?;
        let bottom = heights().filter(|y| *y > middle.y).min_by(f32::total_cmp)?;
        let left = places().filter(|x| *x <= middle.x).max_by(f32::total_cmp)?;
        let right = places().filter(|x| *x > middle.x).min_by(f32::total_cmp)?;
        let is_entry = bottom - top <= MOST_LINES * word.height;
        is_entry.then(|| Rect::from_edges(left, top, right, bottom))
    }

    /// Whether a horizontal line runs between two boxes above one another, over most of the lower one's beginning.
    pub(crate) fn runs_between(&self, upper: &Rect, lower: &Rect) -> bool {
        let start = lower.x + SHORT.max(0.5 * lower.height);
        let between = upper.center().y..lower.center().y;
        let runs = |rule: &Rule| between.contains(&rule.from.y) && rule.from.x <= start && start <= rule.to.x;
        self.level.iter().any(runs)
    }

    /// Whether a vertical line runs between two words of a row, from above them to below them; a stroke of a letter
    /// does not.
    pub(crate) fn parts(&self, left: &Rect, right: &Rect) -> bool {
        let between = left.center().x..right.center().x;
        let both = left.union(right);
        self.upright.iter().any(|rule| {
            between.contains(&rule.from.x) && rule.from.y < both.y - SHORT && rule.to.y > both.bottom() + SHORT
        })
    }
}
