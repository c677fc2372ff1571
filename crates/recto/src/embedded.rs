//! The files inside the binary that make one copied file a whole installation: PDFium, and Tesseract's models for
//! English and for the detection of page orientation.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
