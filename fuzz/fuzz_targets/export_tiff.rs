//! The exporter carries over or copies a TIFF that somebody sent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recto_domain::FileKind;

fuzz_target!(|bytes: &[u8]| recto_fuzz::export_original(FileKind::Tiff, bytes));
