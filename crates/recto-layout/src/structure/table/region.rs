//! Parts of a page that may be tables: with crossing rules, between horizontal rules, or with aligned words.

use super::grid::{Evidence, Region};
use super::ink::{Gap, Ink, Segment, TextRow, text_rows};
use crate::piece::Piece;
use crate::region::regions;
use crate::rules::Stretch;
use crate::structure::sheet::{PlacedWord, percentile};
use recto_domain::Rect;

/// Rules meet when their ends are no further apart than this, in points.
const MEET: f32 = 3.0;
/// Horizontal rules of one table begin and end within this many points of each other.
const SAME_ENDS: f32 = 6.0;
/// The least length of a rule that bounds a table, in points.
const LEAST_BOUND: f32 = 80.0;
/// More horizontal rules with the same ends are not bounds of tables.
const MOST_BOUNDS: usize = 60;
/// The largest height of headings between two rules, in points.
const ABOVE: f32 = 30.0;
/// Segments with at least this many words are running text, and so is a part of the page with at least this share of
/// such segments.
const PROSE_WORDS: usize = 5;
const PROSE: f32 = 0.3;
/// The parts of one table are at most this many times as far from each other as its cells.
const NEAR_PARTS: f32 = 1.5;
/// The largest distance between rows of one table, in em.
const ROW_GAP: f32 = 4.0;

