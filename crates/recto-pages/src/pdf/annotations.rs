//! Content of annotations and form fields that is not drawn: the state of check boxes, which is not text, and notes and
//! values without an appearance in the file, which PDFium does not draw.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_int, c_ulong, c_void};
use std::ptr;

use recto_domain::Rect;

use crate::pdf::page::{PdfPage, PdfRect};

/// `FPDF_ANNOT_FREETEXT` and `FPDF_ANNOT_WIDGET` of `fpdf_annot.h`.
const FREE_TEXT: c_int = 3;
const WIDGET: c_int = 20;
/// `FPDF_ANNOT_FLAG_HIDDEN`, `FPDF_ANNOT_FLAG_NOVIEW`.
const HIDDEN: c_int = 2 | 32;
/// `FPDF_FORMFIELD_…` of `fpdf_formfill.h`.
const CHECK_BOX: c_int = 2;
const RADIO_BUTTON: c_int = 3;
const COMBO_BOX: c_int = 4;
const LIST_BOX: c_int = 5;
const TEXT_FIELD: c_int = 6;
/// The most annotations that are examined.
const MAX_ANNOTATIONS: c_int = 10_000;
/// The longest text of an annotation, in bytes of UTF-16.
const MAX_BYTES: usize = 64 * 1024;

/// The content of an annotation or a form field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Saying {
    /// A check box or a button, marked or not.
    Box { marked: bool },
    /// Text that the page should show, unless something is drawn in its place.
    Text {
        text: String,
        /// The type size in points; `None` to fit the frame.
        size: Option<f32>,
    },
}

/// The content with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Annotation {
    /// The area on the displayed page.
    pub(super) place: Rect,
    pub(super) saying: Saying,
}

impl PdfPage<'_> {
    /// The page's annotations that have content, except for hidden ones.
    pub(super) fn annotations(&self) -> Vec<Annotation> {
        let api = self.api();
        // SAFETY: the page is loaded; each annotation is closed after its last use.
        unsafe {
            (0..api.FPDFPage_GetAnnotCount(self.handle.cast()).min(MAX_ANNOTATIONS))
                .filter_map(|index| {
                    let handle = api.FPDFPage_GetAnnot(self.handle.cast(), index);
                    if handle.is_null() {
                        return None;
                    }
                    let annotation = self.annotation(handle.cast());
                    api.FPDFPage_CloseAnnot(handle);
                    annotation
                })
                .collect()
        }
    }

    fn annotation(&self, handle: *mut c_void) -> Option<Annotation> {
        let api = self.api();
        let mut bounds = PdfRect::default();
        // SAFETY: the annotation is open; `PdfRect` has the layout of `FS_RECTF`.
        let (kind, flags) = unsafe {
            api.FPDFAnnot_GetRect(handle.cast(), ptr::from_mut(&mut bounds).cast());
            (api.FPDFAnnot_GetSubtype(handle.cast()) as c_int, api.FPDFAnnot_GetFlags(handle.cast()))
        };
        let place = Rect::from_edges(bounds.left, bounds.top, bounds.right, bounds.bottom);
        let place = self.to_display.apply_rect(&place).clipped(self.size)?;
        if flags & HIDDEN != 0 {
            return None;
        }
        let saying = match kind {
            FREE_TEXT => self.note(handle),
            WIDGET if !self.file.form.is_null() => self.field(handle),
            _ => None,
        }?;
        Some(Annotation { place, saying })
    }

    fn note(&self, handle: *mut c_void) -> Option<Saying> {
        let text = self.text_of(handle, "Contents")?;
        Some(Saying::Text { text, size: self.type_size(handle) })
    }

    fn field(&self, handle: *mut c_void) -> Option<Saying> {
        let (api, form) = (self.api(), self.file.form.cast());
        // SAFETY: form and annotation are open.
        match unsafe { api.FPDFAnnot_GetFormFieldType(form, handle.cast()) } {
            CHECK_BOX | RADIO_BUTTON => Some(Saying::Box { marked: self.is_marked(handle) }),
            COMBO_BOX | LIST_BOX | TEXT_FIELD => {
                let text = text_from(|buffer, length| {
                    // SAFETY: as above; PDFium writes at most as many bytes as it is told there are.
                    unsafe { api.FPDFAnnot_GetFormFieldValue(form, handle.cast(), buffer.cast(), length) }
                })?;
                Some(Saying::Text { text, size: self.type_size(handle) })
            }
            _ => None,
        }
    }

    /// Whether a check box or a button is marked: according to PDFium, which needs an appearance for that, or according
    /// to its state.
    fn is_marked(&self, handle: *mut c_void) -> bool {
        // SAFETY: form and annotation are open.
        if unsafe { self.api().FPDFAnnot_IsChecked(self.file.form.cast(), handle.cast()) } != 0 {
            return true;
        }
        let state = self.text_of(handle, "AS").or_else(|| self.text_of(handle, "V"));
        state.is_some_and(|state| state != "Off")
    }

    /// The type size in the default appearance: the number before `Tf`.
    fn type_size(&self, handle: *mut c_void) -> Option<f32> {
        let appearance = self.text_of(handle, "DA")?;
        let words: Vec<&str> = appearance.split_whitespace().collect();
        let size = words.windows(2).filter(|pair| pair[1] == "Tf").find_map(|pair| pair[0].parse::<f32>().ok())?;
        (size.is_finite() && size > 0.0).then_some(size)
    }

    /// The text under a key of the annotation; `None` when it is missing or empty.
    fn text_of(&self, handle: *mut c_void, key: &str) -> Option<String> {
        text_from(|buffer, length| {
            // SAFETY: the annotation is open; PDFium writes at most as many bytes as it is told there are.
            unsafe { self.api().FPDFAnnot_GetStringValue(handle.cast(), key, buffer.cast(), length) }
        })
    }
}

/// A text that a PDFium function writes as UTF-16 with a terminating zero; the function returns the number of bytes
/// needed.
fn text_from(write: impl Fn(*mut c_void, c_ulong) -> c_ulong) -> Option<String> {
    let bytes = usize::try_from(write(ptr::null_mut(), 0)).ok().filter(|&bytes| bytes <= MAX_BYTES)?;
    let mut buffer = vec![0u16; bytes.div_ceil(2)];
    write(buffer.as_mut_ptr().cast(), c_ulong::try_from(buffer.len() * 2).ok()?);
    let end = buffer.iter().position(|&unit| unit == 0).unwrap_or(buffer.len());
    let text = String::from_utf16_lossy(&buffer[..end]);
    (!text.trim().is_empty()).then_some(text)
}
