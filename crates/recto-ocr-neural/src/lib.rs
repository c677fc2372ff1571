//! A neural engine for Recto: [`NeuralEngine`] implements [`recto_ocr::OcrEngine`] with the models of PP-OCR on ONNX
//! Runtime.
//!
//! It reads a page in four steps, each of which can be used by itself:
//!
//! 1. [`NeuralEngine::find_lines`] has the detector mark where text is, and draws rectangles around it.
//! 2. [`NeuralEngine::cut`] cuts the picture of one of these lines, level and of the height that the recognisers need.
//! 3. [`NeuralEngine::read_line`] reads it into words with their positions.
//! 4. [`arrange`] puts the lines into blocks in reading order.
//!
//! ```no_run
//! use recto_ocr::read_page;
//! use recto_ocr_neural::{Models, NeuralEngine, Recogniser, Runtime};
//! # fn picture() -> recto_ocr::PageImage { unimplemented!() }
//! # static DETECTOR: &[u8] = b"";
//! # static MODEL: &[u8] = b"";
//! # static DICTIONARY: &[u8] = b"";
//!
//! let runtime = Runtime::from_file("libonnxruntime.so".as_ref())?;
//! let recogniser = Recogniser { model: MODEL, dictionary: DICTIONARY };
//! let mut engine = NeuralEngine::new(runtime, Models { detector: DETECTOR, recogniser, careful: None });
//! let page = read_page(&mut engine, &picture(), &"eng".parse()?)?;
//! for block in &page.blocks {
//!     println!("{}\n", block.text());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`LineByLine`] is a second engine. It reads pages in letters that the recognisers do not know, and has another
//! engine read their lines.
//!
//! Everything runs on the calling thread. To read several pages at once, use an engine for each thread.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod alphabet;
mod arrange;
mod classifier;
mod ctc;
mod cut;
mod detector;
mod doubt;
mod engine;
mod expectation;
mod line_by_line;
mod line_reader;
mod mixture;
mod models;
mod network;
mod onnx;
mod outline;
mod region;
mod runtime;
mod shrink;
mod words;

pub use arrange::arrange;
pub use cut::LineImage;
pub use engine::{NAME, NeuralEngine};
pub use line_by_line::{LineByLine, NAME as MIXED_NAME};
pub use models::{Models, Recogniser};
pub use region::Region;
pub use runtime::Runtime;
pub use words::ReadLine;
