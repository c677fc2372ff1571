//! Scaling of pictures.

/// Scales a picture of `w` x `h` grey pixels to `width` x `height`. When it shrinks, every new pixel is the mean of the
/// pixels that it covers; when it grows, new pixels are interpolated between their neighbours.
pub(crate) fn scaled(luma: &[u8], w: usize, h: usize, width: usize, height: usize) -> Vec<u8> {
    let columns = weights(w, width);
    let rows = weights(h, height);
    let mut out = vec![0u8; width * height];
    let mut line = vec![0u32; w];
    for (row, out) in rows.iter().zip(out.chunks_exact_mut(width)) {
        // The columns are summed first, which the compiler vectorises, then the rows.
        line.fill(0);
        for (y, weight) in row.each() {
            for (sum, &p) in line.iter_mut().zip(&luma[y * w..(y + 1) * w]) {
                *sum += weight * u32::from(p);
            }
        }
        for (column, out) in columns.iter().zip(out) {
            let sum: u64 = column.each().map(|(x, weight)| u64::from(weight) * u64::from(line[x])).sum();
            *out = ((sum + (1 << 23)) >> 24) as u8;
        }
    }
    out
}

/// The source pixels of one new pixel, with their weights in parts of 4096.
struct Weights {
    first: usize,
    parts: Vec<u32>,
}

impl Weights {
    fn each(&self) -> impl Iterator<Item = (usize, u32)> {
        self.parts.iter().enumerate().map(|(i, &part)| (self.first + i, part))
    }
}

fn weights(from: usize, to: usize) -> Vec<Weights> {
    const ONE: f32 = 4096.0;
    let step = from as f32 / to as f32;
    // A new pixel covers at least the length of a source pixel, so that it interpolates between two of them when the
    // picture grows.
    let reach = step.max(1.0);
    let of = |i: usize| {
        let middle = (i as f32 + 0.5) * step;
        let start = (middle - reach / 2.0).max(0.0);
        let end = (middle + reach / 2.0).min(from as f32);
        let first = (start as usize).min(from - 1);
        let covered = |x: usize| (end.min(x as f32 + 1.0) - start.max(x as f32)).max(0.0);
        let mut parts: Vec<u32> = (first..(end.ceil() as usize).clamp(first + 1, from))
            .map(|x| (covered(x) / (end - start) * ONE) as u32)
            .collect();
        // The rounding error is added to the largest weight, so that white stays white.
        let rest = (ONE as u32).saturating_sub(parts.iter().sum());
        if let Some(largest) = parts.iter_mut().max() {
            *largest += rest;
        }
        Weights { first, parts }
    };
    (0..to).map(of).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halving_takes_means() {
        assert_eq!(scaled(&[0, 100, 50, 150, 10, 30, 250, 250], 4, 2, 2, 1), [35, 175]);
    }

    proptest! {
        #[test]
        fn a_flat_picture_stays_flat(
            level in any::<u8>(), w in 1usize..90, h in 1usize..90, width in 1usize..90, height in 1usize..90,
        ) {
            prop_assert_eq!(scaled(&vec![level; w * h], w, h, width, height), vec![level; width * height]);
        }

        #[test]
        fn nothing_is_made_lighter_or_darker_than_it_was(
            luma in proptest::collection::vec(40u8..200, 48), width in 1usize..30, height in 1usize..30,
        ) {
            let (least, most) = (*luma.iter().min().unwrap(), *luma.iter().max().unwrap());
            prop_assert!(scaled(&luma, 8, 6, width, height).iter().all(|p| (least..=most).contains(p)));
        }
    }
}
