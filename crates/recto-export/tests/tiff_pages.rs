//! Which directories of a TIFF the pages of an export are drawn from.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod fixture;

use fixture::exported_with;
use recto_domain::{FileKind, Page, PageSource, Rotation, Size, Timestamp};
use recto_export::{ExportOptions, Format, MemoryBatch};

/// The tag that marks reduced copies.
const NEW_SUBFILE_TYPE: u16 = 254;

/// A grey square without compression: its side and whether it is marked as reduced.
type Square = (u32, bool);

/// A TIFF of these directories, one after the other.
fn tiff(squares: &[Square]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    for (index, &(side, is_reduced)) in squares.iter().enumerate() {
        let entries: [(u16, u32); 9] = [
            (NEW_SUBFILE_TYPE, u32::from(is_reduced)),
            (256, side),
            (257, side),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, bytes.len() as u32 + 2 + 9 * 12 + 4),
            (278, side),
            (279, side * side),
        ];
        bytes.extend_from_slice(&9u16.to_le_bytes());
        for (tag, value) in entries {
            bytes.extend_from_slice(&tag.to_le_bytes());
            bytes.extend_from_slice(&4u16.to_le_bytes());
            bytes.extend_from_slice(&1u32.to_le_bytes());
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let next = if index + 1 == squares.len() { 0 } else { bytes.len() as u32 + 4 + side * side };
        bytes.extend_from_slice(&next.to_le_bytes());
        bytes.extend((0..side * side).map(|at| (at % 251) as u8));
    }
    bytes
}

/// The PDF of a TIFF that was read as so many pages.
fn exported(squares: &[Square], pages: u32) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    std::fs::write(&path, tiff(squares)).unwrap();
    let size = Size { width: 144.0, height: 144.0 };
    let engine = PageSource::Engine("tesseract".to_owned());
    let page = |number| Page::read(number, size, Rotation::None, engine.clone(), None, Vec::new());
    let mut batch = MemoryBatch::new("Batch", Timestamp::from_millis(0));
    batch.add("scan.tif", FileKind::Tiff, path, (1..=pages).map(page).collect());
    let bytes = exported_with(Format::Pdf, &ExportOptions::default(), &mut batch);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_thumbnail_before_its_picture_is_not_drawn_for_it() {
    let pdf = exported(&[(16, true), (120, false)], 1);
    assert!(pdf.contains("/Width 120"), "the picture is there");
    assert!(!pdf.contains("/Width 16"), "and its thumbnail is not");
}

#[test]
fn pages_after_a_thumbnail_keep_their_order() {
    let pdf = exported(&[(120, false), (16, true), (90, false)], 2);
    assert!(pdf.find("/Width 120") < pdf.find("/Width 90"), "the second page comes second");
    assert!(pdf.contains("/Width 90") && !pdf.contains("/Width 16"));
}
