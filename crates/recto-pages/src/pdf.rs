//! PDF files, through PDFium.

mod attachment;
mod chars;
mod document;
mod doubt;
mod ink;
mod library;
mod lookalike;
mod objects;
mod page;
mod plausible;
mod render;
mod script;
mod shape;
mod text_layer;

pub(crate) use document::PdfFile;
pub use library::PdfLibrary;
