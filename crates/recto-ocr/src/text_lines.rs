//! Lines of text at any angle, found by the letters that stand side by side in them.
//!
//! Frames, rules, pictures and the edge of a stamp are ignored, because they do not show how text runs. Lines grow
//! letter by letter, as in L. O'Gorman, "The document spectrum for page layout analysis", 1993, but along the line
//! fitted to the letters so far, so that an ascender or a comma does not bend them.

use recto_domain::Point;

use crate::letters::Spot;

/// A mark of joined letters counts for at most this many letters.
const MOST_LETTERS: f32 = 10.0;
/// A noisy picture has any number of marks; this many are enough.
const MAX_MARKS: usize = 20_000;
/// The constants below are in heights of a line's letters. The widest space in a line.
const BLANK: f32 = 2.0;
/// Letters this far apart are no evidence of a line, because lines are that far apart too.
const TELLING: f32 = 1.5;
/// The largest distance between the centre of a letter and the line; while there are few letters, the distance from the
/// letter before.
const ASIDE: f32 = 0.5;
const ASIDE_AT_FIRST: f32 = 0.65;
/// The number of letters that fix the direction of a line.
const FIXED: usize = 4;
/// The largest ratio between the heights of letters in a line.
const HEIGHTS: f32 = 2.6;
/// The fewest marks of a line.
const LEAST_MARKS: usize = 3;
/// The least length of a line.
const LEAST_LENGTH: f32 = 1.8;
/// The largest slope of a line, in degrees; steeper ones are steps from one line to the next.
const STEEPEST: f32 = 30.0;
/// The number of neighbours of a letter from which a line is started.
const SEEDS: usize = 3;

/// A row of letters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TextLine {
    /// The number of letters, minus those so far apart that they may belong to other lines.
    pub(crate) letters: f32,
    /// The slope in degrees, clockwise from its main direction: within ±30.
    pub(crate) degrees: f32,
    /// The error of the slope in degrees, from the scatter of its letters.
    pub(crate) error: f32,
    /// Its two ends, in pixels of the copy.
    pub(crate) from: Point,
    pub(crate) to: Point,
    /// The usual height of its marks across the line, in pixels of the copy.
    pub(crate) height: f32,
    /// Its marks, as indices of the spots.
    pub(crate) members: Vec<usize>,
}

/// The main direction of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// Horizontal.
    Across,
    /// Vertical.
    Down,
}

impl Run {
    /// The other direction.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Across => Self::Down,
            Self::Down => Self::Across,
        }
    }
}

/// A letter or a few joined letters.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Its centre, along and across the main direction. For vertical lines, along is downwards.
    along: f32,
    across: f32,
    /// The sides of its box, in the same directions.
    long: f32,
    high: f32,
    /// The distance to the nearest mark of its size above or below it, in pixels.
    apart: f32,
}

/// The lines of one direction among the spots of a picture.
pub(crate) fn text_lines(spots: &[Spot], run: Run) -> Vec<TextLine> {
    let places: Vec<usize> = (0..spots.len()).filter(|&i| spots[i].is_mark()).take(MAX_MARKS).collect();
    let mut marks: Vec<Mark> = places.iter().map(|&i| mark(&spots[i], run)).collect();
    let Some(grid) = Grid::of(&marks) else { return Vec::new() };
    let apart: Vec<f32> = (0..marks.len()).map(|i| grid.apart(i)).collect();
    marks.iter_mut().zip(apart).for_each(|(mark, apart)| mark.apart = apart);
    let Some(grid) = Grid::of(&marks) else { return Vec::new() };
    let mut taken = vec![false; marks.len()];
    let mut lines = Vec::new();
    for start in 0..marks.len() {
        if taken[start] {
            continue;
        }
        let chains = grid.neighbours(start, &taken).into_iter().map(|next| grid.chain(start, next, &taken));
        let best = chains.max_by(|a, b| a.score.total_cmp(&b.score));
        taken[start] = true;
        let Some(chain) = best.filter(|chain| chain.members.len() >= LEAST_MARKS) else { continue };
        chain.members.iter().for_each(|&i| taken[i] = true);
        let line = chain.line(&marks, run);
        lines.extend(line.map(|line| TextLine { members: chain.members.iter().map(|&i| places[i]).collect(), ..line }));
    }
    lines
}

