//! Removes the protection of a PDF: the copy opens without a password.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_int, c_ulong, c_void};
use std::fs::File;
use std::ptr;

use super::document::{FileAccess, PASSWORD_ERRORS, read_block};
use super::library::PdfLibrary;
use crate::error::PagesError;

/// `FPDF_REMOVE_SECURITY` of `fpdf_save.h`.
const REMOVE_SECURITY: c_ulong = 3;

/// The struct `FPDF_FILEWRITE` of `fpdf_save.h`, followed by the writer's own data.
#[repr(C)]
struct FileWrite<'a> {
    version: c_int,
    write_block: extern "C" fn(*mut c_void, *const c_void, c_ulong) -> c_int,
    take: &'a mut dyn FnMut(&[u8]) -> bool,
}

/// Passes the bytes of the unprotected file to `take`; returns `false` when the file opens without a password.
pub(crate) fn unlock(
    library: &PdfLibrary,
    mut file: File,
    passwords: &[String],
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<bool, PagesError> {
    let length = file.metadata().map_err(PagesError::Unreadable)?.len();
    let mut access = FileAccess {
        length: c_ulong::try_from(length).map_err(|_| PagesError::broken_file("PDF", "it is too long"))?,
        get_block: read_block,
        file: ptr::from_mut(&mut file).cast(),
    };
    for password in std::iter::once(None).chain(passwords.iter().map(|password| Some(password.as_str()))) {
        let Some(document) = Document::open(library, &mut access, password)? else { continue };
        if password.is_none() {
            return Ok(false);
        }
        return document.save_unprotected(take).map(|()| true);
    }
    match passwords.len() {
        0 => Err(PagesError::NeedsPassword),
        count => Err(PagesError::WrongPassword { count }),
    }
}

/// An open document.
struct Document<'a> {
    library: &'a PdfLibrary,
    handle: *mut c_void,
}

impl<'a> Document<'a> {
    /// `None` when the password is wrong or missing.
    fn open(
        library: &'a PdfLibrary,
        access: &mut FileAccess,
        password: Option<&str>,
    ) -> Result<Option<Self>, PagesError> {
        let api = library.api();
        // SAFETY: `access` has the layout that PDFium expects; it and the file behind it outlive the document, which is
        // closed before the function that owns them returns.
        let document = unsafe { api.FPDF_LoadCustomDocument(ptr::from_mut(access).cast(), password) };
        if !document.is_null() {
            return Ok(Some(Self { library, handle: document.cast() }));
        }
        // SAFETY: the library is initialised, nothing else is asked for.
        let code = unsafe { api.FPDF_GetLastError() };
        if PASSWORD_ERRORS.contains(&code) {
            return Ok(None);
        }
        Err(PagesError::broken_file("PDF", "no page tree can be found in it"))
    }

    fn save_unprotected(&self, take: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), PagesError> {
        let mut writer = FileWrite { version: 1, write_block, take };
        // SAFETY: the document is open; the writer begins with the struct that PDFium expects and lives until the call
        // returns, and what it calls does not unwind.
        let saved = unsafe {
            let writer = ptr::from_mut(&mut writer).cast();
            self.library.api().FPDF_SaveAsCopy(self.handle.cast(), writer, REMOVE_SECURITY)
        };
        if saved == 0 { Err(PagesError::broken_file("PDF", "its protection cannot be removed")) } else { Ok(()) }
    }
}

impl Drop for Document<'_> {
    fn drop(&mut self) {
        // SAFETY: the document is open, and nothing of it is used any more.
        unsafe { self.library.api().FPDF_CloseDocument(self.handle.cast()) };
    }
}

/// Takes a part of PDFium's output; returning 0 stops the writing.
extern "C" fn write_block(writer: *mut c_void, data: *const c_void, size: c_ulong) -> c_int {
    let Ok(size) = usize::try_from(size) else { return 0 };
    if size == 0 {
        return 1;
    }
    // SAFETY: PDFium hands back the pointer that it was given, to a `FileWrite` that nobody else uses meanwhile, and
    // `size` bytes at `data`; it calls from the thread of the call made to it.
    let (writer, bytes) =
        unsafe { (&mut *writer.cast::<FileWrite<'_>>(), std::slice::from_raw_parts(data.cast::<u8>(), size)) };
    c_int::from((writer.take)(bytes))
}
