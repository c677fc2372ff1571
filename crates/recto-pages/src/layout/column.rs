//! Columns of text: regions that are read one after the other.

use recto_layout::Piece;

use super::line::Segment;
use super::word::PlacedWord;

/// A gap of this many type sizes may be the gutter between two columns whose lines follow each other in the file.
const GAP: f32 = 0.9;

/// Divides the segments of a page into regions, in reading order: each column becomes a region, while the cells of a
/// table stay together. A segment that extends across a gutter is split there.
pub(super) fn regions(segments: &[Segment]) -> Vec<Vec<Segment>> {
    let mut parts: Vec<Option<(usize, Segment)>> =
        segments.iter().enumerate().flat_map(|(number, segment)| parts(number, segment)).map(Some).collect();
    let pieces: Vec<Piece> = parts.iter().flatten().map(|part| piece(&part.1)).collect();
    let regions = recto_layout::regions(&pieces).into_iter().map(|mut region| {
        // In file order, so that parts of one segment are adjacent again.
        region.sort_unstable();
        joined(region.into_iter().filter_map(|at| parts[at].take()))
    });
    regions.collect()
}

/// The parts of a segment between possible gutters, with its number.
fn parts(number: usize, segment: &Segment) -> Vec<(usize, Segment)> {
    let goes_on = |last: &PlacedWord, next: &PlacedWord| {
        let gap = (next.cell.x - last.cell.right()).max(last.cell.x - next.cell.right());
        gap < GAP * last.size.max(next.size)
    };
    let parts = segment.words.chunk_by(goes_on);
    parts.filter_map(|words| Some((number, Segment::of(words.to_vec())?))).collect()
}

/// The segments of a region, with parts joined again unless a gutter separates them.
fn joined(parts: impl Iterator<Item = (usize, Segment)>) -> Vec<Segment> {
    let mut segments: Vec<(usize, Segment)> = Vec::new();
    for (number, part) in parts {
        match segments.last_mut().filter(|last| last.0 == number) {
            Some((_, segment)) => segment.go_on_with(part),
            None => segments.push((number, part)),
        }
    }
    segments.into_iter().map(|segment| segment.1).collect()
}

fn piece(segment: &Segment) -> Piece {
    let words: Vec<&str> = segment.words.iter().map(|word| word.text.as_str()).collect();
    Piece::new(segment.cell, segment.size, &words.join(" "))
}
