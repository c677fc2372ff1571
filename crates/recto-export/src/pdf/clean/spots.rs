//! Connected components of a picture.

/// A noisy picture has more runs than this, and cannot be cleaned.
const MAX_RUNS: usize = 4_000_000;

/// The bounding box of connected pixels: left and top are inclusive, right and bottom exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) right: usize,
    pub(super) bottom: usize,
}

impl Spot {
    pub(super) fn around(left: usize, top: usize, right: usize, bottom: usize) -> Self {
        Self { left, top, right, bottom }
    }

    pub(super) fn width(&self) -> usize {
        self.right.saturating_sub(self.left)
    }

    pub(super) fn height(&self) -> usize {
        self.bottom.saturating_sub(self.top)
    }

    pub(super) fn middle(&self) -> (f64, f64) {
        ((self.left + self.right) as f64 / 2.0, (self.top + self.bottom) as f64 / 2.0)
    }

    pub(super) fn contains(&self, x: usize, y: usize) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    /// The box enlarged by that many pixels, clipped to the picture.
    pub(super) fn grown(&self, by: usize, width: usize, height: usize) -> Self {
        Self {
            left: self.left.saturating_sub(by),
            top: self.top.saturating_sub(by),
            right: (self.right + by).min(width),
            bottom: (self.bottom + by).min(height),
        }
    }

    fn join(&mut self, other: Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
    }
}

/// A horizontal run of ink pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) y: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The connected components of ink (8 neighbours), by runs and union-find.
pub(super) struct Spots {
    /// The bounding box of each spot.
    pub(super) boxes: Vec<Spot>,
    /// The runs of all spots, grouped by spot.
    runs: Vec<Run>,
    /// The index of each spot's first run.
    starts: Vec<usize>,
    width: usize,
}

impl Spots {
    /// The components of a picture with that many pixels per row; `None` for noise.
    pub(super) fn of(ink: &[bool], width: usize) -> Option<Self> {
        let mut runs: Vec<Run> = Vec::new();
        let mut parents: Vec<usize> = Vec::new();
        let mut above = 0..0;
        for (y, row) in ink.chunks_exact(width).enumerate() {
            let first = runs.len();
            let mut x = 0;
            let mut candidate = above.start;
            while let Some(start) = row[x..].iter().position(|ink| *ink).map(|i| x + i) {
                let end = row[start..].iter().position(|ink| !ink).map_or(width, |i| start + i);
                x = end;
                let mine = runs.len();
                runs.push(Run { y, start, end });
                parents.push(mine);
                while candidate < above.end && runs[candidate].end < start {
                    candidate += 1;
                }
                for other in (candidate..above.end).take_while(|&other| runs[other].start <= end) {
                    let (a, b) = (root(&mut parents, other), root(&mut parents, mine));
                    parents[a.max(b)] = a.min(b);
                }
            }
            if runs.len() > MAX_RUNS {
                return None;
            }
            above = first..runs.len();
        }
        let roots: Vec<usize> = (0..runs.len()).map(|run| root(&mut parents, run)).collect();
        let mut order: Vec<usize> = (0..runs.len()).collect();
        order.sort_by_key(|&run| (roots[run], run));
        let (mut boxes, mut starts) = (Vec::new(), Vec::new());
        for (index, &run) in order.iter().enumerate() {
            let Run { y, start, end } = runs[run];
            let spot = Spot { left: start, top: y, right: end, bottom: y + 1 };
            match boxes.last_mut() {
                Some(last) if index > 0 && roots[order[index - 1]] == roots[run] => Spot::join(last, spot),
                _ => {
                    boxes.push(spot);
                    starts.push(index);
                }
            }
        }
        starts.push(runs.len());
        Some(Self { boxes, runs: order.into_iter().map(|run| runs[run]).collect(), starts, width })
    }

    pub(super) fn runs_of(&self, spot: usize) -> impl Iterator<Item = Run> {
        self.runs[self.starts[spot]..self.starts[spot + 1]].iter().copied()
    }

    /// The number of ink pixels.
    pub(super) fn pixels(&self) -> usize {
        self.runs.iter().map(|run| run.end - run.start).sum()
    }

    /// The distribution of the selected spots' ink.
    pub(super) fn counts(&self, height: usize, which: impl Fn(&Spot) -> bool) -> Counts {
        let of = |index: usize| self.runs_of(index).map(|run| (run.y, run.start, run.end));
        let chosen = (0..self.boxes.len()).filter(|&index| which(&self.boxes[index]));
        Counts::of(chosen.flat_map(of), self.width, height)
    }
}

fn root(parents: &mut [usize], mut run: usize) -> usize {
    while parents[run] != run {
        parents[run] = parents[parents[run]];
        run = parents[run];
    }
    run
}

/// The number of marked pixels in any rectangle, by a summed-area table.
pub(super) struct Counts {
    sums: Vec<u32>,
    columns: usize,
}

impl Counts {
    fn of(runs: impl Iterator<Item = (usize, usize, usize)>, width: usize, height: usize) -> Self {
        let columns = width + 1;
        let mut sums = vec![0u32; columns * (height + 1)];
        for (y, start, end) in runs {
            sums[(y + 1) * columns + 1..][start..end].fill(1);
        }
        for y in 1..=height {
            let mut row = 0;
            for x in 1..=width {
                row += sums[y * columns + x];
                sums[y * columns + x] = row + sums[(y - 1) * columns + x];
            }
        }
        Self { sums, columns }
    }

    pub(super) fn within(&self, area: &Spot) -> u32 {
        let at = |x: usize, y: usize| self.sums[y * self.columns + x];
        at(area.right, area.bottom) + at(area.left, area.top) - at(area.left, area.bottom) - at(area.right, area.top)
    }
}

/// The distribution of rectangles.
pub(super) fn counts_of(rectangles: &[Spot], width: usize, height: usize) -> Counts {
    let rows = |r: &Spot| {
        let r = *r;
        (r.top..r.bottom).map(move |y| (y, r.left, r.right))
    };
    Counts::of(rectangles.iter().flat_map(rows), width, height)
}

/// The level that best separates ink from paper (Otsu, "A threshold selection method from gray-level histograms",
/// 1979): that level and all darker ones are ink. `None` for a picture of one level.
pub(super) fn threshold(shades: &[u8]) -> Option<u8> {
    let mut histogram = [0usize; 256];
    for shade in shades {
        histogram[usize::from(*shade)] += 1;
    }
    let all = shades.len() as f64;
    let sum: f64 = histogram.iter().enumerate().map(|(level, n)| level as f64 * *n as f64).sum();
    let (mut below, mut sum_below) = (0.0, 0.0);
    let mut best: Option<(f64, u8)> = None;
    for (level, n) in (0u8..=254).zip(&histogram) {
        below += *n as f64;
        sum_below += f64::from(level) * *n as f64;
        if below == 0.0 || below == all {
            continue;
        }
        let apart = sum_below / below - (sum - sum_below) / (all - below);
        let variance = below * (all - below) * apart * apart;
        if best.is_none_or(|(most, _)| variance > most) {
            best = Some((variance, level));
        }
    }
    best.map(|(_, level)| level)
}
