//! The exporter decodes a HEIC, AVIF or JPEG 2000 picture that somebody sent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recto_domain::FileKind;

fuzz_target!(|bytes: &[u8]| {
    let kind = FileKind::sniff(bytes).filter(|kind| matches!(kind, FileKind::Avif | FileKind::Jp2));
    recto_fuzz::export_original(kind.unwrap_or(FileKind::Heic), bytes);
});
