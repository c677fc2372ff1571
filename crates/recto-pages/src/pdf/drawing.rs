//! A PDF page in colour, for an export that cannot carry it over as it is.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use crate::error::PagesError;
use crate::open_file::DrawnPage;
use crate::pdf::page::PdfPage;
use crate::pdf::render::FLAGS;

/// `FPDFBitmap_BGR` of `fpdfview.h`.
const BGR: i32 = 2;
/// The alignment of bitmap rows, in bytes.
const ALIGNMENT: usize = 4;
/// White, opaque.
const PAPER: std::ffi::c_ulong = 0xFFFF_FFFF;

impl PdfPage<'_> {
    /// The page in colour at about `dpi` pixels per inch, including annotations and form fields.
    pub(super) fn draw_in_colours(&self, dpi: u32) -> Result<DrawnPage, PagesError> {
        let (width, height) = self.pixels_at(self.suitable_dpi(dpi))?;
        let stride = (width as usize * 3).next_multiple_of(ALIGNMENT);
        let mut rows = Vec::new();
        let needs_memory = PagesError::PageNeedsMemory { number: self.number };
        if rows.try_reserve_exact(stride * height as usize).is_err() {
            return Err(needs_memory);
        }
        rows.resize(stride * height as usize, 0xFF);
        let api = self.api();
        let (page, form) = (self.handle.cast(), self.file.form.cast());
        let (w, h) = (width as i32, height as i32);
        // SAFETY: `rows` has `height` rows of `stride` bytes each and outlives the bitmap, which is destroyed below; page
        // and form are open.
        unsafe {
            let bitmap = api.FPDFBitmap_CreateEx(w, h, BGR, rows.as_mut_ptr().cast(), stride as i32);
            if bitmap.is_null() {
                return Err(needs_memory);
            }
            api.FPDFBitmap_FillRect(bitmap, 0, 0, w, h, PAPER);
            api.FPDF_RenderPageBitmap(bitmap, page, 0, 0, w, h, 0, FLAGS);
            if !self.file.form.is_null() {
                api.FPDF_FFLDraw(form, bitmap, page, 0, 0, w, h, 0, FLAGS);
            }
            api.FPDFBitmap_Destroy(bitmap);
        }
        let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
        for row in rows.chunks_exact(stride) {
            let pixels = row[..width as usize * 3].chunks_exact(3);
            pixels.for_each(|pixel| rgb.extend_from_slice(&[pixel[2], pixel[1], pixel[0]]));
        }
        Ok(DrawnPage { width, height, rgb, rotation: self.rotation })
    }
}
