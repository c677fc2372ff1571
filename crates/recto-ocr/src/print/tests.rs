use proptest::prelude::*;

use super::*;

const WIDTH: usize = 900;
const HEIGHT: usize = 600;
const GROUND: u8 = 240;
const INK: u8 = 30;

/// A page for drawing.
struct Sheet(Vec<u8>);

impl Sheet {
    fn new() -> Self {
        Self(vec![GROUND; WIDTH * HEIGHT])
    }

    fn fill(&mut self, x: std::ops::Range<usize>, y: std::ops::Range<usize>, level: u8) {
        for y in y {
            self.0[y * WIDTH..][x.start..x.end].fill(level);
        }
    }

    /// Letters 20 pixels high with strokes 4 pixels wide, from `left` to `right`.
    fn line(&mut self, left: usize, right: usize, top: usize, ink: u8) {
        for (i, x) in (left..right - 16).step_by(22).enumerate() {
            self.fill(x..x + 4, top..top + 20, ink);
            self.fill(x..x + 14, top + 8..top + 12, ink);
            if i % 2 == 0 {
                self.fill(x + 10..x + 14, top..top + 20, ink);
            }
        }
    }

    fn page(&self) -> PageImage {
        PageImage::new(WIDTH as u32, HEIGHT as u32, 200, self.0.clone())
    }
}

/// The number of pixels that are ink on one of two pictures only.
fn differing(one: &PageImage, other: &PageImage) -> usize {
    one.luma().iter().zip(other.luma()).filter(|&(&a, &b)| (a < 128) != (b < 128)).count()
}

#[test]
fn a_page_of_print_stays_as_it_is() {
    let mut sheet = Sheet::new();
    (0..8).for_each(|i| sheet.line(60, 840, 40 + 60 * i, INK));
    assert!(matches!(print_alone(&sheet.page()), Cow::Borrowed(_)));
    assert!(matches!(print_alone(&Sheet::new().page()), Cow::Borrowed(_)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rules_of_any_width_and_spacing_are_taken_out_and_letters_between_them_stay(
        width in 1usize..=6, gap in 3usize..20, columns in 1usize..6, level in 0u8..120,
    ) {
        let (mut clean, pitch) = (Sheet::new(), 20 + 2 * gap + width);
        let rows = (HEIGHT - 40 - width) / pitch;
        let mut ruled = Sheet::new();
        let step = 800 / columns;
        for row in 0..rows {
            let top = 20 + row * pitch;
            ruled.fill(40..40 + step * columns + width, top..top + width, level);
            for column in 0..columns {
                let left = 40 + step * column + width + 4;
                for sheet in [&mut clean, &mut ruled] {
                    sheet.line(left, left + step - width - 8, top + width + gap, INK);
                }
            }
        }
        for column in 0..=columns {
            ruled.fill(40 + step * column..40 + step * column + width, 20..20 + rows * pitch, level);
        }
        let page = ruled.page();
        let found = print_alone(&page);
        prop_assert!(matches!(found, Cow::Owned(_)));
        // Corners may remain, because a rule is crossed by another rule there.
        let corners = (rows + 1) * (columns + 1) * (width + 2) * (width + 2);
        prop_assert!(differing(&found, &clean.page()) <= corners, "{}", differing(&found, &clean.page()));
    }

    #[test]
    fn letters_on_a_band_of_any_tone_are_dark_on_white(
        ground in 20u8..200, is_light in any::<bool>(), height in 42usize..120, first in 0usize..5,
    ) {
        let ink = if is_light { ground.saturating_add(80) } else { ground.saturating_sub(80) };
        prop_assume!(ink.abs_diff(ground) >= 60);
        let mut clean = Sheet::new();
        (0..8).for_each(|i| clean.line(60, 840, 30 + 70 * i, INK));
        let mut banded = Sheet(clean.0.clone());
        let middle = 30 + 70 * first + 10;
        let rows = middle.saturating_sub(height / 2)..(middle + height / 2).min(HEIGHT);
        for y in rows {
            for x in 30..870 {
                let is_ink = clean.0[y * WIDTH + x] == INK;
                banded.0[y * WIDTH + x] = if is_ink { ink } else { ground };
            }
        }
        let page = banded.page();
        let found = print_alone(&page);
        // Lines that the band cuts through are not text.
        let line = |page: &PageImage| {
            let rows = page.luma()[(middle - 10) * WIDTH..(middle + 10) * WIDTH].to_vec();
            PageImage::new(WIDTH as u32, 20, 200, rows)
        };
        let wrong = differing(&line(&found), &line(&clean.page()));
        prop_assert!(wrong < 200, "{wrong}");
    }
}

#[test]
fn a_shadow_is_lifted_and_letters_in_it_stay() {
    let mut clean = Sheet::new();
    (0..8).for_each(|i| clean.line(60, 840, 40 + 60 * i, INK));
    let shade = |(i, &p): (usize, &u8)| (f32::from(p) * (1.0 - 0.7 * (i % WIDTH) as f32 / WIDTH as f32)) as u8;
    let dim = Sheet(clean.0.iter().enumerate().map(shade).collect());
    let wrong = differing(&print_alone(&dim.page()), &clean.page());
    assert!(wrong < 400, "{wrong}");
}
