//! An engine of one's own, and a page read with it: `cargo run --example own_engine -p recto-ocr`
//!
//! This engine knows no letters. It takes every run of columns with ink for a word, which is enough to see what
//! [`read_page`] does with a skewed page.

use std::error::Error;

use recto_domain::{Block, BlockKind, Languages, Line, Rect, Word};
use recto_ocr::{
    Calibration, Expectation, OcrEngine, OcrError, PageImage, PageStatistics, Profile, Recognized, read_page,
};

/// Pixels darker than this are ink.
const INK: u8 = 128;

struct Bars;

impl OcrEngine for Bars {
    fn name(&self) -> &'static str {
        "bars"
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn languages(&self) -> Vec<String> {
        vec!["eng".to_owned()]
    }

    fn profile(&self) -> Profile {
        // Measured on pages of known text, for an engine that reads: see `Calibration`.
        let calibration = Calibration::IDENTITY;
        Profile { calibration, sound: 0.7, sure: 0.86, letters: None, other_modes: &[], scripts: &["Latn"] }
    }

    fn expectation(&self, _: &PageStatistics, _: &Languages) -> Expectation {
        Expectation { right: 0.0, seconds: 0.01 }
    }

    fn recognize(&mut self, image: &PageImage, _: &Languages) -> Result<Recognized, OcrError> {
        let width = image.width() as usize;
        let rows: Vec<&[u8]> = image.luma().chunks(width).collect();
        let lines = runs(rows.iter().map(|row| row.iter().any(|pixel| *pixel < INK)));
        let lines = lines.into_iter().filter_map(|(top, bottom)| {
            let words = runs((0..width).map(|x| rows[top..bottom].iter().any(|row| row[x] < INK)));
            Line::of(0.0, words.into_iter().map(|(left, right)| word(image, left, top, right, bottom)).collect())
        });
        Ok(Recognized { blocks: Block::of(BlockKind::Paragraph, lines.collect()).into_iter().collect() })
    }
}

/// A word with that box of pixels, which is given in points.
fn word(image: &PageImage, left: usize, top: usize, right: usize, bottom: usize) -> Word {
    let points = |pixels: usize| pixels as f32 * 72.0 / image.dpi() as f32;
    let bbox = Rect { x: points(left), y: points(top), width: points(right - left), height: points(bottom - top) };
    Word { text: "bar".to_owned(), bbox, confidence: 0.9 }
}

/// Where a row of answers is yes: the first of each run, and the first after it.
fn runs(has_ink: impl Iterator<Item = bool>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, ink) in has_ink.chain([false]).enumerate() {
        match (ink, start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                found.push((first, at));
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn main() -> Result<(), Box<dyn Error>> {
    let (width, height) = (800, 1000);
    let is_ink = |x: u32, y: u32| (100..700).contains(&x) && x % 60 < 40 && (100..900).contains(&y) && y % 40 < 16;
    let luma = (0..height).flat_map(|y| (0..width).map(move |x| if is_ink(x, y) { 0 } else { 255 })).collect();
    let page = PageImage::new(width, height, 100, luma);
    for block in read_page(&mut Bars, &page, &"eng".parse()?)?.blocks {
        println!("{}\n", block.text());
    }
    Ok(())
}
