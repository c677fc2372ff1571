//! A page of a PDF that was read again: what another program recognised on it goes, what is seen stays.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod fixture;

use std::fmt::Write as _;
use std::process::Command;

use fixture::{block, line};
use recto_domain::{BlockKind, FileKind, Page, PageSource, Rotation, Size, Timestamp};
use recto_export::{ExportOptions, Format, MemoryBatch, export};

/// What a page with these contents says as a PDF once "again" was read on it.
fn read_again(contents: &str) -> String {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources 5 0 R>>".to_owned(),
        format!("<</Length {}>>stream\n{contents}\nendstream", contents.len()),
        "<</Font<</F 6 0 R>>/XObject<</Form 7 0 R/Scan 8 0 R/Stamp 9 0 R>>/ExtGState<</Faint<</ca .1>>>>>>".to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned(),
        "<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources 5 0 R/Length 69>>stream\n\
         BT 3 Tr/F 9 Tf 9 600 Td(formhidden)Tj 0 Tr 9 -20 Td(formseen)Tj ET   \nendstream"
            .to_owned(),
        "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\n\
         x\nendstream"
            .to_owned(),
        "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 1/ImageMask true/Length 1>>stream\n\
         x\nendstream"
            .to_owned(),
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    for (number, object) in (1..).zip(&objects) {
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    file += "trailer<</Root 1 0 R>>\n";
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("original.pdf");
    std::fs::write(&original, file).unwrap();
    let engine = PageSource::Engine("tesseract".to_owned());
    let blocks = vec![block(BlockKind::Paragraph, vec![line(9.0, 780.0, "again")])];
    let page = Page::read(1, Size { width: 600.0, height: 800.0 }, Rotation::None, engine, None, blocks);
    let mut batch = MemoryBatch::new("Batch", Timestamp::from_millis(0));
    batch.add("original.pdf", FileKind::Pdf, &original, vec![page]);
    let path = folder.path().join("export.pdf");
    export(Format::Pdf, &ExportOptions::default(), &mut batch, &mut std::fs::File::create(&path).unwrap()).unwrap();
    let check = Command::new("qpdf").arg("--check").arg(&path).output().expect("qpdf is installed");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    let output = Command::new("pdftotext").arg(&path).arg("-").output().expect("pdftotext is installed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn text_in_no_colour_goes() {
    let contents =
        "q BT/F 9 Tf 3 Tr 9 700 Td(hidden)Tj 0 -20 Td[(al)-20(so)]TJ T*(too)' ET Q BT/F 9 Tf 9 600 Td(seen)Tj ET";
    assert_eq!(read_again(contents), "seen again");
}

#[test]
fn text_under_a_picture_of_the_page_goes() {
    let contents = "BT/F 9 Tf 9 700 Td(under)Tj ET q 600 0 0 800 0 0 cm/Scan Do Q BT/F 9 Tf 9 600 Td(over)Tj ET";
    assert_eq!(read_again(contents), "over again");
}

#[test]
fn text_under_what_does_not_hide_it_stays() {
    for picture in ["600 0 0 400 0 0 cm/Scan Do", "600 0 0 800 0 0 cm/Stamp Do", "/Faint gs 600 0 0 800 0 0 cm/Scan Do"]
    {
        let contents = format!("BT/F 9 Tf 9 700 Td(under)Tj ET q {picture} Q");
        assert_eq!(read_again(&contents), "under again", "{picture}");
    }
}

#[test]
fn hidden_text_of_a_form_goes_and_the_form_stays() {
    assert_eq!(read_again("q/Form Do Q"), "formseen again");
}

/// Text that is seen must not move because what stood before it on its line is gone.
#[test]
fn a_line_that_is_seen_in_part_stays_whole() {
    assert_eq!(read_again("BT/F 9 Tf 9 700 Td 3 Tr(hidden)Tj 0 Tr(seen)Tj ET"), "hiddenseen again");
}
