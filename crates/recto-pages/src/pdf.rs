//! PDF files, through PDFium.

mod additions;
mod annotations;
mod attachment;
mod chars;
mod document;
mod doubt;
mod drawing;
mod drawn_boxes;
mod library;
mod lookalike;
mod objects;
mod page;
mod plausible;
mod render;
mod rules;
mod script;
mod shape;
mod symbols;
mod text_layer;
mod unlock;
mod visible;

pub(crate) use document::PdfFile;
pub use library::PdfLibrary;
pub(crate) use unlock::unlock;
