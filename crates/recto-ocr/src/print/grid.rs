//! A page divided into square cells, smaller than a letter.

use crate::reduced::Reduced;

/// The least percentage of dark pixels in a solid cell; noise makes some of them light.
const SOLID: u32 = 90;
/// The side of a cell, in pixels, while the size of the letters is unknown. The lowest readable letters leave this much
/// space above and below them in a band.
const ROUGH_SIDE: usize = 3;
/// This many adjacent solid cells are not a stroke, except of the largest letters.
const WIDE: usize = 4;

/// The cells of a page.
pub(super) struct Grid {
    /// The side of a cell, in pixels.
    pub(super) side: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// The mean of each cell.
    pub(super) means: Vec<u8>,
    /// Whether almost all of a cell is dark.
    pub(super) solid: Vec<bool>,
}

impl Grid {
    /// Divides a page into cells with that side; a remainder at the right and at the bottom is left out.
    pub(super) fn of(page: &Reduced, side: usize, threshold: u8) -> Self {
        let (columns, rows) = (page.width / side, page.height / side);
        let mut grid = Self { side, columns, rows, means: Vec::new(), solid: Vec::new() };
        let area = (side * side) as u32;
        let (mut sums, mut darks) = (vec![0u32; columns], vec![0u32; columns]);
        for row in 0..rows {
            sums.fill(0);
            darks.fill(0);
            for y in row * side..(row + 1) * side {
                let pixels = page.luma[y * page.width..].chunks_exact(side);
                for ((sum, dark), cell) in sums.iter_mut().zip(&mut darks).zip(pixels) {
                    *sum += cell.iter().map(|&p| u32::from(p)).sum::<u32>();
                    *dark += cell.iter().map(|&p| u32::from(p <= threshold)).sum::<u32>();
                }
            }
            grid.means.extend(sums.iter().map(|sum| (sum / area) as u8));
            grid.solid.extend(darks.iter().map(|dark| dark * 100 >= SOLID * area));
        }
        grid
    }

    /// The solid cells as a picture.
    pub(super) fn picture(&self) -> Reduced {
        let luma = self.solid.iter().map(|&solid| if solid { 0 } else { 255 }).collect();
        Reduced { width: self.columns, height: self.rows, divisor: self.side, luma }
    }
}

/// Whether there are areas, larger than letters, that a single threshold for the page would take for ink.
pub(super) fn has_solid_areas(near: &Reduced, threshold: u8) -> bool {
    let grid = Grid::of(near, ROUGH_SIDE, threshold);
    if grid.columns == 0 {
        return false;
    }
    let rows: Vec<&[bool]> = grid.solid.chunks_exact(grid.columns).collect();
    let wide = |row: &[bool]| row.windows(WIDE).map(|cells| cells.iter().all(|&solid| solid)).collect::<Vec<_>>();
    rows.windows(2).any(|pair| wide(pair[0]).into_iter().zip(wide(pair[1])).any(|(above, below)| above && below))
}
