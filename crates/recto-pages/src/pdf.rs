//! PDF files, through PDFium.

mod annotations;
mod attachment;
mod chars;
mod document;
mod drawn_boxes;
mod ink;
mod library;
mod objects;
mod page;
mod plausible;
mod render;
mod symbols;
mod text_layer;
mod visible;

pub(crate) use document::PdfFile;
pub use library::PdfLibrary;
