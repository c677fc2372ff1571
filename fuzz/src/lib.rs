//! What the targets share: a searchable PDF of a file that somebody sent, as the server makes it.

use std::io::Write;

use recto_domain::{Block, BlockKind, FileKind, Line, Page, PageSource, Rect, Rotation, Size, Timestamp, Word};
use recto_export::{ExportOptions, Format, MemoryBatch, Optimization, PdfOptions, PdfStandard, export, prepare};

/// Exports the file with a word on each of two pages: as it is, for an archive, and with everything done to it that can
/// be asked for. An error is an answer, a panic is not.
pub fn export_original(kind: FileKind, bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("the folder for temporary files can be written");
    file.write_all(bytes).expect("there is room for the file");
    let archive = PdfOptions { standard: Some(PdfStandard::A2b), ..PdfOptions::default() };
    let treated = PdfOptions {
        optimize: Optimization::Small,
        deskew: true,
        clean: true,
        drop_blank: true,
        split_spreads: true,
        ..PdfOptions::default()
    };
    for pdf in [PdfOptions::default(), archive, treated] {
        let mut batch = MemoryBatch::new("fuzz", Timestamp::now());
        batch.add("file", kind, file.path(), vec![page(1), page(2)]);
        let options = ExportOptions { pdf, ..ExportOptions::default() };
        let _ = prepare(Format::Pdf, &options, &mut batch);
        let _ = export(Format::Pdf, &options, &mut batch, &mut std::io::sink());
    }
}

fn page(number: u32) -> Page {
    let bbox = Rect { x: 20.0, y: 20.0, width: 60.0, height: 12.0 };
    let line = Line::of(4.0, vec![Word { text: "word".to_owned(), bbox, confidence: 0.9 }]);
    let blocks = line.and_then(|line| Block::of(BlockKind::Paragraph, vec![line])).into_iter().collect();
    let size = Size { width: 200.0, height: 200.0 };
    let engine = PageSource::Engine("fuzz".to_owned());
    Page::read(number, size, Rotation::None, engine, None, blocks)
}
