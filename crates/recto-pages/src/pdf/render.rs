//! A PDF page as grey pixels.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use recto_domain::{Rect, Size};
use recto_ocr::PageImage;

use crate::error::PagesError;
use crate::open_file::RenderedPage;
use crate::pdf::objects::Contents;
use crate::pdf::page::PdfPage;

/// `FPDFBitmap_Gray` of `fpdfview.h`.
const GRAY: i32 = 1;
/// `FPDF_ANNOT` and `FPDF_RENDER_LIMITEDIMAGECACHE`.
pub(super) const FLAGS: i32 = 0x01 | 0x200;
/// The longest side, in pixels: PDFium computes in 32 bits.
const MAX_SIDE: f32 = 32_000.0;
/// A page whose longer side has fewer pixels is rendered at a higher resolution if its picture has one.
const SMALL_SIDE: f32 = 1600.0;
/// The least share of the page that its only picture must cover to count as the whole page.
const FULL_PAGE: f32 = 0.8;
/// The largest enlargement of a coarse picture: more only adds blur.
const MAX_ENLARGEMENT: f32 = 3.0;

impl PdfPage<'_> {
    /// The page at about `dpi` pixels per inch, including annotations and form fields.
    pub(super) fn render(&self, dpi: u32) -> Result<RenderedPage, PagesError> {
        let image = self.render_at(self.suitable_dpi(dpi))?;
        Ok(RenderedPage { image, size: self.size, rotation: self.rotation })
    }

    /// The suitable resolution for the page when `dpi` is requested.
    pub(super) fn suitable_dpi(&self, dpi: u32) -> u32 {
        let wanted = sensible_dpi(dpi, self.size, self.only_picture_dpi(&self.contents()));
        self.allowed_dpi(wanted)
    }

    /// That resolution, or a lower one if the pixel limit requires it.
    fn allowed_dpi(&self, dpi: u32) -> u32 {
        dpi.min(largest_dpi(self.size, self.file.limits.max_pixels())).max(1)
    }

    /// The page's size in pixels at a resolution.
    pub(super) fn pixels_at(&self, dpi: u32) -> Result<(u32, u32), PagesError> {
        let pixels = |points: f32| ((points * dpi as f32 / 72.0).round() as u32).max(1);
        let (width, height) = (pixels(self.size.width), pixels(self.size.height));
        self.file.limits.check_pixels(self.number, u64::from(width), u64::from(height))?;
        Ok((width, height))
    }

    /// The page at `dpi` pixels per inch, or fewer if the pixel limit requires it.
    pub(super) fn render_at(&self, dpi: u32) -> Result<PageImage, PagesError> {
        let dpi = self.allowed_dpi(dpi);
        let (width, height) = self.pixels_at(dpi)?;
        let mut luma = Vec::new();
        let bytes = width as usize * height as usize;
        luma.try_reserve_exact(bytes).map_err(|_| PagesError::PageNeedsMemory { number: self.number })?;
        luma.resize(bytes, 0xFF);
        self.draw(&mut luma, width as i32, height as i32)?;
        Ok(PageImage::new(width, height, dpi, luma))
    }

    fn draw(&self, luma: &mut [u8], width: i32, height: i32) -> Result<(), PagesError> {
        let api = self.api();
        let (page, form) = (self.handle.cast(), self.file.form.cast());
        // SAFETY: `luma` has `height` rows of `width` bytes each and outlives the bitmap, which is destroyed below;
        // page and form are open.
        unsafe {
            let bitmap = api.FPDFBitmap_CreateEx(width, height, GRAY, luma.as_mut_ptr().cast(), width);
            if bitmap.is_null() {
                return Err(PagesError::PageNeedsMemory { number: self.number });
            }
            api.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, FLAGS);
            if !self.file.form.is_null() {
                api.FPDF_FFLDraw(form, bitmap, page, 0, 0, width, height, 0, FLAGS);
            }
            api.FPDFBitmap_Destroy(bitmap);
        }
        Ok(())
    }

    /// The resolution of the picture that makes up the whole page.
    fn only_picture_dpi(&self, contents: &Contents) -> Option<f32> {
        let [picture] = contents.pictures.as_slice() else { return None };
        let page = Rect { x: 0.0, y: 0.0, width: self.size.width, height: self.size.height };
        let covered = picture.bbox.intersection(&page)?.area();
        (covered >= FULL_PAGE * page.area()).then_some(picture.dpi).flatten()
    }
}

/// The suitable resolution for the page: the requested one, but not far beyond that of a full-page picture, and up to
/// the picture's full resolution if the page would otherwise be tiny.
fn sensible_dpi(wanted: u32, page: Size, picture: Option<f32>) -> u32 {
    let Some(held) = picture.filter(|dpi| dpi.is_finite() && *dpi >= 1.0) else { return wanted };
    let wanted = wanted as f32;
    let long_side = page.width.max(page.height) / 72.0;
    let fine_enough = SMALL_SIDE / long_side;
    let dpi = if wanted > held * MAX_ENLARGEMENT {
        held * MAX_ENLARGEMENT
    } else if wanted < fine_enough && held > wanted {
        held.min(fine_enough)
    } else {
        wanted
    };
    dpi.round().max(1.0) as u32
}

/// The highest resolution at which a page of that size has at most `max_pixels`.
fn largest_dpi(page: Size, max_pixels: u64) -> u32 {
    let square_inches = f64::from(page.width) * f64::from(page.height) / (72.0 * 72.0);
    let by_area = (max_pixels as f64 / square_inches).sqrt();
    let by_side = f64::from(MAX_SIDE * 72.0 / page.width.max(page.height));
    // One per cent less compensates for rounding the sides.
    (by_area.min(by_side) * 0.99).clamp(1.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A4: Size = Size { width: 595.0, height: 842.0 };

    #[test]
    fn a_page_of_text_comes_at_the_wanted_resolution() {
        assert_eq!(sensible_dpi(300, A4, None), 300);
        assert_eq!(sensible_dpi(300, A4, Some(200.0)), 300);
        assert_eq!(sensible_dpi(300, A4, Some(600.0)), 300);
    }

    #[test]
    fn a_stamp_sized_page_comes_at_what_its_picture_holds_up_to_a_bound() {
        let stamp = Size { width: 72.0, height: 36.0 };
        assert_eq!(sensible_dpi(300, stamp, Some(2400.0)), 1600);
        assert_eq!(sensible_dpi(300, stamp, Some(600.0)), 600);
    }

    #[test]
    fn a_coarse_picture_is_enlarged_little() {
        assert_eq!(sensible_dpi(300, A4, Some(50.0)), 150);
    }

    proptest! {
        #[test]
        fn the_pixel_limit_holds_for_any_page(width in 1f32..14400.0, height in 1f32..14400.0, megapixels in 1u64..400) {
            let page = Size { width, height };
            let dpi = largest_dpi(page, megapixels * 1_000_000) as f32;
            let side = |points: f32| u64::from(((points * dpi / 72.0).round() as u32).max(1));
            prop_assert!(dpi <= 1.0 || side(width) * side(height) <= megapixels * 1_000_000);
        }
    }
}
