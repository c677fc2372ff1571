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
//! Tesseract starts threads of its own with OpenMP, which slow each other down as soon as more than one page is read
//! at a time: set `OMP_THREAD_LIMIT=1` in the environment of a process that reads pages on several cores.

mod bitmap;
mod engine;
mod ffi;
mod layout;
mod session;
mod traineddata;

pub use engine::TesseractEngine;
pub use traineddata::Traineddata;
