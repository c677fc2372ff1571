//! Skew detection: measures how well ink gathers in rows at an angle.

/// The largest skew that is searched for, in degrees.
pub(crate) const MAX_SKEW: f32 = 26.0;
/// The step between the angles that are tried first, in degrees.
const COARSE_STEP: f32 = 0.25;
/// The step between the angles tried around the best of them, in degrees, and the number of these on each side.
const FINE_STEP: f32 = 0.05;
const FINE_STEPS: i32 = 5;
/// Extra pixels that points of a row may move at angles beyond the steepest one: 0.5 % of the longest side.
const BEYOND: f32 = 12.0;
/// The most points used; more make the estimate slower but not better.
const MAX_POINTS: usize = 12_000;
/// Points per pass through the list: points at equal distances are taken first, then their neighbours.
const POINTS_A_TURN: usize = 24;
/// The fewest points for an estimate.
pub(crate) const LEAST_POINTS: usize = 8;

/// Points of ink in rows from top to bottom, to be projected sideways at different angles.
pub(crate) struct Gathering {
    points: Vec<(u16, u16)>,
    shifts: Vec<usize>,
    bins: Vec<u32>,
    room: f32,
}

impl Gathering {
    /// Points of a picture of that size, in reading order, to be projected at angles of up to `steepest` degrees;
    /// `None` when there are too few.
    pub(crate) fn of(points: &[(u16, u16)], width: usize, height: usize, steepest: f32) -> Option<Self> {
        if points.len() < LEAST_POINTS {
            return None;
        }
        // Taking every n-th column of each row would follow a pattern in the rows; a stride through the list in reading
        // order does not.
        let stride = points.len().div_ceil(MAX_POINTS);
        let points: Vec<(u16, u16)> = points.iter().step_by(stride).copied().collect();
        // Points of one row fall into one bin, and each increment of a bin waits for the one before. The rows are
        // therefore interleaved.
        let turns = 1 + points.len() / POINTS_A_TURN;
        let points = (0..turns).flat_map(|i| points[i..].iter().step_by(turns).copied()).collect();
        let room = width as f32 * steepest.to_radians().tan() + BEYOND;
        Some(Self { points, shifts: vec![0; width], bins: vec![0; height + (2.0 * room) as usize + 2], room })
    }

    /// How well the points gather in rows that fall by that many degrees: the sum of squares of the projection profile
    /// (W. Postl, "Detection of linear oblique structures and skew scan in digitized documents", 1986).
    fn score(&mut self, degrees: f32) -> f32 {
        let slope = degrees.to_radians().tan();
        for (x, shift) in self.shifts.iter_mut().enumerate() {
            *shift = (self.room - x as f32 * slope).max(0.0) as usize;
        }
        self.bins.fill(0);
        for &(x, y) in &self.points {
            self.bins[usize::from(y) + self.shifts[usize::from(x)]] += 1;
        }
        // At most the square of MAX_POINTS.
        self.bins.iter().map(|&n| n * n).sum::<u32>() as f32
    }

    /// The angle at which the points gather best, and the ratio of its score to the median score.
    pub(crate) fn best(&mut self) -> (f32, f32) {
        let steps = (MAX_SKEW / COARSE_STEP) as i32;
        let coarse: Vec<(f32, f32)> =
            (-steps..=steps).map(|i| i as f32 * COARSE_STEP).map(|d| (d, self.score(d))).collect();
        let near = best(&coarse).0;
        let (degrees, top) = self.finest(near);
        let mut scores: Vec<f32> = coarse.iter().map(|&(_, score)| score).collect();
        scores.sort_by(f32::total_cmp);
        let usual = scores[scores.len() / 2].max(1.0);
        (degrees.clamp(-MAX_SKEW, MAX_SKEW), top / usual)
    }

    /// The angle at which the points gather best, within `within` degrees of another angle.
    pub(crate) fn best_near(&mut self, degrees: f32, within: f32) -> f32 {
        let steps = (within / COARSE_STEP).ceil() as i32;
        let tried: Vec<(f32, f32)> =
            (-steps..=steps).map(|i| degrees + i as f32 * COARSE_STEP).map(|d| (d, self.score(d))).collect();
        self.finest(best(&tried).0).0
    }

    fn finest(&mut self, near: f32) -> (f32, f32) {
        let tried: Vec<(f32, f32)> =
            (-FINE_STEPS..=FINE_STEPS).map(|i| near + i as f32 * FINE_STEP).map(|d| (d, self.score(d))).collect();
        best(&tried)
    }
}

fn best(tried: &[(f32, f32)]) -> (f32, f32) {
    tried.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_steeper_than_is_looked_for_are_told_as_the_steepest() {
        let (width, height) = (1300u16, 1300u16);
        for slope in [0.51f32, -0.51] {
            let row = |top: u16| (0..width).map(move |x| (x, (f32::from(top) + f32::from(x) * slope) as u16));
            let mut points: Vec<(u16, u16)> = (700..height).step_by(130).flat_map(row).collect();
            // Points in the corners move furthest.
            points.extend([(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]);
            points.retain(|p| p.1 < height);
            let (degrees, _) = Gathering::of(&points, width.into(), height.into(), MAX_SKEW).unwrap().best();
            assert_eq!(degrees, MAX_SKEW.copysign(slope));
        }
    }
}
