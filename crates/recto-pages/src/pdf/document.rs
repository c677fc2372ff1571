//! An open PDF: a PDFium handle, and the file from which it reads.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_int, c_uchar, c_ulong, c_void};
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ptr;

use recto_domain::Page;

use crate::error::PagesError;
use crate::layer::TextLayer;
use crate::open_file::{DrawnPage, PageLimits, RenderedPage};
use crate::pdf::library::PdfLibrary;
use crate::pdf::objects::Contents;
use crate::pdf::page::PdfPage;

/// `FPDF_ERR_PASSWORD` and `FPDF_ERR_SECURITY` of `fpdfview.h`.
pub(super) const PASSWORD_ERRORS: [c_ulong; 2] = [4, 5];

/// The struct `FPDF_FILEACCESS` of `fpdfview.h`.
#[repr(C)]
pub(super) struct FileAccess {
    pub(super) length: c_ulong,
    pub(super) get_block: extern "C" fn(*mut c_void, c_ulong, *mut c_uchar, c_ulong) -> c_int,
    pub(super) file: *mut c_void,
}

/// The struct `FPDF_FORMFILLINFO` of `fpdf_formfill.h` without callbacks: form fields are only drawn and do not react.
#[repr(C)]
struct FormFillInfo {
    version: c_int,
    /// 16 members of version 1, then those of version 2, all of them pointers or smaller.
    callbacks: [usize; 48],
}

/// A PDF file.
pub(crate) struct PdfFile<'a> {
    pub(super) library: &'a PdfLibrary,
    pub(super) limits: PageLimits,
    pub(super) document: *mut c_void,
    /// Null when the PDF has no form.
    pub(super) form: *mut c_void,
    page_count: u32,
    // PDFium keeps pointers to the next three for as long as the document is open.
    form_info: Box<FormFillInfo>,
    _access: Box<FileAccess>,
    _source: Box<File>,
}

impl<'a> PdfFile<'a> {
    /// Opens the file and counts its pages, without reading any page.
    pub(crate) fn open(library: &'a PdfLibrary, file: File, limits: PageLimits) -> Result<Self, PagesError> {
        let api = library.api();
        let length = file.metadata().map_err(PagesError::Unreadable)?.len();
        let mut file = Box::new(file);
        let mut access = Box::new(FileAccess {
            length: c_ulong::try_from(length).map_err(|_| PagesError::broken_file("PDF", "it is too long"))?,
            get_block: read_block,
            file: ptr::from_mut(file.as_mut()).cast(),
        });
        // SAFETY: `access` has the layout that PDFium expects and lives, like the file behind it, in a box of the
        // value returned here, which closes the document before it drops them.
        let document = unsafe { api.FPDF_LoadCustomDocument(ptr::from_mut(access.as_mut()).cast(), None) };
        if document.is_null() {
            // SAFETY: the library is initialised, nothing else is asked for.
            let code = unsafe { api.FPDF_GetLastError() };
            return Err(if PASSWORD_ERRORS.contains(&code) {
                PagesError::NeedsPassword
            } else {
                PagesError::broken_file("PDF", "no page tree can be found in it")
            });
        }
        let mut pdf = Self {
            library,
            limits,
            document: document.cast(),
            form: ptr::null_mut(),
            page_count: 0,
            form_info: Box::new(FormFillInfo { version: 2, callbacks: [0; 48] }),
            _access: access,
            _source: file,
        };
        // SAFETY: the document is open.
        let count = unsafe { api.FPDF_GetPageCount(document) };
        pdf.page_count = limits.check_pages(u64::try_from(count).unwrap_or(0))?;
        pdf.open_form();
        Ok(pdf)
    }

    fn open_form(&mut self) {
        let api = self.library.api();
        // SAFETY: the document is open; the struct has the layout of version 2, which is the longest that a PDFium
        // without XFA reads, with zeros for callbacks, each of which is optional; it lives as long as the document.
        let form = unsafe {
            if api.FPDF_GetFormType(self.document.cast()) == 0 {
                return;
            }
            api.FPDFDOC_InitFormFillEnvironment(self.document.cast(), ptr::from_mut(self.form_info.as_mut()).cast())
        };
        self.form = form.cast();
    }

    pub(crate) fn page_count(&self) -> u32 {
        self.page_count
    }

    pub(crate) fn text_layer(&self, number: u32) -> Result<TextLayer, PagesError> {
        let (page, contents) = self.flattened(number)?;
        page.text_layer(&contents)
    }

    pub(crate) fn visible_text_layer(&self, number: u32) -> Result<TextLayer, PagesError> {
        let (mut page, contents) = self.flattened(number)?;
        page.without_invisible = true;
        page.text_layer(&contents)
    }

    pub(crate) fn text_as_it_is(&self, number: u32) -> Result<Option<Page>, PagesError> {
        self.flattened(number)?.0.text_as_it_is()
    }

    /// A page into which annotations and form fields were merged.
    fn flattened(&self, number: u32) -> Result<(PdfPage<'_>, Contents), PagesError> {
        let page = PdfPage::load(self, number)?;
        let contents = page.contents();
        if contents.annotations == 0 {
            return Ok((page, contents));
        }
        let sayings = page.annotations();
        page.flatten();
        // Merged content appears only after the page is loaded again.
        drop(page);
        let mut page = PdfPage::load(self, number)?;
        page.sayings = sayings;
        let contents = page.contents();
        Ok((page, contents))
    }

    pub(crate) fn render(&self, number: u32, dpi: u32) -> Result<RenderedPage, PagesError> {
        PdfPage::load(self, number)?.render(dpi)
    }

    pub(crate) fn draw(&self, number: u32, dpi: u32) -> Result<DrawnPage, PagesError> {
        PdfPage::load(self, number)?.draw_in_colours(dpi)
    }
}

impl Drop for PdfFile<'_> {
    fn drop(&mut self) {
        let api = self.library.api();
        // SAFETY: pages borrow the document and are closed by now; the form goes before the document, as PDFium
        // demands; what they point to is dropped after this.
        unsafe {
            if !self.form.is_null() {
                api.FPDFDOC_ExitFormFillEnvironment(self.form.cast());
            }
            api.FPDF_CloseDocument(self.document.cast());
        }
    }
}

impl fmt::Debug for PdfFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PdfFile({} pages)", self.page_count)
    }
}

/// Gives PDFium a part of the file; 0 means that it cannot be read.
pub(super) extern "C" fn read_block(
    file: *mut c_void,
    position: c_ulong,
    buffer: *mut c_uchar,
    size: c_ulong,
) -> c_int {
    // SAFETY: PDFium hands back the pointer of `FileAccess::file`, which is valid while the document is open, and a
    // buffer of `size` bytes; it calls from one thread at a time, within a call made to it.
    let (file, buffer) = unsafe {
        let Ok(size) = usize::try_from(size) else { return 0 };
        buffer.write_bytes(0, size);
        (&mut *file.cast::<File>(), std::slice::from_raw_parts_mut(buffer, size))
    };
    let read = file.seek(SeekFrom::Start(position)).and_then(|_| file.read_exact(buffer));
    c_int::from(read.is_ok())
}
