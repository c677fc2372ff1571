//! Files embedded in a PDF: the invoice that it carries as data, and others, which are not read.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_int, c_ulong, c_void};
use std::ptr;

use super::document::PdfFile;

/// The standard names of the invoice, the newest first: Factur-X and `ZUGFeRD` from 2.1, `XRechnung`, and `ZUGFeRD` 2.0
/// and (in other case) 1.0. Case is ignored, because writers are inconsistent.
const INVOICE_NAMES: [&str; 3] = ["factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml"];
/// The largest invoice in bytes; a line item takes about 1 KiB.
const MAX_INVOICE_BYTES: usize = 10 * 1024 * 1024;
/// The most attachments that are examined: each one requires a search of the list.
const MAX_ATTACHMENTS: c_int = 256;
/// The longest name, in bytes of UTF-16 including the terminating zero.
const MAX_NAME_BYTES: usize = 2 * 256;

impl PdfFile<'_> {
    /// The XML of an embedded invoice; `None` without one, or when it is larger than any real invoice.
    pub(crate) fn e_invoice(&self) -> Option<Vec<u8>> {
        let named = self.attachments().filter_map(|attachment| {
            let name = attachment.name()?.to_lowercase();
            let rank = INVOICE_NAMES.iter().position(|known| *known == name)?;
            Some((rank, attachment))
        });
        let (_, invoice) = named.min_by_key(|(rank, _)| *rank)?;
        invoice.bytes()
    }

    /// The names of embedded files that a person may want to read: all except XML data. A portfolio consists of such
    /// files.
    pub(crate) fn files_inside(&self) -> Vec<String> {
        let names = self.attachments().map(|attachment| attachment.name().unwrap_or_else(|| "a file".to_owned()));
        names.filter(|name| !name.to_lowercase().ends_with(".xml")).collect()
    }

    fn attachments(&self) -> impl Iterator<Item = Attachment<'_>> {
        // SAFETY: the document is open.
        let count = unsafe { self.library.api().FPDFDoc_GetAttachmentCount(self.document.cast()) };
        (0..count.min(MAX_ATTACHMENTS)).filter_map(|index| Attachment::at(self, index))
    }
}

/// A file embedded in a PDF.
struct Attachment<'a> {
    pdf: &'a PdfFile<'a>,
    handle: *mut c_void,
}

impl<'a> Attachment<'a> {
    fn at(pdf: &'a PdfFile<'_>, index: c_int) -> Option<Self> {
        // SAFETY: the document is open and outlives what is returned here. The handle needs no closing.
        let handle: *mut c_void = unsafe { pdf.library.api().FPDFDoc_GetAttachment(pdf.document.cast(), index) }.cast();
        (!handle.is_null()).then_some(Self { pdf, handle })
    }

    /// `None` when it has no name, or one that is too long.
    fn name(&self) -> Option<String> {
        let api = self.pdf.library.api();
        let mut buffer = [0u16; MAX_NAME_BYTES / 2];
        // SAFETY: the attachment belongs to the open document; PDFium writes at most as many bytes as it is told that
        // the buffer has, and tells how many there are.
        let bytes = unsafe {
            api.FPDFAttachment_GetName(self.handle.cast(), buffer.as_mut_ptr().cast(), MAX_NAME_BYTES as c_ulong)
        };
        let units = usize::try_from(bytes).ok().filter(|&bytes| bytes <= MAX_NAME_BYTES)? / 2;
        // A zero terminates the name.
        String::from_utf16(buffer.get(..units.checked_sub(1)?)?).ok()
    }

    /// `None` when it is empty or too large.
    fn bytes(&self) -> Option<Vec<u8>> {
        let length = self.read(ptr::null_mut(), 0)?;
        if length == 0 || length > MAX_INVOICE_BYTES {
            return None;
        }
        let mut bytes = vec![0u8; length];
        let read = self.read(bytes.as_mut_ptr().cast(), length)?;
        (read == length).then_some(bytes)
    }

    /// Makes PDFium write the decoded file to a buffer of `length` bytes, if it fits; returns its length.
    fn read(&self, buffer: *mut c_void, length: usize) -> Option<usize> {
        let mut needed: c_ulong = 0;
        let api = self.pdf.library.api();
        // SAFETY: the attachment belongs to the open document; the buffer has that many bytes, or is null with none.
        let found = unsafe {
            api.FPDFAttachment_GetFile(self.handle.cast(), buffer, c_ulong::try_from(length).ok()?, &raw mut needed)
        };
        if found == 0 { None } else { usize::try_from(needed).ok() }
    }
}
