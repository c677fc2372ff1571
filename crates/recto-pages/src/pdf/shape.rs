//! The shape of a drawn letter, for comparison with others: a font's 5 should look like a 5.

/// Cells along each side of a shape.
const CELLS: usize = 12;
/// Rows and columns of samples that are averaged to a cell.
const SAMPLES: usize = 3;
const SIDE: usize = CELLS * SAMPLES;
/// The number of chords that approximate a curve.
const CHORDS: usize = 5;
/// The weight of a difference in the ratio of width to height, per logarithm of the factor, and its maximum.
const ASPECT_WEIGHT: f32 = 0.08;
const MOST_ASPECT: f32 = 1.5;
/// The weight of a difference in position, per em of vertical displacement of the lower or upper edge.
const PLACE_WEIGHT: f32 = 0.25;

/// A piece of a letter's outline, in type sizes; y grows upwards from the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Segment {
    /// Begins a contour.
    Move((f32, f32)),
    /// A straight edge.
    Line((f32, f32)),
    /// A cubic Bézier curve: two control points and its end.
    Curve((f32, f32), (f32, f32), (f32, f32)),
}

/// The share of ink in each cell of a letter's box, and the proportions and position of that box.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    ink: [f32; CELLS * CELLS],
    log_aspect: f32,
    bottom: f32,
    top: f32,
}

/// An edge of a contour.
type Edge = ((f32, f32), (f32, f32));

impl Shape {
    /// The shape of an outline; `None` when it encloses nothing.
    pub(super) fn of(outline: &[Segment]) -> Option<Self> {
        let edges = edges(outline);
        let corners = || edges.iter().flat_map(|&(a, b)| [a, b]);
        let least = |of: fn((f32, f32)) -> f32| corners().map(of).fold(f32::INFINITY, f32::min);
        let most = |of: fn((f32, f32)) -> f32| corners().map(of).fold(f32::NEG_INFINITY, f32::max);
        let (left, bottom, right, top) = (least(|p| p.0), least(|p| p.1), most(|p| p.0), most(|p| p.1));
        let (width, height) = (right - left, top - bottom);
        if !(width > 1e-4 && height > 1e-4 && width < 10.0 && height < 10.0) {
            return None;
        }
        let mut ink = [0.0; CELLS * CELLS];
        for row in 0..SIDE {
            let y = top - (row as f32 + 0.5) / SIDE as f32 * height;
            for (from, to) in filled(&edges, y) {
                let column = |x: f32| (((x - left) / width * SIDE as f32).round().max(0.0) as usize).min(SIDE);
                for column in column(from)..column(to) {
                    ink[row / SAMPLES * CELLS + column / SAMPLES] += 1.0 / (SAMPLES * SAMPLES) as f32;
                }
            }
        }
        Some(Self { ink: blurred(&ink), log_aspect: (width / height).ln(), bottom, top })
    }

    /// The share of ink in the letter's box; slightly less, because edges are blurred.
    pub(super) fn coverage(&self) -> f32 {
        self.ink.iter().sum::<f32>() / self.ink.len() as f32
    }

    /// The difference between two shapes: 0 for the same shape, about 0.3 for two letters that have nothing in common.
    pub(super) fn distance(&self, other: &Self) -> f32 {
        let squares: f32 = self.ink.iter().zip(&other.ink).map(|(a, b)| (a - b) * (a - b)).sum();
        let aspect = (self.log_aspect - other.log_aspect).abs().min(MOST_ASPECT);
        let place = (self.bottom - other.bottom).abs() + (self.top - other.top).abs();
        (squares / self.ink.len() as f32).sqrt() + ASPECT_WEIGHT * aspect + PLACE_WEIGHT * place.min(1.0)
    }
}

