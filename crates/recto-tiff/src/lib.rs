//! The directories of TIFF 6.0, of BigTIFF and of Exif data, which has the layout of a TIFF: tags and their values.
//!
//! [`Tiff`] opens a file, finds its pages, and reads the tags that a caller asks for. It decodes no pixels.
//!
//! The bytes may be untrusted. A chain of directories ends where it loops or leaves the file. Values are counted before
//! they are read, and nothing is allocated that is longer than the file.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod byte_order;
mod directory;
mod error;
mod pages;
pub mod tag;
mod tiff;

pub use directory::Directory;
pub use error::TiffError;
pub use pages::TiffPage;
pub use tiff::Tiff;
