//! The boundaries between columns of words: gutters that hardly any row crosses.

use super::ink::{Segment, TextRow};
use crate::structure::sheet::percentile;

/// The least width of a gutter between two columns, in em.
const GUTTER: f32 = 0.5;
/// One row in this many may cross a gutter: occasionally a long name reaches into the next column.
const CROSSING: usize = 8;
/// This many rows at the top may be headings that span columns.
const HEADINGS: usize = 3;
/// Microsoft Word's own limit.
pub(super) const MOST_COLUMNS: usize = 63;

/// The centres of the gutters that rows have between these edges; headings at the top that span columns may cross them.
pub(super) fn gutters(rows: &[&TextRow], from: f32, to: f32) -> Vec<f32> {
    let parts = |row: &TextRow| row.segments.iter().filter(|s| s.start >= from && s.end <= to).count();
    let usual = percentile(rows.iter().map(|row| parts(row) as f32), 0.5).unwrap_or(0.0);
    let mut best = between(rows, from, to);
    for skipped in 1..=HEADINGS.min(rows.len() / 3) {
        if parts(rows[skipped - 1]) as f32 >= usual {
            break;
        }
        let found = between(&rows[skipped..], from, to);
        if found.len() > best.len() {
            best = found;
        }
    }
    best
}

fn between(rows: &[&TextRow], from: f32, to: f32) -> Vec<f32> {
    let inside = |row: &&&TextRow| row.segments.iter().filter(|s| s.start >= from && s.end <= to).count() > 1;
    let rows: Vec<&&TextRow> = rows.iter().filter(inside).collect();
    let Some(em) = percentile(rows.iter().map(|row| row.em), 0.5) else { return Vec::new() };
    let crossing = (rows.len() / CROSSING) as i32;
    // Changes in the number of rows with ink: +1 at the start of a segment, -1 at its end.
    let segments = rows.iter().flat_map(|row| &row.segments).filter(|s| s.start >= from && s.end <= to);
    let segments: Vec<&Segment> = segments.collect();
    let mut changes: Vec<(f32, i32)> = segments.iter().flat_map(|s| [(s.start, 1), (s.end, -1)]).collect();
    changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut middles = Vec::new();
    let (mut ink, mut free_from, mut seen) = (0i32, None, false);
    for (x, change) in changes {
        ink += change;
        let free = ink <= crossing;
        match (free, free_from) {
            (true, None) => free_from = Some(x),
            (false, Some(start)) => {
                if seen && x - start >= GUTTER * em {
                    middles.extend(band(start, x, &segments, em));
                }
                free_from = None;
            }
            _ => {}
        }
        seen |= !free;
    }
    middles
}

/// The centre of a gutter; or two, one on each side of a column that few rows fill.
fn band(start: f32, end: f32, segments: &[&Segment], em: f32) -> Vec<f32> {
    let room = 0.5 * GUTTER * em;
    let sparse = segments.iter().filter(|s| s.start >= start + room && s.end <= end - room);
    let (low, high, count) =
        sparse.fold((f32::MAX, f32::MIN, 0), |(low, high, count), s| (low.min(s.start), high.max(s.end), count + 1));
    if count < 2 {
        return vec![emptiest(start, end, segments)];
    }
    vec![f32::midpoint(start, low), f32::midpoint(high, end)]
}

/// The centre of the part of a gutter that the fewest segments cross; if there are several, of the widest.
fn emptiest(start: f32, end: f32, segments: &[&Segment]) -> f32 {
    let across: Vec<&&Segment> = segments.iter().filter(|s| s.start < end && s.end > start).collect();
    let inner = across.iter().flat_map(|s| [s.start, s.end]).filter(|x| start < *x && *x < end);
    let mut edges: Vec<f32> = inner.chain([start, end]).collect();
    edges.sort_by(f32::total_cmp);
    let parts = edges.windows(2).map(|pair| {
        let middle = f32::midpoint(pair[0], pair[1]);
        let count = across.iter().filter(|s| s.start < middle && middle < s.end).count();
        (count, pair[0] - pair[1], middle)
    });
    let best = parts.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    best.map_or(f32::midpoint(start, end), |part| part.2)
}