/// The straight edges of an outline, with each contour closed.
fn edges(outline: &[Segment]) -> Vec<Edge> {
    let mut edges = Vec::new();
    let (mut start, mut at) = ((0.0, 0.0), (0.0, 0.0));
    for segment in outline {
        match *segment {
            Segment::Move(to) => {
                edges.push((at, start));
                (start, at) = (to, to);
            }
            Segment::Line(to) => {
                edges.push((at, to));
                at = to;
            }
            Segment::Curve(first, second, to) => {
                let from = at;
                for chord in 1..=CHORDS {
                    let t = chord as f32 / CHORDS as f32;
                    let (a, b, c, d) =
                        ((1.0 - t).powi(3), 3.0 * t * (1.0 - t).powi(2), 3.0 * t * t * (1.0 - t), t.powi(3));
                    let next = (
                        a * from.0 + b * first.0 + c * second.0 + d * to.0,
                        a * from.1 + b * first.1 + c * second.1 + d * to.1,
                    );
                    edges.push((at, next));
                    at = next;
                }
            }
        }
    }
    edges.push((at, start));
    edges.retain(|(a, b)| a != b && [a.0, a.1, b.0, b.1].iter().all(|v| v.is_finite()));
    edges
}

/// The intervals of a horizontal line inside the contours, by the non-zero winding rule.
fn filled(edges: &[Edge], y: f32) -> Vec<(f32, f32)> {
    let mut crossings: Vec<(f32, i32)> = edges
        .iter()
        .filter(|(a, b)| (a.1 <= y) != (b.1 <= y))
        .map(|(a, b)| (a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0), if a.1 <= y { 1 } else { -1 }))
        .collect();
    crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut spans, mut turns, mut from) = (Vec::new(), 0, 0.0);
    for (x, turn) in crossings {
        if turns == 0 {
            from = x;
        }
        turns += turn;
        if turns == 0 {
            spans.push((from, x));
        }
    }
    spans
}

/// Each cell with a part of its neighbours, so that slightly displaced strokes still overlap.
fn blurred(ink: &[f32; CELLS * CELLS]) -> [f32; CELLS * CELLS] {
    let mut out = [0.0; CELLS * CELLS];
    for y in 0..CELLS {
        for x in 0..CELLS {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (ny, wy) in [(y.wrapping_sub(1), 1.0), (y, 2.0), (y + 1, 1.0)] {
                for (nx, wx) in [(x.wrapping_sub(1), 1.0), (x, 2.0), (x + 1, 1.0)] {
                    weight += wx * wy;
                    if nx < CELLS && ny < CELLS {
                        sum += wx * wy * ink[ny * CELLS + nx];
                    }
                }
            }
            out[y * CELLS + x] = sum / weight;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(left: f32, bottom: f32, side: f32, is_hole: bool) -> Vec<Segment> {
        let (right, top) = (left + side, bottom + side);
        let mut corners = [(left, bottom), (right, bottom), (right, top), (left, top)];
        if is_hole {
            corners.reverse();
        }
        let [first, rest @ ..] = corners;
        std::iter::once(Segment::Move(first)).chain(rest.into_iter().map(Segment::Line)).collect()
    }

    #[test]
    fn a_ring_is_not_a_square_and_size_matters_little() {
        let full = Shape::of(&square(0.0, 0.0, 0.7, false)).unwrap();
        let ring = Shape::of(&[square(0.0, 0.0, 0.7, false), square(0.2, 0.2, 0.3, true)].concat()).unwrap();
        let larger = Shape::of(&square(0.0, 0.0, 0.8, false)).unwrap();
        assert!(full.distance(&full) < 1e-6);
        assert!(full.distance(&larger) < 0.05);
        assert!(full.distance(&ring) > 0.2);
    }

    #[test]
    fn what_encloses_nothing_has_no_shape() {
        assert_eq!(Shape::of(&[]), None);
        assert_eq!(Shape::of(&[Segment::Move((0.0, 0.0)), Segment::Line((1.0, 0.0))]), None);
        assert_eq!(Shape::of(&[Segment::Move((f32::NAN, 0.0)), Segment::Line((1.0, 1.0))]), None);
    }
}
