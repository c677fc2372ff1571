//! Horizontal bands of a page, and the white space between the pieces in them.

use crate::piece::Piece;

/// Tightly set lines overlap a little: this share of the size at the top and at the bottom does not count as overlap.
const OVERLAP: f32 = 0.2;

/// A range of x coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) from: f32,
    pub(crate) to: f32,
}

impl Span {
    pub(crate) fn width(self) -> f32 {
        self.to - self.from
    }
}

/// A horizontal band of the page; no piece crosses its upper or lower edge.
#[derive(Debug)]
pub(crate) struct Band<'a> {
    pub(crate) pieces: Vec<(usize, &'a Piece)>,
    /// The free ranges of x, from left to right.
    pub(crate) free: Vec<Span>,
    /// The left end of the piece that begins furthest left.
    pub(crate) leftmost_start: f32,
    /// The right end of the piece that ends furthest right.
    pub(crate) rightmost_end: f32,
    pub(crate) top: f32,
    pub(crate) bottom: f32,
    /// The right end of the piece that ends furthest left.
    pub(crate) leftmost_end: f32,
    /// The left end of the piece that begins furthest right.
    pub(crate) rightmost_start: f32,
}

impl<'a> Band<'a> {
    fn of(pieces: Vec<(usize, &'a Piece)>) -> Self {
        Self {
            free: free_spans(&pieces),
            leftmost_start: pieces.iter().map(|p| p.1.bounds.x).fold(f32::INFINITY, f32::min),
            rightmost_end: pieces.iter().map(|p| p.1.bounds.right()).fold(f32::NEG_INFINITY, f32::max),
            top: pieces.iter().map(|p| p.1.bounds.y).fold(f32::INFINITY, f32::min),
            bottom: pieces.iter().map(|p| p.1.bounds.bottom()).fold(f32::NEG_INFINITY, f32::max),
            leftmost_end: pieces.iter().map(|p| p.1.bounds.right()).fold(f32::INFINITY, f32::min),
            rightmost_start: pieces.iter().map(|p| p.1.bounds.x).fold(f32::NEG_INFINITY, f32::max),
            pieces,
        }
    }
}

/// The bands formed by some pieces, from top to bottom.
pub(crate) fn bands<'a>(mut pieces: Vec<(usize, &'a Piece)>) -> Vec<Band<'a>> {
    let top = |p: &Piece| p.bounds.y + OVERLAP * p.size.min(p.bounds.height);
    let bottom = |p: &Piece| (p.bounds.bottom() - OVERLAP * p.size.min(p.bounds.height)).max(top(p));
    pieces.sort_by(|a, b| top(a.1).total_cmp(&top(b.1)).then(a.1.bounds.x.total_cmp(&b.1.bounds.x)));
    let mut slices: Vec<Vec<(usize, &'a Piece)>> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for piece in pieces {
        match slices.last_mut() {
            Some(slice) if top(piece.1) < end => slice.push(piece),
            _ => slices.push(vec![piece]),
        }
        end = end.max(bottom(piece.1));
    }
    slices.into_iter().map(Band::of).collect()
}

/// The ranges of x that no piece covers, from minus to plus infinity.
fn free_spans(pieces: &[(usize, &Piece)]) -> Vec<Span> {
    let mut covered: Vec<(f32, f32)> = pieces.iter().map(|(_, p)| (p.bounds.x, p.bounds.right())).collect();
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

/// The ranges free in both that have at least that width. Both inputs are sorted by x.
pub(crate) fn intersect(a: &[Span], b: &[Span], min_width: f32) -> Vec<Span> {
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
