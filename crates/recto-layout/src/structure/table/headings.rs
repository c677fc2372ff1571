//! Headings that span several columns.

use super::ink::Segment;
use super::rows::Table;

/// The largest distance, in em, between a heading's baseline and the rule under it.
const UNDER: f32 = 1.3;
/// A heading is centred over its columns if it is off by at most this many em, …
const CENTRED: f32 = 1.2;
/// … and is off-centre in its own column by more than this many em.
const OFF: f32 = 1.5;

/// Whether a row of text has a heading that spans columns, and the row below has text in one of them.
pub(super) fn is_over_others(table: &Table<'_, '_>, row: usize, below: usize) -> bool {
    let filled = table.filled(below);
    let is_over = |(first, last): &(usize, usize)| first < last && filled.iter().any(|c| (first..=last).contains(&c));
    spans(table, row, Some(&[below])).iter().any(is_over)
}

/// The columns that each segment of a heading row spans: those that it reaches, those that a rule below it reaches, or
/// those over which it is centred.
pub(super) fn spans(table: &Table<'_, '_>, row: usize, below: Option<&[usize]>) -> Vec<(usize, usize)> {
    let text = &table.rows[row];
    let own: Vec<(usize, usize)> = text.segments.iter().map(|s| table.columns.of(s, text.em)).collect();
    let below: Vec<usize> = below.into_iter().flatten().flat_map(|&row| table.filled(row)).collect();
    let mut spans = own.clone();
    for (at, segment) in text.segments.iter().enumerate() {
        let from = if at == 0 { 0 } else { own[at - 1].1 + 1 };
        let to = own.get(at + 1).map_or(table.columns.count(), |next| next.0).max(own[at].1 + 1);
        let (first, last) = own[at];
        if from > first {
            continue;
        }
        // A heading does not extend across vertical rules.
        let is_cut = |edge: &usize| table.is_cut(*edge, text.height());
        let from = (from + 1..=first).rev().find(is_cut).unwrap_or(from);
        let to = (last + 1..to).find(is_cut).unwrap_or(to);
        if let Some((a, b)) = ruled(table, segment, text.baseline, text.em) {
            spans[at] = (a.clamp(from, first), b.clamp(last, to - 1));
        } else if first > 0 && below.len() > 1 {
            // A heading alone over several columns with names of their own belongs to all of them.
            let is_alone = own.iter().filter(|(first, _)| *first > 0).count() == 1
                && below.iter().filter(|column| **column > 0).count() > 2;
            spans[at] = centred(table, segment, text.em, (from.max(1), to), own[at], (&below, is_alone));
        }
    }
    spans
}

/// The columns that a rule closely below a segment runs along, if these are only some of the columns.
fn ruled(table: &Table<'_, '_>, segment: &Segment, baseline: f32, em: f32) -> Option<(usize, usize)> {
    let columns = table.columns;
    let whole = table.region.right - table.region.left;
    let is_under = |s: &&crate::rules::Stretch| {
        (baseline - 0.2 * em..baseline + UNDER * em).contains(&s.at)
            && s.from <= segment.start + em
            && s.to >= segment.end - em
            && s.length() < 0.9 * whole
    };
    let rule = table.region.across.iter().filter(is_under).min_by(|a, b| a.length().total_cmp(&b.length()))?;
    let covered = |&column: &usize| {
        let (start, end) = columns.ink[column];
        start < end
            && f32::midpoint(start, end) > rule.from - 0.5 * em
            && f32::midpoint(start, end) < rule.to + 0.5 * em
    };
    let first = (0..columns.count()).find(covered)?;
    let last = (0..columns.count()).rfind(covered)?;
    Some((first, last))
}

/// The columns over which a segment is centred, among those between `limits` with text below. A segment that is not
/// alone in its row belongs to the column with which it aligns.
fn centred(
    table: &Table<'_, '_>,
    segment: &Segment,
    em: f32,
    limits: (usize, usize),
    own: (usize, usize),
    (below, is_alone): (&[usize], bool),
) -> (usize, usize) {
    let off = |first: usize, last: usize| {
        let (start, end) = (table.columns.ink[first].0, table.columns.ink[last].1);
        (f32::midpoint(start, end) - segment.middle()).abs()
    };
    let is_aligned = own.0 == own.1 && {
        let (start, end) = table.columns.ink[own.0];
        (segment.start - start).abs() < 0.6 * em || (segment.end - end).abs() < 0.6 * em
    };
    if !is_alone && (is_aligned || own.0 == own.1 && off(own.0, own.1) < OFF * em) {
        return own;
    }
    let mut best = own;
    for first in limits.0..=own.0 {
        for last in own.1..limits.1 {
            let all_filled = (first..=last).all(|column| below.contains(&column) || (own.0..=own.1).contains(&column));
            if all_filled && off(first, last) < CENTRED * em && last - first > best.1 - best.0 {
                best = (first, last);
            }
        }
    }
    best
}
