//! A loaded page of a PDF, and the map from its own coordinates to those of the displayed page.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::cell::Cell;
use std::ffi::c_void;

use pdfium_render::prelude::PdfiumLibraryBindings;
use recto_domain::{Affine, Rotation, Size};

use crate::error::PagesError;
use crate::pdf::annotations::Annotation;
use crate::pdf::document::PdfFile;

/// The struct `FS_RECTF` of `fpdfview.h`: y grows upwards.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PdfRect {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

/// The struct `FS_MATRIX` of `fpdfview.h`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PdfMatrix {
    pub(super) a: f32,
    pub(super) b: f32,
    pub(super) c: f32,
    pub(super) d: f32,
    pub(super) e: f32,
    pub(super) f: f32,
}

/// A loaded page.
pub(super) struct PdfPage<'a> {
    pub(super) file: &'a PdfFile<'a>,
    pub(super) number: u32,
    pub(super) handle: *mut c_void,
    /// The size as displayed.
    pub(super) size: Size,
    /// The rotation from `/Rotate`.
    pub(super) rotation: Rotation,
    /// From the page's own coordinates (y upwards, before `/Rotate`) to those of the displayed page.
    pub(super) to_display: Affine,
    /// The content of annotations that have since been merged into the page.
    pub(super) sayings: Vec<Annotation>,
    /// The number of characters left out because they are invisible, once that was determined.
    pub(super) unseen: Cell<usize>,
    /// Whether invisible characters are left out.
    pub(super) without_invisible: bool,
}

impl<'a> PdfPage<'a> {
    pub(super) fn load(file: &'a PdfFile<'a>, number: u32) -> Result<Self, PagesError> {
        let api = file.library.api();
        let index = i32::try_from(number).unwrap_or(i32::MAX) - 1;
        // SAFETY: the document is open; PDFium checks the index.
        let handle = unsafe { api.FPDF_LoadPage(file.document.cast(), index) };
        if handle.is_null() {
            return Err(PagesError::broken_page(number, "it cannot be found in the PDF"));
        }
        let mut page = Self {
            file,
            number,
            handle: handle.cast(),
            size: Size::default(),
            rotation: Rotation::None,
            to_display: Affine::IDENTITY,
            sayings: Vec::new(),
            unseen: Cell::new(0),
            without_invisible: false,
        };
        page.measure()?;
        if !file.form.is_null() {
            // SAFETY: page and form are open and belong to the same document.
            unsafe { api.FORM_OnAfterLoadPage(handle, file.form.cast()) };
        }
        Ok(page)
    }

    pub(super) fn api(&self) -> &'static dyn PdfiumLibraryBindings {
        self.file.library.api()
    }

    /// Merges annotations and form fields into the page, in memory; returns whether there were any.
    pub(super) fn flatten(&self) -> bool {
        /// `FLAT_NORMALDISPLAY` and `FLATTEN_SUCCESS` of `fpdf_flatten.h`.
        const NORMAL_DISPLAY: i32 = 0;
        const SUCCESS: i32 = 1;
        // SAFETY: the page is loaded.
        unsafe { self.api().FPDFPage_Flatten(self.handle.cast(), NORMAL_DISPLAY) == SUCCESS }
    }

    fn measure(&mut self) -> Result<(), PagesError> {
        let api = self.api();
        let mut bounds = PdfRect::default();
        // SAFETY: the page is loaded; `PdfRect` has the layout of `FS_RECTF`.
        let (width, height, turn, has_box) = unsafe {
            (
                api.FPDF_GetPageWidthF(self.handle.cast()),
                api.FPDF_GetPageHeightF(self.handle.cast()),
                api.FPDFPage_GetRotation(self.handle.cast()),
                api.FPDF_GetPageBoundingBox(self.handle.cast(), std::ptr::from_mut(&mut bounds).cast()) != 0,
            )
        };
        let plausible = |side: f32| side.is_finite() && side > 0.0;
        if !plausible(width) || !plausible(height) || !has_box {
            return Err(PagesError::broken_page(self.number, "it has no size"));
        }
        self.size = Size { width, height };
        self.rotation = Rotation::from_degrees(turn * 90).unwrap_or_default();
        let stored = self.size.turned(self.rotation);
        let flipped = Affine { a: 1.0, b: 0.0, c: 0.0, d: -1.0, e: -bounds.left, f: bounds.top };
        self.to_display = flipped.then(&self.rotation.affine(stored));
        Ok(())
    }
}

impl Drop for PdfPage<'_> {
    fn drop(&mut self) {
        let api = self.api();
        // SAFETY: the page was loaded by `load` and is closed once, after the form was told.
        unsafe {
            if !self.file.form.is_null() {
                api.FORM_OnBeforeClosePage(self.handle.cast(), self.file.form.cast());
            }
            api.FPDF_ClosePage(self.handle.cast());
        }
    }
}
