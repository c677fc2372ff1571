//! Objects drawn on a PDF page, apart from its characters: pictures, paths, annotations.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_int, c_uint, c_ulong, c_void};

use recto_domain::{Affine, Rect};

use crate::pdf::page::{PdfMatrix, PdfPage, PdfRect};

/// `FPDF_PAGEOBJ_…` of `fpdf_edit.h`.
pub(super) const TEXT: c_int = 1;
pub(super) const PATH: c_int = 2;
pub(super) const IMAGE: c_int = 3;
pub(super) const SHADING: c_int = 4;
pub(super) const FORM: c_int = 5;
/// The most objects examined on a page; later ones are assumed to be of the same kinds.
pub(super) const MAX_OBJECTS: usize = 100_000;
/// The most levels of nested forms that are followed.
pub(super) const MAX_DEPTH: u32 = 12;
/// A filled path with fewer segments is a rule or a box, not a letter.
const LETTER_SEGMENTS: c_int = 6;
/// The approximate number of segments per letter in a path that draws many.
const SEGMENTS_OF_LETTERS: usize = 15;
/// The side lengths of a letter, in points.
const LETTER_POINTS: std::ops::RangeInclusive<f32> = 2.0..=40.0;

/// A picture placed on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Picture {
    /// The bounding box on the displayed page.
    pub(super) bbox: Rect,
    /// Its resolution on the page in pixels per inch, in the finer direction.
    pub(super) dpi: Option<f32>,
}

/// The number of objects by kind.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) pictures: Vec<Picture>,
    /// Each annotation with content counts as one.
    pub(super) text_objects: usize,
    /// The number of letters that may be drawn as outlines: small paths, and parts of long paths that draw a whole line
    /// or page.
    pub(super) letter_paths: usize,
    pub(super) other_paths: usize,
    pub(super) shadings: usize,
    /// The number of annotations that may be visible: all but links, pop-ups and hidden ones.
    pub(super) annotations: usize,
}

impl Contents {
    /// Whether nothing is drawn.
    pub(super) fn is_blank(&self) -> bool {
        self.pictures.is_empty()
            && self.text_objects == 0
            && self.letter_paths == 0
            && self.other_paths == 0
            && self.shadings == 0
            && self.annotations == 0
    }
}

