//! Opens a file of any supported kind as pages: PDF, PNG, JPEG, TIFF, WebP, HEIC, AVIF, JPEG
//! 2000, BMP, GIF and PNM.
//!
//! A page is either read from the file's own text ([`OpenFile::text_layer`], with the boxes of its words) or rendered
//! as grey pixels for an OCR engine ([`OpenFile::render`]). The kind of a file is determined by its bytes, never by its
//! name. Page rotation, EXIF orientation, crop boxes and unequal resolutions are handled here: the result is the page
//! as it is displayed. A PDF may also carry an invoice as data: [`OpenFile::e_invoice`].
//!
//! The bytes are untrusted. Every size is checked against [`PageLimits`] before memory of that size is allocated, and
//! any problem with a file is a [`PagesError`] whose message is meant for a person. PDFium and libjpeg-turbo are
//! written in C and C++: run them in a separate process, so that a crash caused by a file harms nothing else.
//!
//! Building and running require libjpeg-turbo with its `TurboJPEG` library (Debian: `libturbojpeg0-dev`).
//!
//! ```no_run
//! use recto_pages::{FileOpener, PageLimits, PdfLibrary, TextLayer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let opener = FileOpener::new(PdfLibrary::from_file("libpdfium.so".as_ref())?, PageLimits::default());
//! let mut file = opener.open(std::fs::File::open("letter.pdf")?)?;
//! for number in 1..=file.page_count() {
//!     match file.text_layer(number)? {
//!         TextLayer::Sound(page) => println!("{}", page.text()),
//!         TextLayer::Doubtful(_) | TextLayer::Absent => {
//!             println!("{:?} is to be recognised", file.render(number, 300)?.image);
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod layer;
mod layout;
mod open_file;
mod pdf;
mod picture;

pub use error::PagesError;
pub use layer::{DoubtfulLayer, Rest, Sample, Settled, TextLayer};
pub use open_file::{DrawnPage, FileOpener, OpenFile, PageLimits, RenderedPage};
pub use pdf::PdfLibrary;
