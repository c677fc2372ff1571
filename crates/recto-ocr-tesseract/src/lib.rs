//! The Tesseract engine for Recto: [`TesseractEngine`] implements [`recto_ocr::OcrEngine`] on the system's
//! `libtesseract`, with models from memory or from tessdata folders ([`Traineddata`]).
//!
//! ```no_run
//! use recto_ocr::read_page;
//! use recto_ocr_tesseract::{TesseractEngine, Traineddata};
//! # fn picture() -> recto_ocr::PageImage { unimplemented!() }
//!
//! let mut engine = TesseractEngine::new(Traineddata::new().with_system_folders());
//! let page = read_page(&mut engine, &picture(), &"eng".parse()?)?;
//! for block in &page.blocks {
//!     println!("{}\n", block.text());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where the system has `libtesseract` as an archive, it is linked in and reads each page on one core. The shared library
//! starts threads with OpenMP, which slow each other down as soon as more than one page is read at a time: set
//! `OMP_THREAD_LIMIT=1` in the environment of a process that may be built with it and reads pages on several cores.

mod engine;
mod expectation;
mod ffi;
mod layout;
mod picture;
mod script;
mod session;
#[cfg(tesseract_linked_in)]
mod stand_ins;
mod traineddata;

pub use engine::{NAME, TesseractEngine};
pub use traineddata::Traineddata;
