//! Reduced copies of a page, which are cheap to examine.

/// A grey picture whose sides are those of the original divided by a whole number, by box averages.
pub(crate) struct Reduced {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Pixels of the original per pixel of the copy, horizontally; vertically it may be fewer for a thin strip.
    pub(crate) divisor: usize,
    pub(crate) luma: Vec<u8>,
}

impl Reduced {
    /// Reduces rows of `w` pixels by the factor `k`, or less where a side is shorter.
    pub(crate) fn of(luma: &[u8], w: usize, h: usize, k: usize) -> Self {
        let (kx, ky) = (k.clamp(1, w), k.clamp(1, h));
        if kx == 1 && ky == 1 {
            return Self { width: w, height: h, divisor: 1, luma: luma.to_vec() };
        }
        let (width, height) = (w / kx, h / ky);
        let mut out = Vec::with_capacity(width * height);
        // 256 pixels of 8 bits each are far from overflowing 32 bits.
        let mut sums = vec![0u32; width * kx];
        let area = (kx * ky) as u32;
        for y in 0..height {
            sums.fill(0);
            for row in 0..ky {
                let line = &luma[(y * ky + row) * w..][..width * kx];
                for (sum, &p) in sums.iter_mut().zip(line) {
                    *sum += u32::from(p);
                }
            }
            // The usual divisors are constants, so that the compiler can optimise them.
            match (kx, ky) {
                (2, 2) => averages::<2>(&sums, &mut out),
                (3, 3) => averages::<3>(&sums, &mut out),
                (4, 4) => averages::<4>(&sums, &mut out),
                _ => out.extend(sums.chunks_exact(kx).map(|c| (c.iter().sum::<u32>() / area) as u8)),
            }
        }
        Self { width, height, divisor: kx, luma: out }
    }

    /// Reduced again.
    pub(crate) fn again(&self, k: usize) -> Self {
        let further = Self::of(&self.luma, self.width, self.height, k);
        Self { divisor: self.divisor * further.divisor, ..further }
    }

    /// The grey level that best separates ink from background (N. Otsu, "A threshold selection method from gray-level
    /// histograms", 1979); levels up to it are dark. Also the number of dark pixels. `None` for a picture of one level.
    pub(crate) fn threshold(&self) -> Option<(u8, usize)> {
        let counts = self.histogram();
        let all = self.luma.len() as f64;
        let mean_sum: f64 = counts.iter().enumerate().map(|(level, &n)| level as f64 * n as f64).sum();
        let (mut dark, mut sum_dark) = (0, 0.0);
        let mut best = (0.0, None);
        for (level, &n) in counts.iter().enumerate().take(255) {
            dark += n;
            sum_dark += level as f64 * n as f64;
            let (n_dark, n_light) = (dark as f64, all - dark as f64);
            if n_dark == 0.0 || n_light == 0.0 {
                continue;
            }
            let apart = sum_dark / n_dark - (mean_sum - sum_dark) / n_light;
            let between = n_dark * n_light * apart * apart;
            if between > best.0 {
                best = (between, Some((level as u8, dark)));
            }
        }
        best.1
    }

    /// The share of pixels whose level lies in the middle half between the usual ink and the usual background.
    pub(crate) fn half_tones(&self) -> f32 {
        let Some((threshold, _)) = self.threshold() else { return 0.0 };
        let counts = self.histogram();
        let usual = |range: std::ops::RangeInclusive<usize>| {
            let all: usize = counts[range.clone()].iter().sum();
            let sum: usize = range.map(|level| level * counts[level]).sum();
            sum as f32 / all.max(1) as f32
        };
        let (ink, ground) = (usual(0..=usize::from(threshold)), usual(usize::from(threshold) + 1..=255));
        let quarter = (ground - ink) / 4.0;
        let middle = (ink + quarter) as usize..(ground - quarter) as usize;
        counts[middle].iter().sum::<usize>() as f32 / self.luma.len() as f32
    }

    /// The median level.
    pub(crate) fn median(&self) -> u8 {
        let mut seen = 0;
        let is_half = |n: &usize| {
            seen += n;
            2 * seen > self.luma.len()
        };
        self.histogram().iter().position(is_half).unwrap_or(0) as u8
    }

    /// The number of pixels of each level.
    fn histogram(&self) -> [usize; 256] {
        // Neighbouring pixels are mostly alike, and incrementing the same counter again waits for the previous
        // increment. Each of four neighbours therefore has its own counters.
        let mut counts = [[0; 256]; 4];
        let pixels = self.luma.chunks_exact(4);
        for &p in pixels.remainder() {
            counts[0][usize::from(p)] += 1;
        }
        for four in pixels {
            for (counts, &p) in counts.iter_mut().zip(four) {
                counts[usize::from(p)] += 1;
            }
        }
        std::array::from_fn(|level| counts.iter().map(|c| c[level]).sum())
    }
}

/// From a row of sums over `K` rows, the averages over `K` columns.
fn averages<const K: usize>(sums: &[u32], out: &mut Vec<u8>) {
    let area = const { (K * K) as u32 };
    out.extend(sums.as_chunks::<K>().0.iter().map(|c| (c.iter().sum::<u32>() / area) as u8));
}
