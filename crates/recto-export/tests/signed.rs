//! PDFs with a digital signature, which holds only for the file as it is.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod fixture;

use std::fmt::Write as _;

use fixture::{block, line};
use recto_domain::{Block, BlockKind, FileKind, Page, PageSource, Rotation, Size, Timestamp};
use recto_export::{ExportOptions, Format, MemoryBatch, export, prepare};

/// A signed page; `more` stands in its catalog.
fn signed(more: &str) -> Vec<u8> {
    let objects = [
        format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[4 0 R]>>{more}>>"),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Annots[4 0 R]>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature)/Rect[0 0 0 0]/V 5 0 R>>".to_owned(),
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 9 99 9]/Contents<00>>>".to_owned(),
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    for (number, object) in (1..).zip(&objects) {
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    (file + "trailer<</Root 1 0 R>>\n").into_bytes()
}

/// What becomes of files in one PDF, and what is said of it.
fn exported(files: &[(&str, Vec<u8>, PageSource, Vec<Block>)]) -> (Vec<u8>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut batch = MemoryBatch::new("Batch", Timestamp::from_millis(0));
    for (name, file, source, blocks) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, file).unwrap();
        let size = Size { width: 600.0, height: 800.0 };
        let page = Page::read(1, size, Rotation::None, source.clone(), None, blocks.clone());
        batch.add(*name, FileKind::Pdf, path, vec![page]);
    }
    let warnings = prepare(Format::Pdf, &ExportOptions::default(), &mut batch).unwrap();
    assert_eq!(prepare(Format::Json, &ExportOptions::default(), &mut batch).unwrap(), Vec::<String>::new());
    let mut pdf = Vec::new();
    export(Format::Pdf, &ExportOptions::default(), &mut batch, &mut pdf).unwrap();
    (pdf, warnings)
}

#[test]
fn a_signed_pdf_that_is_alone_comes_as_it_is() {
    for opening in ["", "/OpenAction[3 0 R/Fit]", "/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"] {
        let original = signed(opening);
        let (pdf, warnings) = exported(&[("a.pdf", original.clone(), PageSource::TextLayer, Vec::new())]);
        assert_eq!(pdf, original);
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

#[test]
fn a_signature_that_does_not_hold_any_more_is_told_with_the_name_of_its_file() {
    let words = vec![block(BlockKind::Paragraph, vec![line(9.0, 9.0, "read in the picture")])];
    let engine = PageSource::Engine("tesseract".to_owned());
    let layer = || PageSource::TextLayer;
    let script = signed("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>");
    let joined = [("a.pdf", signed(""), layer(), Vec::new()), ("b.pdf", signed(""), layer(), Vec::new())];
    let cases: [&[_]; 3] =
        [&joined, &[("a.pdf", signed(""), engine, words)], &[("a.pdf", script, layer(), Vec::new())]];
    for files in cases {
        let (pdf, warnings) = exported(files);
        assert_ne!(pdf, files[0].1);
        let named: Vec<_> = warnings.iter().map(|warning| warning.split(' ').next().unwrap()).collect();
        assert_eq!(named, files.iter().map(|file| file.0).collect::<Vec<_>>(), "{warnings:?}");
        assert!(warnings.iter().all(|warning| warning.contains("digitally signed")), "{warnings:?}");
    }
}
