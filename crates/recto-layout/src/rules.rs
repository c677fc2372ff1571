//! Joining pieces of ruling lines.

use recto_domain::{Point, Rule};

/// Horizontal rules whose heights differ by no more than this many points are one rule; so are pieces with such a gap.
const NEAR: f32 = 1.5;
/// The largest slope of a horizontal rule, and the largest lean of a vertical one, as a share of its length.
const SLOPE: f32 = 0.02;

/// A horizontal or vertical stretch of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    /// The y of a horizontal stretch, the x of a vertical one.
    pub(crate) at: f32,
    pub(crate) from: f32,
    pub(crate) to: f32,
}

impl Stretch {
    pub(crate) fn length(&self) -> f32 {
        self.to - self.from
    }

    /// The length of its overlap with a range.
    pub(crate) fn along(&self, from: f32, to: f32) -> f32 {
        (self.to.min(to) - self.from.max(from)).max(0.0)
    }
}

/// The horizontal and the vertical stretches of rules, each joined; other rules are left out.
pub(crate) fn stretches(rules: impl Iterator<Item = Rule>) -> (Vec<Stretch>, Vec<Stretch>) {
    let (mut level, mut upright) = (Vec::new(), Vec::new());
    for Rule { from, to } in rules {
        let (across, down) = ((to.x - from.x).abs(), (to.y - from.y).abs());
        if down <= NEAR.max(SLOPE * across) && across > down {
            level.push(Stretch { at: f32::midpoint(from.y, to.y), from: from.x.min(to.x), to: from.x.max(to.x) });
        } else if across <= NEAR.max(SLOPE * down) && down > across {
            upright.push(Stretch { at: f32::midpoint(from.x, to.x), from: from.y.min(to.y), to: from.y.max(to.y) });
        }
    }
    (joined(level), joined(upright))
}

/// Joins the pieces of rules that lie on one line. Horizontal rules come first; rules that are neither horizontal nor
/// vertical are left out.
#[must_use]
pub fn joined_rules(rules: &[Rule]) -> Vec<Rule> {
    let finite = rules.iter().copied().filter(|rule| rule.length().is_finite());
    let (level, upright) = stretches(finite);
    let level = level.into_iter().map(|s| (Point { x: s.from, y: s.at }, Point { x: s.to, y: s.at }));
    let upright = upright.into_iter().map(|s| (Point { x: s.at, y: s.from }, Point { x: s.at, y: s.to }));
    level.chain(upright).map(|(from, to)| Rule { from, to }).collect()
}

fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    let mut out: Vec<Stretch> = Vec::new();
    let mut rest = stretches.as_mut_slice();
    while let Some(first) = rest.first().map(|stretch| stretch.at) {
        let end = rest.partition_point(|stretch| stretch.at <= first + NEAR);
        let (near, further) = rest.split_at_mut(end);
        near.sort_by(|a, b| a.from.total_cmp(&b.from));
        let begin = out.len();
        for stretch in near {
            match out[begin..].last_mut() {
                Some(last) if stretch.from <= last.to + NEAR => last.to = last.to.max(stretch.to),
                _ => out.push(*stretch),
            }
        }
        rest = further;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(x: f32, y: f32, right: f32, bottom: f32) -> Rule {
        Rule::between(Point { x, y }, Point { x: right, y: bottom })
    }

    #[test]
    fn sides_of_cells_become_the_rules_of_their_table() {
        let sides = [
            rule(10.0, 10.0, 60.0, 10.0),
            rule(60.5, 10.4, 110.0, 10.4),
            rule(10.0, 10.0, 10.0, 30.0),
            rule(10.0, 30.0, 10.0, 50.0),
            rule(200.0, 10.0, 250.0, 10.0),
            rule(0.0, 0.0, 70.0, 70.0),
        ];
        let joined = joined_rules(&sides);
        assert_eq!(
            joined,
            [rule(10.0, 10.0, 110.0, 10.0), rule(200.0, 10.0, 250.0, 10.0), rule(10.0, 10.0, 10.0, 50.0)]
        );
    }
}
