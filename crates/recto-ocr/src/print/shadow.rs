//! Uneven illumination: shadows of a phone, of a hand, of the gutter of a book.

use crate::reduced::Reduced;

/// The side of the cells whose lightest pixels give their background, in heights of letters.
const CELL: f32 = 0.6;
/// Dark objects up to this many cells on each side of a place do not darken its background.
const REACH: usize = 4;
/// At most one cell in this many may be darker: dirt at the edge of a picture.
const SHARE: usize = 50;
/// Illumination counts as even if the darkest background has at least this share of the brightness of the lightest.
const EVEN: f32 = 0.8;
/// The largest factor by which a background is lightened: anything darker is not a shadow.
const MOST: f32 = 5.0;

/// Divides the page by its background where the illumination is uneven; returns whether it was.
pub(super) fn lifted(page: &mut Reduced, letter: f32) -> bool {
    let halved = if letter >= 12.0 { 2 } else { 1 };
    // Means of a few pixels, so that the lightest of them is not noise.
    let near = Reduced::of(&page.luma, page.width, page.height, halved);
    let side = ((letter * CELL) as usize / halved).max(2);
    let (columns, rows) = (near.width.div_ceil(side), near.height.div_ceil(side));
    let mut ground = vec![0u8; columns * rows];
    for (y, row) in near.luma.chunks_exact(near.width).enumerate() {
        let cells = &mut ground[y / side * columns..][..columns];
        for (cell, pixels) in cells.iter_mut().zip(row.chunks(side)) {
            *cell = pixels.iter().copied().fold(*cell, u8::max);
        }
    }
    let ground = closed(&ground, columns, rows);
    let mut levels = ground.clone();
    levels.sort_unstable();
    let few = levels.len() / SHARE;
    if f32::from(levels[few]) >= EVEN * f32::from(levels[levels.len() - 1 - few]) {
        return false;
    }
    let factors: Vec<f32> = ground.iter().map(|&level| (255.0 / f32::from(level.max(1))).min(MOST)).collect();
    let step = (side * halved) as f32;
    let place = |at: usize, most: usize| {
        let at = ((at as f32 + 0.5) / step - 0.5).clamp(0.0, (most - 1) as f32);
        let first = at as usize;
        (first, (first + 1).min(most - 1), at - first as f32)
    };
    let across: Vec<(usize, usize, f32)> = (0..page.width).map(|x| place(x, columns)).collect();
    let mut row_factors = vec![0.0; columns];
    for (y, row) in page.luma.chunks_exact_mut(page.width).enumerate() {
        let (above, below, share) = place(y, rows);
        for (x, factor) in row_factors.iter_mut().enumerate() {
            *factor = factors[above * columns + x] * (1.0 - share) + factors[below * columns + x] * share;
        }
        for (p, &(left, right, share)) in row.iter_mut().zip(&across) {
            let factor = row_factors[left] * (1.0 - share) + row_factors[right] * share;
            *p = (f32::from(*p) * factor).min(255.0) as u8;
        }
    }
    true
}

/// The grid without dark objects smaller than twice the reach: its morphological closing by a square.
fn closed(cells: &[u8], columns: usize, rows: usize) -> Vec<u8> {
    let lightest = |a: u8, b: u8| a.max(b);
    let darkest = |a: u8, b: u8| a.min(b);
    let both = |cells: &[u8], of: fn(u8, u8) -> u8| {
        let across: Vec<u8> = cells.chunks_exact(columns).flat_map(|row| around(row, of)).collect();
        let mut out = vec![0; cells.len()];
        for x in 0..columns {
            let column: Vec<u8> = (0..rows).map(|y| across[y * columns + x]).collect();
            for (y, level) in around(&column, of).into_iter().enumerate() {
                out[y * columns + x] = level;
            }
        }
        out
    };
    both(&both(cells, lightest), darkest)
}

fn around(line: &[u8], of: fn(u8, u8) -> u8) -> Vec<u8> {
    let near = |i: usize| &line[i.saturating_sub(REACH)..(i + REACH + 1).min(line.len())];
    (0..line.len()).map(|i| near(i).iter().copied().fold(line[i], of)).collect()
}
