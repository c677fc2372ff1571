//! What a page costs in each format, and how many bytes a second are written: `cargo bench -p recto-export`

use std::path::Path;

use divan::Bencher;
use divan::counter::BytesCount;
use recto_domain::{Block, BlockKind, FileKind, Line, Page, PageSource, Rect, Rotation, Size, Timestamp, Word};
use recto_export::{ExportOptions, Format, MemoryBatch, export};

fn main() {
    divan::main();
}

/// A dense page: sixty lines of twelve words.
fn page() -> Page {
    let line = |row: u8| {
        let words = (0..12u8).map(|column| {
            let bbox =
                Rect { x: 40.0 + 42.0 * f32::from(column), y: 40.0 + 12.0 * f32::from(row), width: 36.0, height: 9.0 };
            Word { text: format!("word{column:02}"), bbox, confidence: 0.95 }
        });
        Line::of(0.0, words.collect())
    };
    let blocks = Block::of(BlockKind::Paragraph, (0..60).filter_map(line).collect()).into_iter().collect();
    let size = Size { width: 595.0, height: 842.0 };
    Page::read(1, size, Rotation::None, PageSource::Engine("bench".to_owned()), Some("eng".to_owned()), blocks)
}

#[divan::bench(args = Format::ALL.map(Format::name))]
fn a_dense_page(bencher: Bencher, name: &str) {
    let format: Format = name.parse().expect("a name from the list of all");
    // The PDF export carries the original over: this one has one page, and a text layer that it keeps.
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/recto/tests/documents/rotation.pdf");
    let mut batch = MemoryBatch::new("bench", Timestamp::now());
    batch.add("page.pdf", FileKind::Pdf, &original, vec![page()]);
    let mut written = Vec::new();
    export(format, &ExportOptions::default(), &mut batch, &mut written).expect("the batch can be exported");
    bencher.counter(BytesCount::new(written.len())).bench_local(|| {
        let mut out = Vec::with_capacity(written.len());
        export(format, &ExportOptions::default(), &mut batch, &mut out).expect("it was exported before");
        out
    });
}
