//! What the binary carries so that one copied file is a whole installation: PDFium, and Tesseract's models for English
//! and for telling which way a page lies.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
