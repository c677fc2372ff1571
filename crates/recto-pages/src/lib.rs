//! Opens a file of any accepted kind as pages: PDF, PNG, JPEG, TIFF, WebP, BMP and GIF.
//!
//! A page is either read from the file's own text ([`OpenFile::text_layer`], with the boxes of its words) or turned
//! into grey pixels for an OCR engine ([`OpenFile::render`]). What a file is, its bytes say and never its name. Page
//! rotation, EXIF orientation, crop boxes and unequal resolutions are dealt with here: what comes out is the page as
//! it is displayed. A PDF may also carry an invoice as data: [`OpenFile::e_invoice`].
//!
//! The bytes come from strangers. Every size is checked against [`PageLimits`] before anything of that size is
//! allocated, and whatever is wrong with a file is a [`PagesError`] whose message is meant for a person. PDFium and
//! libjpeg-turbo are C and C++: run them in a process of its own, which may die of a file without harm to others.
//!
//! Building and running need libjpeg-turbo with its `TurboJPEG` library (Debian: `libturbojpeg0-dev`).
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