/// Vertical lines are viewed from the right: downwards becomes along, and clockwise stays clockwise.
fn mark(spot: &Spot, run: Run) -> Mark {
    let (w, h) = (spot.width() as f32, spot.height() as f32);
    let (x, y) = (spot.left as f32 + w / 2.0, spot.top as f32 + h / 2.0);
    match run {
        Run::Across => Mark { along: x, across: y, long: w, high: h, apart: f32::INFINITY },
        Run::Down => Mark { along: y, across: -x, long: h, high: w, apart: f32::INFINITY },
    }
}

/// A straight line through letters.
#[derive(Debug, Clone, Copy)]
struct Course {
    /// A point on it.
    along: f32,
    across: f32,
    /// How far it falls per pixel along.
    slope: f32,
}

impl Course {
    /// How far a point lies below it.
    fn off(&self, mark: &Mark) -> f32 {
        (mark.across - self.across - (mark.along - self.along) * self.slope) / (1.0 + self.slope * self.slope).sqrt()
    }
}

/// The sides of a slanted mark, from those of the upright box around it: its length and height.
fn sides(mark: &Mark, slope: f32) -> (f32, f32) {
    let cos = 1.0 / (1.0 + slope * slope).sqrt();
    let sin = slope.abs() * cos;
    let apart = cos * cos - sin * sin;
    let least = 0.3 * mark.long.min(mark.high);
    if apart < 0.2 {
        return (mark.long, mark.high);
    }
    (((mark.long * cos - mark.high * sin) / apart).max(least), ((mark.high * cos - mark.long * sin) / apart).max(least))
}

/// The marks of a growing line.
struct Chain {
    /// Indices from the first to the last mark.
    members: std::collections::VecDeque<usize>,
    score: f32,
}

impl Chain {
    /// The least-squares line through the centres of its marks, with their scatter.
    fn line(&self, marks: &[Mark], run: Run) -> Option<TextLine> {
        let members: Vec<&Mark> = self.members.iter().map(|&i| &marks[i]).collect();
        let (course, scatter) = fitted(&members);
        let mut heights: Vec<f32> = members.iter().map(|mark| sides(mark, course.slope).1).collect();
        heights.sort_by(f32::total_cmp);
        let height = heights[heights.len() / 2];
        let (first, last) = (members.first()?, members.last()?);
        let ends = [first.along - first.long / 2.0, last.along + last.long / 2.0];
        let at = |along: f32| {
            let across = course.across + (along - course.along) * course.slope;
            match run {
                Run::Across => Point { x: along, y: across },
                Run::Down => Point { x: -across, y: along },
            }
        };
        let length = (ends[1] - ends[0]) * (1.0 + course.slope * course.slope).sqrt();
        let degrees = course.slope.atan().to_degrees();
        if length < LEAST_LENGTH * height || degrees.abs() > STEEPEST {
            return None;
        }
        // The standard error of a slope through evenly spaced points.
        let error = (scatter / length * (12.0 / members.len() as f32).sqrt()).atan().to_degrees();
        let (from, to) = (at(ends[0]), at(ends[1]));
        Some(TextLine { letters: self.score, degrees, error, from, to, height, members: Vec::new() })
    }
}

/// The line through the centres of some marks, and the root mean square distance from it.
fn fitted(members: &[&Mark]) -> (Course, f32) {
    let n = members.len().max(1) as f32;
    let sum = |of: &dyn Fn(&Mark) -> f32| members.iter().map(|mark| of(mark)).sum::<f32>();
    let (along, across) = (sum(&|m| m.along) / n, sum(&|m| m.across) / n);
    let square = sum(&|m| (m.along - along).powi(2));
    let both = sum(&|m| (m.along - along) * (m.across - across));
    let course = Course { along, across, slope: if square > 0.0 { both / square } else { 0.0 } };
    let scatter = (sum(&|m| course.off(m).powi(2)) / n).sqrt();
    (course, scatter)
}

/// Marks by position.
struct Grid<'a> {
    marks: &'a [Mark],
    cell: f32,
    columns: usize,
    rows: usize,
    /// The least coordinate across.
    top: f32,
    cells: Vec<Vec<u32>>,
}

