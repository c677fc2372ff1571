//! Prints the text of a picture: `cargo run --example read_picture -p recto-ocr-tesseract -- FILE [LANGUAGES]`

use anyhow::Context;
use recto_ocr::{PageImage, read_page};
use recto_ocr_tesseract::{TesseractEngine, Traineddata};

/// What a scanner of documents is usually set to; the `image` crate does not tell a file's own resolution.
const DPI: u32 = 300;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().context("usage: read_picture FILE [LANGUAGES]")?;
    let languages = arguments.next().unwrap_or_else(|| "eng".to_owned()).parse()?;
    let picture = image::open(&file).with_context(|| format!("{file} cannot be read"))?.into_luma8();
    let page = PageImage::new(picture.width(), picture.height(), DPI, picture.into_raw());

    let mut engine = TesseractEngine::new(Traineddata::new().with_system_folders());
    let read = read_page(&mut engine, &page, &languages)?;
    if read.turn.degrees() != 0 {
        eprintln!("(turned by {} degrees clockwise)", read.turn.degrees());
    }
    for block in &read.blocks {
        println!("{}\n", block.text());
    }
    Ok(())
}
