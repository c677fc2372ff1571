//! The Tesseract engine for Recto: [`TesseractEngine`] implements [`recto_ocr::OcrEngine`] on
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
//! With the feature `built-in`, Tesseract is the build made by `bootstrap.sh` of Recto's repository: statically linked,
//! optimised, and single-threaded. Without it, it is the system's shared library, which is slower and starts threads
//! with OpenMP. These threads slow each other down as soon as several pages are read at a time. A process that reads
//! pages on several cores with it should have `OMP_THREAD_LIMIT=1` in its environment.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod engine;
mod expectation;
mod ffi;
mod layout;
mod picture;
mod script;
mod session;
mod traineddata;

pub use engine::{NAME, TesseractEngine};
pub use traineddata::Traineddata;
