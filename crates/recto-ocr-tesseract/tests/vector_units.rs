//! Tesseract's recogniser computes the same on every processor.

use std::process::Command;

use recto_ocr::{OcrEngine, PageImage};
use recto_ocr_tesseract::{TesseractEngine, Traineddata};

/// Set in a process that is to read the page and print what it read.
const READS: &str = "READS_A_PAGE";
/// Tesseract's own, which names the code that multiplies matrices.
const PRODUCT: &str = "DOTPRODUCT";
const NAME: &str = "a_page_reads_the_same_with_and_without_vector_units";

/// Tesseract chooses when a process starts: each reading has a process of its own, which is this test again.
#[test]
fn a_page_reads_the_same_with_and_without_vector_units() {
    if std::env::var_os(READS).is_some() {
        println!("{:?}", read());
        return;
    }
    let with = read_in_a_process("auto");
    assert!(with.contains("Word"), "{with}");
    assert_eq!(with, read_in_a_process("generic"));
}

fn read_in_a_process(product: &str) -> String {
    let this = std::env::current_exe().unwrap();
    let arguments = ["--exact", NAME, "--nocapture"];
    let done = Command::new(this).args(arguments).env(READS, "1").env(PRODUCT, product).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8(done.stdout).unwrap();
    said.lines().find(|line| line.contains("Recognized")).unwrap().to_owned()
}

fn read() -> recto_ocr::Recognized {
    let picture = image::open("../../assets/samples/receipt.jpg").unwrap().into_luma8();
    let page = PageImage::new(picture.width(), picture.height(), 300, picture.into_raw());
    let mut engine = TesseractEngine::new(Traineddata::new().with_system_folders());
    engine.recognize(&page, &"eng".parse().unwrap()).unwrap()
}
