//! What it costs to open a PDF, and to make lines of words of its glyphs: `cargo bench -p recto-pages`
//!
//! `bootstrap.sh` has fetched PDFium. `RECTO_PDF` names a file of one's own.

use std::fs::File;
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::ItemsCount;
use recto_pages::{FileOpener, PageLimits, PdfLibrary, TextLayer};

fn main() {
    divan::main();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn opener() -> FileOpener {
    let library = PdfLibrary::from_file(&root().join(".deps/pdfium/libpdfium.so")).expect("bootstrap.sh fetched it");
    FileOpener::new(library, PageLimits::default())
}

fn pdf() -> File {
    let path = std::env::var_os("RECTO_PDF").map_or_else(|| root().join("assets/samples/invoice.pdf"), PathBuf::from);
    File::open(path).expect("the file is there")
}

#[divan::bench]
fn open(bencher: Bencher) {
    let opener = opener();
    bencher.with_inputs(pdf).bench_local_values(|file| opener.open(file).expect("it is a PDF").page_count());
}

#[divan::bench]
fn glyphs_to_lines(bencher: Bencher) {
    let opener = opener();
    let mut file = opener.open(pdf()).expect("it is a PDF");
    let TextLayer::Sound(page) = file.text_layer(1).expect("it has a page") else { panic!("its text is not sound") };
    bencher.counter(ItemsCount::new(page.words().count())).bench_local(|| file.text_layer(1));
}
