//! Shows what a file holds: `cargo run --example open_file -p recto-pages -- FILE [PDFIUM]`.
//!
//! PDFium is found at the path given last, or at the one in `RECTO_PDFIUM`, or in `.deps/pdfium` of this workspace.
//! Pages that have to be recognised are rendered at 300 dpi, and written beside each other as `page-N.pgm` into the
//! folder that `RECTO_PAGES_OUT` names, if it names one.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use recto_pages::{FileOpener, PageLimits, PdfLibrary, TextLayer};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let path = arguments.next().context("usage: open_file FILE [PDFIUM]")?;
    let pdfium = arguments
        .next()
        .or_else(|| std::env::var_os("RECTO_PDFIUM"))
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/pdfium/libpdfium.so"), PathBuf::from);
    let out = std::env::var_os("RECTO_PAGES_OUT").map(PathBuf::from);

    let opener = FileOpener::new(PdfLibrary::from_file(&pdfium)?, PageLimits::default());
    let mut file = opener.open(File::open(path)?)?;
    println!("{}, {} page(s)", file.kind().mime_type(), file.page_count());
    if let Some(xml) = file.e_invoice() {
        println!("-- an invoice as data: {} bytes, {}", xml.len(), String::from_utf8_lossy(&xml[..xml.len().min(60)]));
    }
    for number in 1..=file.page_count() {
        let layer = file.text_layer(number)?;
        if let TextLayer::Doubtful(layer) = &layer {
            println!("-- page {number}: a doubtful text layer: {layer:?}");
        }
        if let TextLayer::Sound(page) = layer {
            let (w, h, turn) = (page.size.width, page.size.height, page.rotation.degrees());
            println!("-- page {number}: {w} x {h} pt, turned by {turn}, {} words of text", page.words().count());
            println!("{}", page.text());
            continue;
        }
        match file.render(number, 300) {
            Ok(page) => {
                let (w, h, turn) = (page.size.width, page.size.height, page.rotation.degrees());
                println!("-- page {number}: {w} x {h} pt, turned by {turn}, to be recognised from {:?}", page.image);
                if let Some(folder) = &out {
                    let mut picture = File::create(folder.join(format!("page-{number}.pgm")))?;
                    writeln!(picture, "P5 {} {} 255", page.image.width(), page.image.height())?;
                    picture.write_all(page.image.luma())?;
                }
            }
            Err(error) => println!("-- {error}"),
        }
    }
    Ok(())
}
