//! PDF files, through PDFium.

mod attachment;
mod chars;
mod document;
mod ink;
mod library;
mod objects;
mod page;
mod plausible;
mod render;
mod text_layer;

pub(crate) use document::PdfFile;
pub use library::PdfLibrary;
