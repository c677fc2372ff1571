//! Small copies of a page, on which looking is cheap.

/// A grey picture with each side of the original divided by a whole number, by box averages.
pub(crate) struct Reduced {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Pixels of the original along one of these, horizontally; vertically it can be less for a thin strip.
    pub(crate) divisor: usize,
    pub(crate) luma: Vec<u8>,
}

impl Reduced {
    /// Of rows of `w` pixels, divided by `k` where the side is that long.
    pub(crate) fn of(luma: &[u8], w: usize, h: usize, k: usize) -> Self {
        let (kx, ky) = (k.clamp(1, w), k.clamp(1, h));
        if kx == 1 && ky == 1 {
            return Self { width: w, height: h, divisor: 1, luma: luma.to_vec() };
        }
        let (width, height) = (w / kx, h / ky);
        let mut out = Vec::with_capacity(width * height);
        // 256 divisors of 8 bits are still far from the end of 32 bits.
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
            out.extend(sums.chunks_exact(kx).map(|c| (c.iter().sum::<u32>() / area) as u8));
        }
        Self { width, height, divisor: kx, luma: out }
    }

    /// Divided once more.
    pub(crate) fn again(&self, k: usize) -> Self {
        let further = Self::of(&self.luma, self.width, self.height, k);
        Self { divisor: self.divisor * further.divisor, ..further }
    }

    /// The grey level that best parts ink and ground (N. Otsu, "A threshold selection method from gray-level
    /// histograms", 1979); `None` for a picture of one level. Levels up to it are dark.
    pub(crate) fn threshold(&self) -> Option<u8> {
        let mut counts = [0u64; 256];
        for &p in &self.luma {
            counts[usize::from(p)] += 1;
        }
        let all = self.luma.len() as f64;
        let mean_sum: f64 = counts.iter().enumerate().map(|(level, &n)| level as f64 * n as f64).sum();
        let (mut n_dark, mut sum_dark) = (0.0, 0.0);
        let mut best = (0.0, None);
        for (level, &n) in counts.iter().enumerate().take(255) {
            n_dark += n as f64;
            sum_dark += level as f64 * n as f64;
            let n_light = all - n_dark;
            if n_dark == 0.0 || n_light == 0.0 {
                continue;
            }
            let apart = sum_dark / n_dark - (mean_sum - sum_dark) / n_light;
            let between = n_dark * n_light * apart * apart;
            if between > best.0 {
                best = (between, Some(level as u8));
            }
        }
        best.1
    }
}
