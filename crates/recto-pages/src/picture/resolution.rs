//! The resolution of a picture, in pixels per inch of its page.

use recto_tiff::{Directory, tag};

/// Paper formats: the longer side in inches, and its ratio to the shorter side. The first format with the picture's
/// ratio is used, or A4 if there is none.
const SHEETS: [(f32, f32); 3] = [(11.69, 1.414), (11.0, 1.294), (14.0, 1.647)];
/// Ratios that differ by less are the same.
const SAME_SHAPE: f32 = 0.012;
/// The width of a roll of receipt paper, in inches.
const RECEIPT_INCHES: f32 = 3.15;
/// A picture this many times as high as wide is taken for a receipt.
const RECEIPT_SHAPE: f32 = 2.0;
/// The resolution of screens, which is the lowest assumed.
const SCREEN_DPI: f32 = 96.0;
/// The highest assumed resolution.
const MAX_GUESS: f32 = 600.0;
/// The value that programs write by default. It is believed only if the page is then no longer than this, in inches.
const PLACEHOLDER_DPI: f32 = 96.0;
const PLACEHOLDER_INCHES: f32 = 20.0;
/// Resolutions outside this range are errors.
const SANE_DPI: std::ops::RangeInclusive<f32> = 50.0..=2400.0;
/// The largest ratio of both directions: the resolutions of a fax differ by a factor of 2, those of an old one by 4.
const MAX_RATIO: f32 = 4.0;
/// Directions that differ by less count as equal.
const SAME: f32 = 1.02;

/// Pixels per inch in both directions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Resolution {
    x: f32,
    y: f32,
}

