//! Columns of text: regions that are read one after the other.

use std::ops::Range;

use super::line::{Segment, is_right_to_left, lines};

/// A free strip between columns is at least this many type sizes wide.
const GUTTER: f32 = 0.8;
/// A column of running text has at least this many lines,
const MIN_LINES: usize = 3;
/// fills its width to this share,
const MIN_FILL: f32 = 0.55;
/// and has this many letters a line; what has fewer is a cell of a table.
const MIN_LETTERS: usize = 15;
const MAX_DEPTH: u32 = 8;
/// Pages with more level slices have no columns that are worth the time.
const MAX_BANDS: usize = 500;
/// Rows of bands that are looked at closely.
const MAX_CANDIDATES: usize = 12;

/// A range of x.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    from: f32,
    to: f32,
}

impl Span {
    fn width(self) -> f32 {
        self.to - self.from
    }
}

/// A slice of the page across which nothing reaches, up or down.
#[derive(Debug)]
struct Band {
    segments: Vec<Segment>,
    /// Where nothing stands, from left to right.
    free: Vec<Span>,
    /// The right end of the segment that ends first.
    leftmost_end: f32,
    /// The left end of the segment that begins last.
    rightmost_start: f32,
}

impl Band {
    fn of(segments: Vec<Segment>) -> Self {
        Self {
            free: free_spans(&segments),
            leftmost_end: segments.iter().map(|s| s.cell.right()).fold(f32::INFINITY, f32::min),
            rightmost_start: segments.iter().map(|s| s.cell.x).fold(f32::NEG_INFINITY, f32::max),
            segments,
        }
    }
}

/// Parts the segments of a page into regions, in reading order: side-by-side columns of running text become regions
/// of their own, everything else stays in regions as wide as the page. Cells of a table stay together.
pub(super) fn regions(segments: Vec<Segment>) -> Vec<Vec<Segment>> {
    let mut regions = Vec::new();
    split(segments, 0, &mut regions);
    regions
}

fn split(segments: Vec<Segment>, depth: u32, regions: &mut Vec<Vec<Segment>>) {
    if segments.is_empty() {
        return;
    }
    if segments.len() < 2 * MIN_LINES || depth == MAX_DEPTH {
        regions.push(segments);
        return;
    }
    let gutter_width = GUTTER * typical_size(&segments);
    let mut above: Vec<Band> = bands(segments).into_iter().map(Band::of).collect();
    let Some((range, middle)) = columns(&above, gutter_width) else {
        regions.push(above.into_iter().flat_map(|b| b.segments).collect());
        return;
    };
    let below = above.split_off(range.end);
    let beside = above.split_off(range.start).into_iter().flat_map(|b| b.segments).collect::<Vec<_>>();
    let all = |bands: Vec<Band>| bands.into_iter().flat_map(|b| b.segments).collect();
    split(all(above), depth + 1, regions);
    let right_first = is_right_to_left(&beside);
    let (left, right): (Vec<_>, Vec<_>) = beside.into_iter().partition(|s| s.cell.center().x < middle);
    let (first, second) = if right_first { (right, left) } else { (left, right) };
    split(first, depth + 1, regions);
    split(second, depth + 1, regions);
    split(all(below), depth + 1, regions);
}

/// The longest row of bands that a gutter goes through with running text on both sides, and the gutter's middle.
fn columns(bands: &[Band], gutter_width: f32) -> Option<(Range<usize>, f32)> {
    if bands.len() > MAX_BANDS {
        return None;
    }
    let mut candidates: Vec<(Range<usize>, Vec<Span>)> =
        (0..bands.len()).map(|start| longest_group(bands, start, gutter_width)).collect();
    let segments = |range: &Range<usize>| bands[range.clone()].iter().map(|b| b.segments.len()).sum::<usize>();
    candidates.sort_by_key(|(range, _)| std::cmp::Reverse(segments(range)));
    candidates.into_iter().take(MAX_CANDIDATES).find_map(|(range, free)| {
        let group = bands[range.clone()].iter().flat_map(|b| &b.segments);
        best_gutter(&free, &group.collect::<Vec<_>>(), gutter_width).map(|middle| (range, middle))
    })
}

