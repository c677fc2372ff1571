//! Finds the rectangles around lines in a map of probabilities.

use recto_domain::Point;

use crate::region::Region;

/// The least probability of a pixel that belongs to text.
const TEXT: f32 = 0.2;
/// The least mean probability of a rectangle that contains text.
const TEXT_ON_AVERAGE: f32 = 0.4;
/// The detector marks the core of a line. The core's rectangle grows on each side by its area times this, divided by
/// its perimeter.
pub(crate) const GROWTH: f32 = 1.4;
/// Cores that are lower than this many pixels of the map are dirt.
const MIN_THICKNESS: f32 = 2.5;
/// The most lines on a page.
const MAX_REGIONS: usize = 3000;

/// The probability that a pixel of a picture belongs to a line of text, row by row.
pub(crate) struct TextMap {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) likelihood: Vec<f32>,
}

impl TextMap {
    /// The rectangles around connected pixels that are probably text, in pixels of the map.
    pub(crate) fn regions(&self) -> Vec<Region> {
        let mut seen: Vec<bool> = self.likelihood.iter().map(|&p| p < TEXT).collect();
        let mut regions = Vec::new();
        for start in 0..seen.len() {
            if seen[start] {
                continue;
            }
            let hull = hull(self.spot(start, &mut seen));
            let Some(core) = smallest_rectangle(&hull) else { continue };
            if core.thickness < MIN_THICKNESS {
                continue;
            }
            let score = self.mean_within(&core);
            if score < TEXT_ON_AVERAGE {
                continue;
            }
            let growth = core.length * core.thickness * GROWTH / (2.0 * (core.length + core.thickness));
            let grown = core.grown(growth);
            regions.push(Region::of(grown.center, grown.angle, grown.length, grown.thickness, score));
            if regions.len() == MAX_REGIONS {
                break;
            }
        }
        regions
    }

    /// The left and right end, in every row, of the pixels connected with the pixel `start` (8 neighbours).
    fn spot(&self, start: usize, seen: &mut [bool]) -> Vec<(usize, usize, usize)> {
        let mut rows: Vec<(usize, usize, usize)> = Vec::new();
        // The scan reaches a spot first at its topmost row.
        let top = start / self.width;
        seen[start] = true;
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let (x, y) = (at % self.width, at / self.width);
            if rows.len() <= y - top {
                rows.extend((rows.len()..=y - top).map(|row| (top + row, usize::MAX, 0)));
            }
            let row = &mut rows[y - top];
            (row.1, row.2) = (row.1.min(x), row.2.max(x));
            for y in y.saturating_sub(1)..=(y + 1).min(self.height - 1) {
                for x in x.saturating_sub(1)..=(x + 1).min(self.width - 1) {
                    let neighbour = y * self.width + x;
                    if !seen[neighbour] {
                        seen[neighbour] = true;
                        open.push(neighbour);
                    }
                }
            }
        }
        rows
    }

    /// The mean probability of the pixels whose middles are inside a rectangle.
    fn mean_within(&self, region: &Region) -> f32 {
        let bounds = region.bounds();
        let (along, across) = region.axes();
        let (mut sum, mut all) = (0.0, 0u32);
        let range = |from: f32, to: f32, end: usize| (from.max(0.0) as usize)..(to.ceil().max(0.0) as usize).min(end);
        for y in range(bounds.y, bounds.bottom(), self.height) {
            for x in range(bounds.x, bounds.right(), self.width) {
                let (dx, dy) = (x as f32 + 0.5 - region.center.x, y as f32 + 0.5 - region.center.y);
                if (dx * along.x + dy * along.y).abs() <= region.length / 2.0
                    && (dx * across.x + dy * across.y).abs() <= region.thickness / 2.0
                {
                    sum += self.likelihood[y * self.width + x];
                    all += 1;
                }
            }
        }
        sum / all.max(1) as f32
    }
}

/// The convex hull of the pixels, as areas, between the ends of some rows (A. M. Andrew's monotone chain, 1979).
fn hull(rows: Vec<(usize, usize, usize)>) -> Vec<Point> {
    let corners = rows.into_iter().flat_map(|(y, left, right)| {
        [(left, y), (right + 1, y), (left, y + 1), (right + 1, y + 1)].map(|(x, y)| Point { x: x as f32, y: y as f32 })
    });
    let mut points: Vec<Point> = corners.collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup();
    let turns_back = |a: &Point, b: &Point, c: &Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) <= 0.0;
    let mut chain: Vec<Point> = Vec::new();
    let mut base = 0;
    for pass in 0..2 {
        let sorted: Box<dyn Iterator<Item = &Point>> =
            if pass == 0 { Box::new(points.iter()) } else { Box::new(points.iter().rev()) };
        for &point in sorted {
            while chain.len() >= base + 2 && turns_back(&chain[chain.len() - 2], &chain[chain.len() - 1], &point) {
                chain.pop();
            }
            chain.push(point);
        }
        // The end of one chain is the start of the other.
        chain.pop();
        base = chain.len();
    }
    chain
}

