//! From Tesseract's result to blocks, lines and words.

use recto_domain::{Block, BlockKind, Line, Rect, Word};
use recto_ocr::PageImage;
use tesseract_rs::{
    ResultIterator, TessOrientation, TessPageIteratorLevel as Level, TessPolyBlockType as Kind, TesseractAPI,
};
use unicode_normalization::UnicodeNormalization;

use crate::ffi;

/// The result of the last recognition, in points.
pub(crate) fn blocks(api: &TesseractAPI, image: &PageImage) -> Result<Vec<Block>, tesseract_rs::TesseractError> {
    // Without any text there is no iterator.
    let Ok(words) = api.get_iterator() else { return Ok(Vec::new()) };
    let mut page = Builder::default();
    loop {
        if ffi::is_at_beginning_of(&words, Level::RIL_BLOCK) {
            page.start_block(&words);
        } else if ffi::is_at_beginning_of(&words, Level::RIL_PARA) {
            page.start_paragraph();
        }
        if ffi::is_at_beginning_of(&words, Level::RIL_TEXTLINE) {
            page.end_line();
        }
        page.add_word(&words, image);
        if !words.next(Level::RIL_WORD)? {
            break;
        }
    }
    Ok(page.finish())
}

/// What was met so far.
#[derive(Default)]
struct Builder {
    blocks: Vec<Block>,
    kind: BlockKind,
    /// The direction of the block's lines.
    angle: f32,
    lines: Vec<Line>,
    words: Vec<Word>,
}

impl Builder {
    fn start_block(&mut self, at: &ResultIterator) {
        self.end_block();
        self.kind = match ffi::block_type(at) {
            Some(Kind::PT_HEADING_TEXT) => BlockKind::Heading,
            Some(Kind::PT_TABLE) => BlockKind::Table,
            _ => BlockKind::Paragraph,
        };
        self.angle = match ffi::orientation(at) {
            TessOrientation::ORIENTATION_PAGE_UP => 0.0,
            TessOrientation::ORIENTATION_PAGE_RIGHT => 90.0,
            TessOrientation::ORIENTATION_PAGE_DOWN => 180.0,
            TessOrientation::ORIENTATION_PAGE_LEFT => 270.0,
        };
    }

    fn start_paragraph(&mut self) {
        // The rows of a table are no paragraphs.
        if self.kind != BlockKind::Table {
            self.end_block();
        }
    }

    fn add_word(&mut self, at: &ResultIterator, image: &PageImage) {
        // A word without text or box is none.
        let (Ok(text), Ok(edges)) = (at.get_utf8_text(Level::RIL_WORD), at.get_bounding_box(Level::RIL_WORD)) else {
            return;
        };
        let text: String = text.nfc().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        let scale = image.scale();
        let (left, top, right, bottom) = edges;
        let [left, top, right, bottom] = [left, top, right, bottom].map(|v| v as f32 * scale);
        let Some(bbox) = Rect::from_edges(left, top, right, bottom).clipped(image.size()) else { return };
        if text.is_empty() {
            return;
        }
        let confidence = (at.confidence(Level::RIL_WORD).unwrap_or(0.0) / 100.0).clamp(0.0, 1.0);
        self.words.push(Word { text, bbox, confidence });
    }

    fn end_line(&mut self) {
        self.lines.extend(Line::of(self.angle, std::mem::take(&mut self.words)));
    }

    fn end_block(&mut self) {
        self.end_line();
        self.blocks.extend(Block::of(self.kind, std::mem::take(&mut self.lines)));
    }

    fn finish(mut self) -> Vec<Block> {
        self.end_block();
        self.blocks
    }
}
