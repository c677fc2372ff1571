//! Builds a small document in memory and writes it in every format.
//!
//! `cargo run -p recto-export --example export_page [FOLDER]` writes `letter.json`, `letter.csv` and so on into the
//! folder, or into one under the system's folder for temporary files.

use std::error::Error;
use std::fs::{self, File};
use std::path::PathBuf;

use recto_domain::{Block, BlockKind, FileKind, Line, Page, PageSource, Rect, Rotation, Size, Timestamp, Word};
use recto_export::{ExportOptions, Format, MemoryBatch, export};

/// A line of words as an engine would give it: each word with a box in points and a confidence.
fn line(x: f32, y: f32, height: f32, text: &str) -> Option<Line> {
    let width = 0.55 * height;
    let mut at = x;
    let mut words = Vec::new();
    for part in text.split_whitespace() {
        let bbox = Rect { x: at, y, width: part.chars().count() as f32 * width, height };
        words.push(Word { text: part.to_owned(), bbox, confidence: 0.96 });
        at = bbox.right() + width;
    }
    Line::of(0.0, words)
}

fn letter() -> Page {
    let block = |kind, lines: Vec<Option<Line>>| Block::of(kind, lines.into_iter().flatten().collect());
    let blocks = [
        block(BlockKind::Heading, vec![line(72.0, 72.0, 18.0, "Annual report")]),
        block(
            BlockKind::Paragraph,
            vec![
                line(72.0, 110.0, 10.0, "The committee met on the first Monday of March to exam-"),
                line(72.0, 124.0, 10.0, "ine the books of the year before, and found them in good"),
                line(72.0, 138.0, 10.0, "order."),
            ],
        ),
        block(
            BlockKind::Paragraph,
            vec![
                line(72.0, 170.0, 10.0, "1. The accounts are approved."),
                line(72.0, 184.0, 10.0, "2. The bridge is to be painted."),
            ],
        ),
    ];
    let size = Size { width: 595.28, height: 841.89 };
    let engine = PageSource::Engine("example".to_owned());
    Page::read(1, size, Rotation::None, engine, Some("eng".to_owned()), blocks.into_iter().flatten().collect())
}

/// The file that was read, which the PDF export carries over: here a bitmap of one light grey pixel.
fn picture() -> Vec<u8> {
    vec![
        0x42, 0x4d, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0,
        4, 0, 0, 0, 0x13, 0x0b, 0, 0, 0x13, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xee, 0xee, 0xee, 0,
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("recto-export"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    let scan = folder.join("letter.bmp");
    fs::write(&scan, picture())?;

    let mut batch = MemoryBatch::new("Letters", Timestamp::now());
    batch.add("letter.bmp", FileKind::Bmp, &scan, vec![letter()]);

    for format in Format::ALL {
        let path = folder.join(format!("letter.{}", format.extension()));
        export(format, &ExportOptions::default(), &mut batch, &mut File::create(&path)?)?;
        println!("{:5} {}", format.name(), path.display());
    }
    Ok(())
}
