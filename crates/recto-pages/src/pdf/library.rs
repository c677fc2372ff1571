//! The PDFium library, which is loaded once per process.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::fmt;
use std::io::Write;
use std::path::Path;

use pdfium_render::prelude::{Pdfium, PdfiumError, PdfiumLibraryBindings, PdfiumLibraryBindingsAccessor};

use crate::error::PagesError;

/// PDFium, bound and initialised.
///
/// A process has only one: a second call of a constructor returns the library that the first one loaded. Calls are
/// serialised, because PDFium is not thread-safe.
#[derive(Clone, Copy)]
pub struct PdfLibrary {
    bindings: &'static dyn PdfiumLibraryBindings,
}

impl PdfLibrary {
    /// Loads the shared library at that path (`libpdfium.so`, `pdfium.dll`, `libpdfium.dylib`).
    pub fn from_file(path: &Path) -> Result<Self, PagesError> {
        match Pdfium::bind_to_library(path) {
            Ok(bindings) => Ok(Self::initialised(&Pdfium::new(bindings))),
            // Once bound, the default constructor loads nothing and cannot panic.
            Err(PdfiumError::PdfiumLibraryBindingsAlreadyInitialized) => Ok(Self::initialised(&Pdfium::default())),
            Err(error) => Err(PagesError::Library { reason: error.to_string() }),
        }
    }

    /// Loads the shared library from its bytes, for a program that embeds it.
    ///
    /// On Linux the bytes are written to an anonymous file in memory. On other systems, and where that is forbidden,
    /// they are written to a temporary file, which is removed after loading (where the system allows that).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PagesError> {
        #[cfg(target_os = "linux")]
        if let Ok(library) = Self::from_anonymous_file(bytes) {
            return Ok(library);
        }
        let failed = |error: std::io::Error| PagesError::Library { reason: error.to_string() };
        let mut file = tempfile::Builder::new()
            .prefix("pdfium-")
            .suffix(std::env::consts::DLL_SUFFIX)
            .tempfile()
            .map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        // Windows does not load a library that is open for writing.
        let path = file.into_temp_path();
        Self::from_file(&path)
    }

    #[cfg(target_os = "linux")]
    fn from_anonymous_file(bytes: &[u8]) -> Result<Self, PagesError> {
        use std::os::fd::AsRawFd;
        let failed = |error: std::io::Error| PagesError::Library { reason: error.to_string() };
        let fd =
            rustix::fs::memfd_create(c"libpdfium", rustix::fs::MemfdFlags::CLOEXEC).map_err(|e| failed(e.into()))?;
        let mut file = std::fs::File::from(fd);
        file.write_all(bytes).map_err(failed)?;
        Self::from_file(format!("/proc/self/fd/{}", file.as_raw_fd()).as_ref())
    }

    fn initialised(pdfium: &Pdfium) -> Self {
        Self { bindings: <Pdfium as PdfiumLibraryBindingsAccessor<'static>>::bindings(pdfium) }
    }

    /// The C functions.
    pub(crate) fn api(self) -> &'static dyn PdfiumLibraryBindings {
        self.bindings
    }
}

impl fmt::Debug for PdfLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PdfLibrary")
    }
}