impl<'a> Grid<'a> {
    fn of(marks: &'a [Mark]) -> Option<Self> {
        let mut sides: Vec<f32> = marks.iter().map(|mark| mark.high.max(mark.long)).collect();
        if sides.len() < LEAST_MARKS {
            return None;
        }
        let middle = sides.len() / 2;
        let cell = (2.0 * *sides.select_nth_unstable_by(middle, f32::total_cmp).1).max(8.0);
        let top = marks.iter().map(|mark| mark.across).fold(f32::INFINITY, f32::min);
        let most = |of: &dyn Fn(&Mark) -> f32| marks.iter().map(of).fold(0.0, f32::max);
        let (long, high) = (most(&|mark| mark.along + mark.long), most(&|mark| mark.across - top));
        let (columns, rows) = ((long / cell) as usize + 1, (high / cell) as usize + 1);
        let mut grid = Self { marks, cell, columns, rows, top, cells: vec![Vec::new(); columns * rows] };
        for (i, mark) in (0..).zip(marks) {
            for at in grid.within(mark.along - mark.long / 2.0, mark.along + mark.long / 2.0, mark.across, mark.across)
            {
                grid.cells[at].push(i);
            }
        }
        Some(grid)
    }

    /// The cells that a rectangle touches.
    fn within(&self, from: f32, to: f32, upper: f32, lower: f32) -> impl Iterator<Item = usize> + use<> {
        let at = |v: f32, most: usize| ((v / self.cell).max(0.0) as usize).min(most - 1);
        let (left, right) = (at(from, self.columns), at(to, self.columns));
        let (first, last) = (at(upper - self.top, self.rows), at(lower - self.top, self.rows));
        let columns = self.columns;
        (first..=last).flat_map(move |row| (left..=right).map(move |column| row * columns + column))
    }

    /// The marks nearest to one, beside it or above and below, that may be the next letter of its line.
    fn neighbours(&self, of: usize, taken: &[bool]) -> Vec<usize> {
        let mark = &self.marks[of];
        let size = mark.high.max(mark.long.min(3.0 * mark.high));
        let reach = BLANK * size;
        let mut near: Vec<(f32, usize)> = Vec::new();
        let cells = self.within(
            mark.along - mark.long / 2.0 - reach,
            mark.along + mark.long / 2.0 + reach,
            mark.across - reach,
            mark.across + reach,
        );
        for other in cells.flat_map(|at| &self.cells[at]).map(|&i| i as usize) {
            let with = &self.marks[other];
            let (dx, dy) = ((with.along - mark.along).abs(), (with.across - mark.across).abs());
            let apart = (
                (dx - f32::midpoint(with.long, mark.long)).max(0.0),
                (dy - f32::midpoint(with.high, mark.high)).max(0.0),
            );
            let distance = apart.0.hypot(apart.1);
            // Letters of a line overlap vertically, or nearly so, and the line rises or falls by at most 45 degrees.
            if other == of || taken[other] || distance > reach || dy > dx || near.iter().any(|&(_, i)| i == other) {
                continue;
            }
            near.push((distance + 0.5 * dy, other));
        }
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(SEEDS);
        near.into_iter().map(|(_, i)| i).collect()
    }

    /// The distance to the nearest mark of the same size above or below a mark.
    fn apart(&self, of: usize) -> f32 {
        let mark = &self.marks[of];
        let size = mark.high.max(mark.long.min(3.0 * mark.high));
        let (half, reach) = (mark.long / 2.0, mark.high / 2.0 + TELLING * size);
        let cells = self.within(mark.along - half, mark.along + half, mark.across - reach, mark.across + reach);
        let others = cells.flat_map(|at| &self.cells[at]).map(|&i| i as usize).filter(|&i| i != of);
        let apart = others.map(|i| &self.marks[i]).filter_map(|other| {
            let (dx, dy) = ((other.along - mark.along).abs(), (other.across - mark.across).abs());
            let ratio = other.high.max(mark.high) / other.high.min(mark.high);
            let is_above = dx < half + other.long / 2.0 && dy > dx;
            (is_above && ratio < HEIGHTS).then(|| (dy - f32::midpoint(other.high, mark.high)).max(0.0))
        });
        apart.fold(f32::INFINITY, f32::min)
    }