/// As many bands from `start` on as have a free strip in common with text on both sides of it.
fn longest_group(bands: &[Band], start: usize, gutter_width: f32) -> (Range<usize>, Vec<Span>) {
    let (first, rest) = (&bands[start], &bands[start + 1..]);
    let (mut free, mut leftmost_end, mut rightmost_start) =
        (first.free.clone(), first.leftmost_end, first.rightmost_start);
    let mut end = start + 1;
    for next in rest {
        let common = intersect(&free, &next.free, gutter_width);
        leftmost_end = leftmost_end.min(next.leftmost_end);
        rightmost_start = rightmost_start.max(next.rightmost_start);
        if !common.iter().any(|span| leftmost_end <= span.from && rightmost_start >= span.to) {
            break;
        }
        free = common;
        end += 1;
    }
    (start..end, free)
}

fn typical_size(segments: &[Segment]) -> f32 {
    let mut sizes: Vec<f32> = segments.iter().map(|s| s.size).collect();
    sizes.sort_by(f32::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)
}

/// Horizontal slices between which a level line can be drawn, from top to bottom.
fn bands(mut segments: Vec<Segment>) -> Vec<Vec<Segment>> {
    // Lines set tightly overlap a little; a fifth of the type size is no common line.
    let top = |s: &Segment| s.cell.y + 0.2 * s.size;
    let bottom = |s: &Segment| (s.cell.bottom() - 0.2 * s.size).max(top(s));
    segments.sort_by(|a, b| top(a).total_cmp(&top(b)));
    let mut bands: Vec<Vec<Segment>> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for segment in segments {
        let segment_end = bottom(&segment);
        match bands.last_mut() {
            Some(band) if top(&segment) < end => band.push(segment),
            _ => bands.push(vec![segment]),
        }
        end = end.max(segment_end);
    }
    bands
}

/// The ranges of x that no segment covers, from minus to plus infinity.
fn free_spans(segments: &[Segment]) -> Vec<Span> {
    let mut covered: Vec<(f32, f32)> = segments.iter().map(|s| (s.cell.x, s.cell.right())).collect();
    covered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = Vec::new();
    let mut from = f32::NEG_INFINITY;
    for (left, right) in covered {
        if left > from {
            free.push(Span { from, to: left });
        }
        from = from.max(right);
    }
    free.push(Span { from, to: f32::INFINITY });
    free
}

/// What is free in both, as far as it is wide enough. Both are in order of x.
fn intersect(a: &[Span], b: &[Span], min_width: f32) -> Vec<Span> {
    let (mut i, mut j) = (0, 0);
    let mut common = Vec::new();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let span = Span { from: x.from.max(y.from), to: x.to.min(y.to) };
        if span.width() >= min_width {
            common.push(span);
        }
        if x.to < y.to { i += 1 } else { j += 1 }
    }
    common
}

/// The middle of the widest strip with running text on both sides.
fn best_gutter(free: &[Span], group: &[&Segment], min_width: f32) -> Option<f32> {
    let mut inner: Vec<Span> =
        free.iter().copied().filter(|s| s.from.is_finite() && s.to.is_finite() && s.width() >= min_width).collect();
    inner.sort_by(|a, b| b.width().total_cmp(&a.width()));
    inner.into_iter().map(|span| f32::midpoint(span.from, span.to)).find(|&middle| {
        let (left, right): (Vec<&Segment>, Vec<&Segment>) = group.iter().partition(|s| s.cell.center().x < middle);
        is_running_text(&left) && is_running_text(&right)
    })
}

/// Whether the segments are lines of text rather than cells of a table or a few labels.
fn is_running_text(side: &[&Segment]) -> bool {
    let left = side.iter().map(|s| s.cell.x).fold(f32::INFINITY, f32::min);
    let right = side.iter().map(|s| s.cell.right()).fold(f32::NEG_INFINITY, f32::max);
    let filled: f32 = side.iter().map(|s| s.cell.width).sum();
    let letters: usize = side.iter().map(|s| s.letters()).sum();
    let lines = lines(side.iter().copied().cloned().collect(), false).len();
    lines >= MIN_LINES && filled >= MIN_FILL * (right - left) * lines as f32 && letters >= MIN_LETTERS * lines
}