impl Resolution {
    /// From values in pixels per inch.
    pub(crate) fn per_inch(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// From values in pixels per metre.
    pub(crate) fn per_metre(x: u32, y: u32) -> Self {
        Self { x: x as f32 * 0.0254, y: y as f32 * 0.0254 }
    }

    /// From values in pixels per centimetre.
    pub(crate) fn per_centimetre(x: f32, y: f32) -> Self {
        Self { x: x * 2.54, y: y * 2.54 }
    }

    /// From the tags of a TIFF or of Exif data, unless they give only the aspect ratio of the pixels.
    pub(crate) fn of_directory(directory: &Directory) -> Option<Self> {
        let x = directory.real(tag::X_RESOLUTION)?;
        let y = directory.real(tag::Y_RESOLUTION).unwrap_or(x);
        match directory.integer(tag::RESOLUTION_UNIT) {
            None | Some(2) => Some(Self::per_inch(x, y)),
            Some(3) => Some(Self::per_centimetre(x, y)),
            Some(_) => None,
        }
    }

    /// The resolution to use: the file's if it is plausible, otherwise one that gives a page of plausible size.
    pub(crate) fn of_page(stated: Option<Self>, width: u32, height: u32) -> Self {
        let guess = guess(width as f32, height as f32);
        stated.filter(|r| r.is_sane(width as f32, height as f32)).unwrap_or(Self { x: guess, y: guess })
    }

    fn is_sane(self, width: f32, height: f32) -> bool {
        let ratio = self.x.max(self.y) / self.x.min(self.y);
        let inches = (width / self.x).max(height / self.y);
        SANE_DPI.contains(&self.x)
            && SANE_DPI.contains(&self.y)
            && ratio <= MAX_RATIO
            && (self.x > PLACEHOLDER_DPI || inches <= PLACEHOLDER_INCHES)
    }

    /// The higher of the two resolutions.
    pub(crate) fn finer(self) -> f32 {
        self.x.max(self.y)
    }

    /// The picture's size with square pixels; `None` when its pixels are already square.
    pub(crate) fn square_sides(self, width: u32, height: u32) -> Option<(u32, u32)> {
        let finer = self.finer();
        let stretch = |side: u32, dpi: f32| ((side as f32 * finer / dpi).round() as u32).max(1);
        (finer / self.x.min(self.y) > SAME).then(|| (stretch(width, self.x), stretch(height, self.y)))
    }
}

fn guess(width: f32, height: f32) -> f32 {
    let (long, shape) = (width.max(height), width.max(height) / width.min(height));
    let sheet = SHEETS.into_iter().find(|sheet| (shape / sheet.1 - 1.0).abs() < SAME_SHAPE).unwrap_or(SHEETS[0]);
    let by_shape = if height >= RECEIPT_SHAPE * width { width / RECEIPT_INCHES } else { long / sheet.0 };
    by_shape.clamp(SCREEN_DPI, MAX_GUESS)
}

/// The picture enlarged to another size by linear interpolation between pixel centres.
pub(crate) fn stretched(luma: &[u8], from: (u32, u32), to: (u32, u32)) -> Vec<u8> {
    let columns = taps(from.0, to.0);
    let rows = taps(from.1, to.1);
    let width = from.0 as usize;
    let mut out = Vec::with_capacity(to.0 as usize * to.1 as usize);
    for &(y0, y1, fy) in &rows {
        let (above, below) = (&luma[y0 * width..][..width], &luma[y1 * width..][..width]);
        for &(x0, x1, fx) in &columns {
            let blend = |row: &[u8]| u32::from(row[x0]) * (256 - fx) + u32::from(row[x1]) * fx;
            out.push(((blend(above) * (256 - fy) + blend(below) * fy + (1 << 15)) >> 16) as u8);
        }
    }
    out
}

/// For each new pixel, the two old pixels between which it lies, and the second one's weight in 256ths.
fn taps(from: u32, to: u32) -> Vec<(usize, usize, u32)> {
    let scale = f64::from(from) / f64::from(to);
    (0..to)
        .map(|i| {
            let place = ((f64::from(i) + 0.5) * scale - 0.5).clamp(0.0, f64::from(from - 1));
            let first = place.floor() as usize;
            (first, (first + 1).min(from as usize - 1), ((place - place.floor()) * 256.0) as u32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dpi(stated: Option<Resolution>, width: u32, height: u32) -> f32 {
        Resolution::of_page(stated, width, height).finer()
    }

    #[test]
    fn what_a_file_says_is_believed_when_it_is_sane() {
        assert_eq!(dpi(Some(Resolution::per_inch(300.0, 300.0)), 2480, 3508), 300.0);
        assert_eq!(dpi(Some(Resolution::per_inch(72.0, 72.0)), 595, 842), 72.0);
        assert_eq!(dpi(Some(Resolution::per_inch(1.0, 1.0)), 2480, 3508).round(), 300.0);
        assert_eq!(dpi(Some(Resolution::per_inch(f32::NAN, 0.0)), 2480, 3508).round(), 300.0);
    }

    #[test]
    fn a_phone_that_says_72_is_not_believed() {
        assert_eq!(dpi(Some(Resolution::per_inch(72.0, 72.0)), 3024, 4032).round(), 345.0);
    }

    #[test]
    fn a_guess_makes_a_plausible_page() {
        assert_eq!(dpi(None, 2550, 3300), 300.0);
        assert_eq!(dpi(None, 800, 600), 96.0);
        assert_eq!(dpi(None, 630, 1890), 200.0);
        assert_eq!(dpi(None, 10, 10), 96.0);
    }

    #[test]
    fn a_fax_gets_square_pixels() {
        let fax = Resolution::of_page(Some(Resolution::per_inch(204.0, 98.0)), 1728, 1082);
        assert_eq!(fax.square_sides(1728, 1082), Some((1728, 2252)));
        assert_eq!(Resolution::per_inch(300.0, 300.0).square_sides(10, 10), None);
    }

    proptest! {
        #[test]
        fn stretching_keeps_to_the_range_of_the_pixels(
            pixels in proptest::collection::vec(10u8..200, 12), width in 3u32..20, height in 4u32..20,
        ) {
            let out = stretched(&pixels, (3, 4), (width, height));
            prop_assert_eq!(out.len() as u32, width * height);
            let (low, high) = (pixels.iter().min().unwrap(), pixels.iter().max().unwrap());
            prop_assert!(out.iter().all(|p| p >= low && p <= high));
        }
    }
}