/// The smallest rectangle around a convex hull. One of its sides lies on a side of the hull (H. Freeman and R. Shapira,
/// 1975). `None` when the hull has fewer than three corners.
fn smallest_rectangle(hull: &[Point]) -> Option<Region> {
    if hull.len() < 3 {
        return None;
    }
    let around = |i: usize| {
        let (from, to) = (hull[i], hull[(i + 1) % hull.len()]);
        let angle = (to.y - from.y).atan2(to.x - from.x);
        let (sin, cos) = angle.sin_cos();
        let reach = |along: &dyn Fn(&Point) -> f32| {
            let all = hull.iter().map(along);
            all.fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), v| (least.min(v), most.max(v)))
        };
        let (left, right) = reach(&|p| p.x * cos + p.y * sin);
        let (top, bottom) = reach(&|p| p.y * cos - p.x * sin);
        let (u, v) = (f32::midpoint(left, right), f32::midpoint(top, bottom));
        let center = Point { x: u * cos - v * sin, y: u * sin + v * cos };
        let (along, across) = (right - left, bottom - top);
        let angle = angle.to_degrees();
        // The angle is that of the longer side.
        if along >= across {
            Region { center, length: along, thickness: across, angle, score: 0.0 }
        } else {
            Region { center, length: across, thickness: along, angle: angle + 90.0, score: 0.0 }
        }
    };
    let area = |r: &Region| r.length * r.thickness;
    (0..hull.len()).map(around).min_by(|a, b| area(a).total_cmp(&area(b)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A map in which the pixels inside a region are probably text.
    fn map_of(region: &Region) -> TextMap {
        let (width, height) = (400, 300);
        let (along, across) = region.axes();
        let inside = |i: usize| {
            let (dx, dy) = ((i % width) as f32 + 0.5 - region.center.x, (i / width) as f32 + 0.5 - region.center.y);
            (dx * along.x + dy * along.y).abs() <= region.length / 2.0
                && (dx * across.x + dy * across.y).abs() <= region.thickness / 2.0
        };
        let likelihood = (0..width * height).map(|i| if inside(i) { 0.9 } else { 0.05 }).collect();
        TextMap { width, height, likelihood }
    }

    proptest! {
        #[test]
        fn a_slanted_bar_is_found_where_it_lies_and_grown(
            x in 150f32..250.0, y in 120f32..180.0, angle in -30f32..30.0, length in 80f32..180.0, thickness in 8f32..24.0,
        ) {
            let bar = Region { center: Point { x, y }, length, thickness, angle, score: 1.0 };
            let found = map_of(&bar).regions();
            prop_assert_eq!(found.len(), 1);
            let found = found[0];
            let growth = length * thickness * GROWTH / (2.0 * (length + thickness));
            prop_assert!((found.center.x - x).abs() < 1.5 && (found.center.y - y).abs() < 1.5, "{found:?}");
            prop_assert!((found.angle - angle).abs() < 2.0, "{found:?}");
            prop_assert!((found.length - length - 2.0 * growth).abs() < 6.0, "{found:?}");
            prop_assert!((found.thickness - thickness - 2.0 * growth).abs() < 5.0, "{found:?}");
        }

        #[test]
        fn the_smallest_rectangle_holds_every_corner_and_is_no_larger_than_the_upright_one(
            corners in proptest::collection::vec((0usize..60, 0usize..60), 3..20),
        ) {
            let rows: Vec<_> = corners.iter().map(|&(x, y)| (y, x, x)).collect();
            let hull = hull(rows.clone());
            let found = smallest_rectangle(&hull).unwrap();
            let (along, across) = found.axes();
            for p in &hull {
                let (dx, dy) = (p.x - found.center.x, p.y - found.center.y);
                prop_assert!((dx * along.x + dy * along.y).abs() <= found.length / 2.0 + 0.01);
                prop_assert!((dx * across.x + dy * across.y).abs() <= found.thickness / 2.0 + 0.01);
            }
            let side = |of: fn(&(usize, usize)) -> usize| {
                (corners.iter().map(of).max().unwrap() - corners.iter().map(of).min().unwrap() + 1) as f32
            };
            prop_assert!(found.length * found.thickness <= side(|c| c.0) * side(|c| c.1) + 0.5);
        }
    }

    #[test]
    fn dirt_and_doubtful_spots_are_no_lines() {
        let dot = Region { center: Point { x: 100.0, y: 100.0 }, length: 2.0, thickness: 2.0, angle: 0.0, score: 1.0 };
        assert!(map_of(&dot).regions().is_empty());
        let mut faint = map_of(&Region { length: 100.0, thickness: 12.0, ..dot });
        faint.likelihood.iter_mut().for_each(|p| *p *= 0.4);
        assert!(faint.regions().is_empty());
    }
}