    /// The line that begins with two marks, extended at both ends.
    fn chain(&self, first: usize, second: usize, taken: &[bool]) -> Chain {
        let (first, second) =
            if self.marks[first].along <= self.marks[second].along { (first, second) } else { (second, first) };
        let mut members = std::collections::VecDeque::from([first, second]);
        for forth in [true, false] {
            while let Some(next) = self.next(&members, forth, taken) {
                if forth { members.push_back(next) } else { members.push_front(next) }
            }
        }
        let (course, height) = self.course(&members, true);
        let ends = |i: usize| {
            let mark = &self.marks[i];
            let long = sides(mark, course.slope).0;
            (mark.along - long / 2.0, mark.along + long / 2.0)
        };
        let gap = |(a, b): (&usize, &usize)| (ends(*b).0 - ends(*a).1).max(0.0);
        let telling = |(a, b): (&usize, &usize)| {
            let gap = gap((a, b));
            let is_nearest = gap <= self.marks[*a].apart.max(self.marks[*b].apart);
            if is_nearest { (1.0 - gap / height / TELLING).max(0.0).powi(2) } else { 0.0 }
        };
        let letters = |i: &usize| (self.marks[*i].long / height / 1.5).clamp(1.0, MOST_LETTERS);
        let links = members.iter().zip(members.iter().skip(1));
        let score = links.map(|pair| telling(pair) * letters(pair.1)).sum();
        Chain { members, score }
    }

    /// The course at the end of a growing line, and the height of its marks.
    fn course(&self, members: &std::collections::VecDeque<usize>, forth: bool) -> (Course, f32) {
        /// The last marks show the course of a bent line.
        const LAST: usize = 16;
        let last: Vec<&Mark> = if forth {
            members.iter().rev().take(LAST).map(|&i| &self.marks[i]).collect()
        } else {
            members.iter().take(LAST).map(|&i| &self.marks[i]).collect()
        };
        let course = fitted(&last).0;
        let mut heights: Vec<f32> = last.iter().map(|mark| sides(mark, course.slope).1).collect();
        heights.sort_by(f32::total_cmp);
        (course, heights[heights.len() / 2])
    }

    /// The mark that continues a line at one end.
    fn next(&self, members: &std::collections::VecDeque<usize>, forth: bool, taken: &[bool]) -> Option<usize> {
        let (course, height) = self.course(members, forth);
        let end = if forth { *members.back()? } else { *members.front()? };
        let last = &self.marks[end];
        let (reach, half) = (BLANK * height, last.long / 2.0);
        let (from, to) =
            if forth { (last.along, last.along + half + reach) } else { (last.along - half - reach, last.along) };
        // The position of the line along that stretch.
        let at = |along: f32| course.across + (along - course.along) * course.slope;
        let (upper, lower) = (at(from).min(at(to)) - height, at(from).max(at(to)) + height);
        let sign = if forth { 1.0 } else { -1.0 };
        let mut best: Option<(f32, usize)> = None;
        for other in self.within(from, to, upper, lower).flat_map(|at| &self.cells[at]).map(|&i| i as usize) {
            let mark = &self.marks[other];
            let forward = sign * (mark.along - last.along);
            if taken[other] || forward <= 0.0 || members.contains(&other) {
                continue;
            }
            let (long, high) = sides(mark, course.slope);
            let gap = forward - f32::midpoint(long, sides(last, course.slope).0);
            let ratio = high.max(height) / high.min(height).max(1.0);
            let is_fixed = members.len() >= FIXED;
            let aside = if is_fixed {
                course.off(mark).abs()
            } else {
                // Two letters do not determine a direction yet: the next may be no steeper than they are, and not far
                // from the last.
                course.off(mark).abs().min((mark.across - last.across - forward * sign * course.slope / 2.0).abs())
            };
            let most = if is_fixed { ASIDE } else { ASIDE_AT_FIRST } * height.max(high.min(1.5 * height));
            if gap > reach || ratio > HEIGHTS || aside > most {
                continue;
            }
            let cost = gap.max(0.0) + aside;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, other));
            }
        }
        best.map(|(_, other)| other)
    }
}
