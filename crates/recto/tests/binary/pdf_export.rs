//! The searchable PDF, as other PDF programs see it.

use std::path::Path;

use image::{GrayImage, Luma};

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

/// On every page nearly every word lies on ink, and little ink lies outside of words.
#[test]
fn recognised_words_lie_on_the_ink_however_the_page_lay() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["letter.tif", "phototest-rotated-L.png", "phototest-rotated-R.png", "phototest-rotated-180.png"];
    let pdf = export(&folder, &names);
    for page in 1..=4 {
        let mut picture = drawn(&folder, &pdf, page);
        let ink = |picture: &GrayImage| picture.pixels().filter(|pixel| pixel[0] < INK).count();
        let all = ink(&picture);
        let words = word_boxes(&pdf, page);
        let mut on_ink = 0;
        for [left, top, right, bottom] in &words {
            let mut seen = false;
            for y in *top..(*bottom).min(picture.height()) {
                for x in *left..(*right).min(picture.width()) {
                    seen |= picture.get_pixel(x, y)[0] < INK;
                    picture.put_pixel(x, y, Luma([255]));
                }
            }
            on_ink += usize::from(seen);
        }
        assert!(on_ink * 100 >= words.len() * 98 && words.len() > 50, "page {page}: {on_ink} of {}", words.len());
        let outside = ink(&picture);
        assert!(outside * 20 < all, "page {page}: {outside} of {all} dark pixels lie outside of words");
    }
}

/// Grey values below this are ink.
const INK: u8 = 160;
const DRAWN_DPI: f64 = 100.0;

/// A page as it is displayed.
fn drawn(folder: &tempfile::TempDir, pdf: &Path, page: u32) -> GrayImage {
    let (page, dpi) = (page.to_string(), DRAWN_DPI.to_string());
    let base = folder.path().join(format!("page-{page}"));
    programs::run(
        "pdftoppm",
        &[&"-f", &page, &"-l", &page, &"-r", &dpi, &"-gray", &"-png", &"-singlefile", &pdf, &base],
    );
    image::open(base.with_extension("png")).unwrap().into_luma8()
}

/// The boxes of a page's words in pixels of [`drawn`]: left, top, right, bottom.
fn word_boxes(pdf: &Path, page: u32) -> Vec<[u32; 4]> {
    let page = page.to_string();
    let told = programs::run("pdftotext", &[&"-bbox", &"-f", &page, &"-l", &page, &pdf, &"-"]);
    let side = |word: &str, name: &str| {
        let (_, rest) = word.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse::<f64>().unwrap() * DRAWN_DPI / 72.0
    };
    let pixels = |word: &str| {
        let [left, top] = ["xMin", "yMin"].map(|name| side(word, name).floor().max(0.0) as u32);
        [left, top, side(word, "xMax").ceil() as u32, side(word, "yMax").ceil() as u32]
    };
    told.lines().filter(|line| line.trim_start().starts_with("<word ")).map(pixels).collect()
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

#[test]
fn a_page_that_an_archive_forbids_is_drawn_and_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(path("rotation.pdf"), folder.path().join("turned.pdf")).unwrap();
    let before = pdf_text(&folder.path().join("turned.pdf"));
    let arguments = ["run", "turned.pdf", "--pdf-standard", "pdfa-2u", "--skip-text", "-o", "archive.pdf"];
    let said = crate::command::run(&arguments, folder.path()).ok();
    let told = "drawn as a picture with its text on it: the font TimesNewRomanPSMT is not embedded (6.2.11.4.1)";
    assert!(said.stderr.contains(told), "{}", said.stderr);
    let archive = folder.path().join("archive.pdf");
    programs::run("qpdf", &[&"--check", &archive]);
    assert_eq!(pdf_fonts(&archive, 1, 9), ["Invisible"]);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(words(&pdf_text(&archive)), words(&before));
}

#[test]
fn pages_that_are_forced_through_recognition_become_pictures_with_their_text() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(path("rotation.pdf"), folder.path().join("turned.pdf")).unwrap();
    crate::command::run(&["run", "turned.pdf", "--force-ocr", "-o", "forced.pdf"], folder.path()).ok();
    let forced = folder.path().join("forced.pdf");
    programs::run("qpdf", &[&"--check", &forced]);
    assert_eq!(pdf_fonts(&forced, 1, 9), ["Invisible"]);
    let before = pdf_text(&folder.path().join("turned.pdf"));
    let words: Vec<&str> = before.split_whitespace().collect();
    assert!(recall(&words.join(" "), &pdf_text(&forced)) > 0.95, "{}", pdf_text(&forced));
    // Every other format just has what was read.
    crate::command::run(&["run", "turned.pdf", "--force-ocr", "-o", "forced.txt"], folder.path()).ok();
}

#[test]
fn a_scan_is_made_smaller_and_straighter_and_its_blank_page_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let scan = image::open(path("letter.tif")).unwrap().into_luma8();
    let (width, height) = scan.dimensions();
    // Askew by two degrees, on paper that goes on beyond it.
    let (sin, cos) = 2f32.to_radians().sin_cos();
    let askew = GrayImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - width as f32 / 2.0, y as f32 - height as f32 / 2.0);
        let (u, v) = (dx * cos + dy * sin + width as f32 / 2.0, dy * cos - dx * sin + height as f32 / 2.0);
        let inside = u >= 0.0 && v >= 0.0 && u < width as f32 && v < height as f32;
        if inside { *scan.get_pixel(u as u32, v as u32) } else { Luma([255]) }
    });
    askew.save(folder.path().join("a.png")).unwrap();
    GrayImage::from_pixel(width, height, Luma([255])).save(folder.path().join("b.png")).unwrap();
    let run = |arguments: &[&str]| {
        crate::command::run(&[&["run", "a.png", "b.png"], arguments].concat(), folder.path()).ok();
    };
    run(&["-o", "plain.pdf"]);
    run(&["-o", "small.pdf", "--optimize", "1", "--deskew", "--drop-blank", "--clean", "--split-spreads"]);
    let [plain, small] = ["plain.pdf", "small.pdf"].map(|name| folder.path().join(name));
    programs::run("qpdf", &[&"--check", &small]);
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    assert!(size(&small) < size(&plain), "{} of {}", size(&small), size(&plain));
    // A document of one blank page keeps it.
    assert_eq!(programs::run("qpdf", &[&"--show-npages", &small]).trim(), "2");
    // Between level lines there are more rows without ink.
    let [straight, tilted] = [&small, &plain].map(|pdf| drawn(&folder, pdf, 1));
    let blank_rows = |picture: &GrayImage| {
        (0..picture.height()).filter(|&y| (0..picture.width()).all(|x| picture.get_pixel(x, y).0[0] > 128)).count()
    };
    assert!(blank_rows(&straight) > blank_rows(&tilted) + 20, "{} {}", blank_rows(&straight), blank_rows(&tilted));
}