impl PdfPage<'_> {
    /// Examines the page's objects, including those inside forms.
    pub(super) fn contents(&self) -> Contents {
        let api = self.api();
        let mut contents = Contents {
            annotations: self.visible_annotations(),
            text_objects: self.sayings.len(),
            ..Contents::default()
        };
        // SAFETY: the page is loaded.
        let count = unsafe { api.FPDFPage_CountObjects(self.handle.cast()) };
        let mut seen = 0;
        for index in 0..count {
            // SAFETY: the page is loaded and has `count` objects.
            let object: *mut c_void = unsafe { api.FPDFPage_GetObject(self.handle.cast(), index) }.cast();
            self.take_in(object, &Affine::IDENTITY, 0, &mut seen, &mut contents);
        }
        contents
    }

    fn take_in(&self, object: *mut c_void, outer: &Affine, depth: u32, seen: &mut usize, contents: &mut Contents) {
        *seen += 1;
        if object.is_null() || *seen > MAX_OBJECTS {
            return;
        }
        if !self.is_on_page(object, outer) {
            return;
        }
        let api = self.api();
        // SAFETY: the object belongs to the loaded page.
        match unsafe { api.FPDFPageObj_GetType(object.cast()) } {
            TEXT => contents.text_objects += 1,
            IMAGE => contents.pictures.extend(self.picture(object, outer)),
            SHADING => contents.shadings += 1,
            PATH => match self.letters_of(object, outer) {
                0 => contents.other_paths += 1,
                letters => contents.letter_paths += letters,
            },
            FORM if depth < MAX_DEPTH => {
                let inner = self.matrix(object).then(outer);
                // SAFETY: as above, and the object is a form.
                let count = unsafe { api.FPDFFormObj_CountObjects(object.cast()) };
                for index in 0..c_ulong::try_from(count).unwrap_or(0) {
                    // SAFETY: the form has `count` objects.
                    let part: *mut c_void = unsafe { api.FPDFFormObj_GetObject(object.cast(), index) }.cast();
                    self.take_in(part, &inner, depth + 1, seen, contents);
                    if *seen > MAX_OBJECTS {
                        return;
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether any part of the object may be visible; true for unknown bounds.
    fn is_on_page(&self, object: *mut c_void, outer: &Affine) -> bool {
        let Some(bounds) = self.bounds(object) else { return true };
        let r = outer.then(&self.to_display).apply_rect(&bounds);
        r.right() >= 0.0 && r.bottom() >= 0.0 && r.x <= self.size.width && r.y <= self.size.height
    }

    pub(super) fn matrix(&self, object: *mut c_void) -> Affine {
        let mut m = PdfMatrix { a: 1.0, d: 1.0, ..PdfMatrix::default() };
        // SAFETY: the object belongs to the loaded page; `PdfMatrix` has the layout of `FS_MATRIX`.
        unsafe { self.api().FPDFPageObj_GetMatrix(object.cast(), std::ptr::from_mut(&mut m).cast()) };
        Affine { a: m.a, b: m.b, c: m.c, d: m.d, e: m.e, f: m.f }
    }

    /// The object's bounds in the coordinates of its container.
    pub(super) fn bounds(&self, object: *mut c_void) -> Option<Rect> {
        let (mut left, mut bottom, mut right, mut top) = (0.0, 0.0, 0.0, 0.0);
        // SAFETY: the object belongs to the loaded page.
        let known = unsafe {
            self.api().FPDFPageObj_GetBounds(
                object.cast(),
                &raw mut left,
                &raw mut bottom,
                &raw mut right,
                &raw mut top,
            )
        };
        (known != 0).then(|| Rect::from_edges(left, bottom, right, top))
    }

    fn picture(&self, object: *mut c_void, outer: &Affine) -> Option<Picture> {
        let bbox = outer.then(&self.to_display).apply_rect(&self.bounds(object)?);
        let (mut width, mut height): (c_uint, c_uint) = (0, 0);
        // SAFETY: the object is a picture of the loaded page.
        let known =
            unsafe { self.api().FPDFImageObj_GetImagePixelSize(object.cast(), &raw mut width, &raw mut height) };
        let matrix = self.matrix(object).then(outer);
        let inches = (matrix.a.hypot(matrix.b) / 72.0, matrix.c.hypot(matrix.d) / 72.0);
        let dpi = (known != 0 && inches.0 > 0.0 && inches.1 > 0.0)
            .then(|| (width as f32 / inches.0).max(height as f32 / inches.1));
        Some(Picture { bbox, dpi })
    }

    /// The number of letters that a path may draw.
    fn letters_of(&self, object: *mut c_void, outer: &Affine) -> usize {
        let Some(bounds) = self.bounds(object) else { return 0 };
        let bounds = outer.apply_rect(&bounds);
        // SAFETY: the object is a path of the loaded page.
        let segments = unsafe { self.api().FPDFPath_CountSegments(object.cast()) };
        let (long, short) = (bounds.width.max(bounds.height), bounds.width.min(bounds.height));
        if segments < LETTER_SEGMENTS || long < *LETTER_POINTS.start() {
            0
        } else if long <= *LETTER_POINTS.end() {
            usize::from(bounds.height >= *LETTER_POINTS.start())
        } else if short >= *LETTER_POINTS.start() {
            usize::try_from(segments).unwrap_or(0) / SEGMENTS_OF_LETTERS
        } else {
            0
        }
    }

    fn visible_annotations(&self) -> usize {
        /// `FPDF_ANNOT_LINK`, `FPDF_ANNOT_POPUP`.
        const NOTHING_TO_SEE: [c_int; 2] = [2, 16];
        /// `FPDF_ANNOT_FLAG_HIDDEN`, `FPDF_ANNOT_FLAG_NOVIEW`.
        const HIDDEN: c_int = 2 | 32;
        let api = self.api();
        // SAFETY: the page is loaded; each annotation is closed after its last use.
        unsafe {
            (0..api.FPDFPage_GetAnnotCount(self.handle.cast()))
                .filter(|&index| {
                    let annotation = api.FPDFPage_GetAnnot(self.handle.cast(), index);
                    if annotation.is_null() {
                        return false;
                    }
                    let kind = api.FPDFAnnot_GetSubtype(annotation) as c_int;
                    let hidden = api.FPDFAnnot_GetFlags(annotation) & HIDDEN != 0;
                    let mut bounds = PdfRect::default();
                    api.FPDFAnnot_GetRect(annotation, std::ptr::from_mut(&mut bounds).cast());
                    let empty = bounds.left == bounds.right || bounds.top == bounds.bottom;
                    api.FPDFPage_CloseAnnot(annotation);
                    !hidden && !empty && !NOTHING_TO_SEE.contains(&kind)
                })
                .count()
        }
    }
}
