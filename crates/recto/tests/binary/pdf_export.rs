//! The searchable PDF, as other PDF programs see it.

use std::path::Path;

use crate::documents::{bytes, files, path};
use crate::programs::{self, pdf_fonts, pdf_text, saved};
use crate::server::Server;
use crate::words::{LETTER, recall};

/// The PDF export of a batch of these documents, saved for programs.
fn export(folder: &tempfile::TempDir, names: &[&str]) -> std::path::PathBuf {
    let server = Server::start();
    let details = server.read(files(names));
    assert_eq!(details["status"], "completed", "{details:#}");
    let batch = details["id"].as_str().unwrap();
    saved(folder, "export.pdf", &server.export(batch, "pdf").bytes)
}

fn page_text(pdf: &Path, page: u32) -> String {
    programs::run("pdftotext", &[&"-f", &page.to_string(), &"-l", &page.to_string(), &pdf, &"-"])
}

#[test]
fn it_is_sound_and_has_every_page_and_an_outline() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["letter.tif", "invoice.pdf", "two-page-scan.tif", "rotation.pdf"];
    let pdf = export(&folder, &names);
    programs::run("qpdf", &[&"--check", &pdf]);
    assert_eq!(programs::run("qpdf", &[&"--show-npages", &pdf]).trim(), "7");
    let outline: serde_json::Value =
        serde_json::from_str(&programs::run("qpdf", &[&"--json", &"--json-key=outlines", &pdf])).unwrap();
    let titles: Vec<_> = outline["outlines"].as_array().unwrap().iter().map(|entry| &entry["title"]).collect();
    assert_eq!(titles, names);
    let pages: Vec<_> = outline["outlines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["destpageposfrom1"].as_u64().unwrap())
        .collect();
    assert_eq!(pages, [1, 2, 4, 6]);
}

#[test]
fn recognised_words_are_found_on_scans_and_on_turned_ones() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = export(&folder, &["letter.tif", "phototest-rotated-L.png", "phototest-rotated-180.png"]);
    for page in 1..=3 {
        let text = page_text(&pdf, page);
        assert!(recall(LETTER, &text) >= 0.95, "page {page}:\n{text}");
    }
}

#[test]
fn pages_of_a_pdf_are_carried_over_with_their_fonts() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = export(&folder, &["letter.tif", "invoice.pdf", "sizes.pdf"]);
    let original = path("invoice.pdf");
    assert_eq!(pdf_fonts(&pdf, 2, 3), pdf_fonts(&original, 1, 2));
    for page in 1..=2 {
        assert_eq!(page_text(&pdf, page + 1), page_text(&original, page));
    }
    let boxes = |pdf: &Path, first: u32, last: u32| {
        let told = programs::run("pdfinfo", &[&"-f", &first.to_string(), &"-l", &last.to_string(), &pdf]);
        told.lines()
            .filter(|line| line.starts_with("Page ") && line.contains(" size:"))
            .map(|line| line.split_once(':').unwrap().1.trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(boxes(&pdf, 4, 6), boxes(&path("sizes.pdf"), 1, 3));
}

#[test]
fn a_scan_that_has_its_text_already_does_not_get_it_twice() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = export(&folder, &["sandwich.pdf"]);
    let text = pdf_text(&pdf);
    assert_eq!(text.matches("TIMING CORRECTION").count(), 1, "{text}");
    assert!(recall(&pdf_text(&path("sandwich.pdf")), &text) >= 0.95, "{text}");
}

#[test]
fn pictures_are_neither_resampled_nor_made_larger() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = export(&folder, &["receipt.jpg", "two-page-scan.tif"]);
    let list = programs::run("pdfimages", &[&"-list", &pdf]);
    let picture = |line: &str| {
        let column: Vec<&str> = line.split_whitespace().collect();
        (column[0].to_owned(), column[3].to_owned(), column[4].to_owned(), column[8].to_owned())
    };
    let pictures: Vec<_> = list.lines().skip(2).map(picture).collect();
    let receipt = image::load_from_memory(&bytes("receipt.jpg")).unwrap();
    assert_eq!(pictures[0], ("1".into(), receipt.width().to_string(), receipt.height().to_string(), "jpeg".into()));
    assert_eq!(pictures[1].3, "ccitt", "{list}");
    let inputs = bytes("receipt.jpg").len() + bytes("two-page-scan.tif").len();
    let size = std::fs::metadata(&pdf).unwrap().len() as usize;
    assert!(size * 100 <= inputs * 115, "{size} bytes from {inputs}");
}