/// The regions with crossing vertical and horizontal rules, the largest first.
pub(super) fn lattices(inks: &[Ink<'_>], across: &[Stretch], down: &[Stretch]) -> Vec<Region> {
    let mut group: Vec<usize> = (0..across.len() + down.len()).collect();
    for (i, level) in across.iter().enumerate() {
        for (j, upright) in down.iter().enumerate() {
            let meets = level.from - MEET <= upright.at
                && upright.at <= level.to + MEET
                && upright.from - MEET <= level.at
                && level.at <= upright.to + MEET;
            if meets {
                let (a, b) = (root(&mut group, i), root(&mut group, across.len() + j));
                group[a] = b;
            }
        }
    }
    let mut roots: Vec<usize> = (0..group.len()).map(|at| root(&mut group, at)).collect();
    let of = roots.clone();
    roots.sort_unstable();
    roots.dedup();
    let mut found: Vec<Region> = Vec::new();
    for root in roots {
        let own_across: Vec<Stretch> = (0..across.len()).filter(|&i| of[i] == root).map(|i| across[i]).collect();
        let own_down: Vec<Stretch> =
            (0..down.len()).filter(|&j| of[across.len() + j] == root).map(|j| down[j]).collect();
        if own_across.len() < 2 || own_down.is_empty() {
            continue;
        }
        let left = own_across.iter().map(|s| s.from).chain(own_down.iter().map(|s| s.at)).fold(f32::MAX, f32::min);
        let right = own_across.iter().map(|s| s.to).chain(own_down.iter().map(|s| s.at)).fold(f32::MIN, f32::max);
        let top = own_across.iter().map(|s| s.at).chain(own_down.iter().map(|s| s.from)).fold(f32::MAX, f32::min);
        let bottom = own_across.iter().map(|s| s.at).chain(own_down.iter().map(|s| s.to)).fold(f32::MIN, f32::max);
        let words = within(inks, left, right, top, bottom);
        if words.len() >= 2 {
            let evidence = Evidence::Lattice;
            found.push(Region { words, evidence, left, right, top, bottom, down: own_down, across: own_across });
        }
    }
    found.sort_by(|a, b| {
        ((b.right - b.left) * (b.bottom - b.top)).total_cmp(&((a.right - a.left) * (a.bottom - a.top)))
    });
    found
}

/// The representative of a group of joined items (union-find).
fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

/// The words whose centre lies in a part of the page.
fn within(inks: &[Ink<'_>], left: f32, right: f32, top: f32, bottom: f32) -> Vec<usize> {
    let is_in = |ink: &Ink<'_>| {
        let (x, y) = (ink.middle(), ink.height());
        left - 1.0 <= x && x <= right + 1.0 && top <= y && y <= bottom
    };
    (0..inks.len()).filter(|&at| is_in(&inks[at])).collect()
}

/// Groups of several horizontal rules with the same ends, from top to bottom.
pub(super) fn bounds(across: &[Stretch]) -> Vec<Vec<Stretch>> {
    let mut groups: Vec<Vec<Stretch>> = Vec::new();
    for rule in across.iter().filter(|s| s.length() >= LEAST_BOUND) {
        let same = |group: &&mut Vec<Stretch>| {
            (group[0].from - rule.from).abs() <= SAME_ENDS && (group[0].to - rule.to).abs() <= SAME_ENDS
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(*rule),
            None => groups.push(vec![*rule]),
        }
    }
    groups.retain(|group| (2..=MOST_BOUNDS).contains(&group.len()));
    groups
}

/// Of the shorter rules stacked closely above a rule, the highest, widened to the rule's extent.
pub(super) fn higher(rule: Stretch, across: &[Stretch]) -> Option<Stretch> {
    let is_above = |s: &&Stretch, top: f32| {
        (top - ABOVE..top - 3.0).contains(&s.at)
            && s.from >= rule.from - SAME_ENDS
            && s.to <= rule.to + SAME_ENDS
            && s.length() >= 0.25 * rule.length()
    };
    let mut top = rule.at;
    while let Some(next) = across.iter().filter(|s| is_above(s, top)).map(|s| s.at).reduce(f32::min) {
        top = next;
    }
    (top < rule.at).then_some(Stretch { at: top, ..rule })
}

/// The region between two horizontal rules.
pub(super) fn between(
    inks: &[Ink<'_>],
    free: &[bool],
    above: Stretch,
    below: Stretch,
    across: &[Stretch],
    down: &[Stretch],
) -> Region {
    let (left, right) = (above.from.min(below.from), above.to.max(below.to));
    let words = within(inks, left - 3.0, right + 3.0, above.at, below.at);
    let words: Vec<usize> = words.into_iter().filter(|&at| free[at]).collect();
    region(inks, words, Evidence::Bounds, Some((left, right, above.at, below.at)), across, down)
}

/// The region around words, with the rules in it.
pub(super) fn region(
    inks: &[Ink<'_>],
    words: Vec<usize>,
    evidence: Evidence,
    edges: Option<(f32, f32, f32, f32)>,
    across: &[Stretch],
    down: &[Stretch],
) -> Region {
    let of = |pick: fn(&PlacedWord) -> f32| words.iter().map(move |&at| pick(inks[at].word));
    let (mut left, mut right) = (of(|w| w.start).fold(f32::MAX, f32::min), of(|w| w.end).fold(f32::MIN, f32::max));
    let (mut top, mut bottom) = (of(|w| w.top).fold(f32::MAX, f32::min), of(|w| w.bottom).fold(f32::MIN, f32::max));
    if let Some(edges) = edges {
        (left, right) = (left.min(edges.0), right.max(edges.1));
        (top, bottom) = (top.min(edges.2), bottom.max(edges.3));
    }
    let is_in = |at: f32, low: f32, high: f32| low - MEET <= at && at <= high + MEET;
    let across = across.iter().filter(|s| is_in(s.at, top, bottom) && s.along(left, right) > 0.0).copied().collect();
    let down = down.iter().filter(|s| is_in(s.at, left, right) && s.along(top, bottom) > 0.0).copied().collect();
    Region { words, evidence, left, right, top, bottom, down, across }
}

/// The text rows of each part of the page that is read by itself.
///
/// Two apparent columns may be one table with narrow columns. Adjacent parts without running text are therefore joined
/// if they are no further apart than the cells within them.
pub(super) fn parts_of_page(inks: &[Ink<'_>], free: &[bool], down: &[Stretch]) -> Vec<Vec<TextRow>> {
    let words: Vec<usize> = (0..inks.len()).filter(|&at| free[at]).collect();
    let rows = text_rows(inks, &words, Gap::Wide, down);
    let segments: Vec<(usize, &Segment)> =
        rows.iter().enumerate().flat_map(|(at, row)| row.segments.iter().map(move |s| (at, s))).collect();
    let piece = |&(row, segment): &(usize, &Segment)| {
        let text: Vec<&str> = segment.words.iter().map(|&at| inks[at].word.text.as_str()).collect();
        Piece::new(bounds_of(inks, segment), rows[row].em, &text.join(" "))
    };
    let pieces: Vec<Piece> = segments.iter().map(piece).collect();
    let mut parts: Vec<Part> = Vec::new();
    for region in regions(&pieces) {
        let mut part = Part::of(inks, region.into_iter().map(|at| segments[at]).collect());
        while let Some(at) = parts.iter().position(|other| part.goes_on(other)) {
            let mut segments = parts.swap_remove(at).segments;
            segments.append(&mut part.segments);
            part = Part::of(inks, segments);
        }
        parts.push(part);
    }
    let rows = |part: Part<'_>| {
        let words: Vec<usize> = part.segments.iter().flat_map(|(_, s)| s.words.iter().copied()).collect();
        text_rows(inks, &words, Gap::Wide, down)
    };
    parts.into_iter().map(rows).collect()
}

fn bounds_of(inks: &[Ink<'_>], segment: &Segment) -> Rect {
    let boxes = segment.words.iter().map(|&at| {
        let word = inks[at].word;
        Rect::from_edges(word.start, word.top, word.end, word.bottom)
    });
    Rect::around(boxes).unwrap_or_default()
}

/// A part of the page that is read by itself.
struct Part<'r> {
    /// The segments with their rows.
    segments: Vec<(usize, &'r Segment)>,
    bounds: Rect,
    /// Whether it contains running text.
    is_prose: bool,
    /// The usual gap between cells; `None` if no two cells are side by side.
    gap: Option<f32>,
}

impl<'r> Part<'r> {
    fn of(inks: &[Ink<'_>], mut segments: Vec<(usize, &'r Segment)>) -> Self {
        segments.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.start.total_cmp(&b.1.start)));
        let long = segments.iter().filter(|(_, s)| s.words.len() >= PROSE_WORDS).count();
        let gaps =
            segments.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1.start - pair[0].1.end);
        Self {
            bounds: Rect::around(segments.iter().map(|(_, s)| bounds_of(inks, s))).unwrap_or_default(),
            is_prose: long as f32 > PROSE * segments.len() as f32,
            gap: percentile(gaps, 0.5),
            segments,
        }
    }

    fn goes_on(&self, other: &Self) -> bool {
        let (a, b) = (&self.bounds, &other.bounds);
        let shared = a.bottom().min(b.bottom()) - a.y.max(b.y);
        let apart = (a.x - b.right()).max(b.x - a.right());
        let is_near = match (self.gap, other.gap) {
            (None, None) => true,
            (Some(gap), None) | (None, Some(gap)) => apart <= NEAR_PARTS * gap,
            (Some(one), Some(two)) => apart <= NEAR_PARTS * one.max(two),
        };
        !self.is_prose && !other.is_prose && shared > 0.5 * a.height.min(b.height) && apart > 0.0 && is_near
    }
}

/// The runs of rows that could be a table: without running text, and with at most `most_plain` rows without a gap
/// between rows with cells.
pub(super) fn runs(rows: &[TextRow], most_plain: usize) -> Vec<&[TextRow]> {
    let mut runs = Vec::new();
    let mut begin = 0;
    while begin < rows.len() {
        if !rows[begin].has_cells() {
            begin += 1;
            continue;
        }
        let (mut last, mut at) = (begin, begin + 1);
        let (mut start, mut end) = (rows[begin].start(), rows[begin].end());
        while at < rows.len() && at - last <= most_plain + 1 {
            let row = &rows[at];
            if row.baseline - rows[at - 1].baseline > ROW_GAP * row.em.max(rows[at - 1].em) {
                break;
            }
            if row.has_cells() {
                last = at;
                (start, end) = (start.min(row.start()), end.max(row.end()));
            } else if row.words().count() > 7 && row.end() - row.start() > 0.6 * (end - start) {
                break;
            }
            at += 1;
        }
        runs.push(&rows[begin..=last]);
        begin = last + 1;
    }
    runs
}
