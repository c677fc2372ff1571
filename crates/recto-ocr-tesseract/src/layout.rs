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
    // Languages without blanks between words have this in their models; Tesseract then takes every letter or so for a
    // word, and only its lines tell where there is a blank.
    let are_parted_by_lines = api.get_bool_variable("preserve_interword_spaces").unwrap_or(false);
    let mut page = Builder::default();
    loop {
        // Each of these goes through the page from its start: blocks and paragraphs begin with a line.
        if ffi::is_at_beginning_of(&words, Level::RIL_TEXTLINE) {
            page.end_line();
            if ffi::is_at_beginning_of(&words, Level::RIL_BLOCK) {
                page.start_block(&words);
            } else if ffi::is_at_beginning_of(&words, Level::RIL_PARA) {
                page.start_paragraph();
            }
            page.blanks = are_parted_by_lines.then(|| Blanks::of(&words)).flatten();
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
    /// Where the line has blanks, when they do not stand between all words.
    blanks: Option<Blanks>,
}

/// The text of a line from the next word on.
struct Blanks(String);

impl Blanks {
    fn of(line: &ResultIterator) -> Option<Self> {
        line.get_utf8_text(Level::RIL_TEXTLINE).ok().map(Self)
    }

    /// Goes on behind the next word; whether there is a blank before it.
    fn is_before(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start();
        let is_blank = rest.len() < self.0.len();
        match rest.strip_prefix(word.trim()) {
            Some(rest) => {
                self.0 = rest.to_owned();
                is_blank
            }
            // The line has other words: better a blank too many.
            None => true,
        }
    }
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
        let goes_on = self.blanks.as_mut().is_some_and(|blanks| !blanks.is_before(&text));
        let text = composed(text.nfc().filter(|c| !c.is_whitespace() && !c.is_control()).collect());
        let scale = image.scale();
        let (left, top, right, bottom) = edges;
        let [left, top, right, bottom] = [left, top, right, bottom].map(|v| v as f32 * scale);
        let Some(bbox) = Rect::from_edges(left, top, right, bottom).clipped(image.size()) else { return };
        if text.is_empty() {
            return;
        }
        let confidence = (at.confidence(Level::RIL_WORD).unwrap_or(0.0) / 100.0).clamp(0.0, 1.0);
        match self.words.last_mut().filter(|_| goes_on) {
            Some(word) => join(word, &text, bbox, confidence),
            None => self.words.push(Word { text, bbox, confidence }),
        }
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

/// With the characters that people type, where NFC leaves others: the vowel SARA AM of Thai and Lao, which has two parts,
/// and the Greek mu.
fn composed(text: String) -> String {
    /// NIKHAHIT, SARA AA and SARA AM.
    const PARTS: [(char, char, char); 2] = [('\u{E4D}', '\u{E32}', '\u{E33}'), ('\u{ECD}', '\u{EB2}', '\u{EB3}')];
    let text = PARTS
        .iter()
        .fold(text, |text, (above, after, vowel)| text.replace(&format!("{above}{after}"), &vowel.to_string()));
    // The sign for micro among Greek letters is one of them.
    if text.chars().any(|c| ('\u{370}'..='\u{3FF}').contains(&c)) { text.replace('\u{B5}', "\u{3BC}") } else { text }
}

/// Adds what follows a word without a blank to it.
fn join(word: &mut Word, text: &str, bbox: Rect, confidence: f32) {
    let (letters, more) = (word.text.chars().count() as f32, text.chars().count() as f32);
    word.confidence = (word.confidence * letters + confidence * more) / (letters + more);
    word.text = composed(word.text.chars().chain(text.chars()).nfc().collect());
    word.bbox = word.bbox.union(&bbox);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_between_which_words_there_are_blanks() {
        let mut line = Blanks("พล อ เปรม\n".to_owned());
        let before: Vec<bool> = ["พ", "ล", "อ", "เปรม"].iter().map(|word| line.is_before(word)).collect();
        assert_eq!(before, [false, false, true, true]);
        assert!(Blanks("ab".to_owned()).is_before("cd"));
    }

    #[test]
    fn a_vowel_whose_parts_come_one_by_one_is_one_character() {
        let at = |x| Rect { x, y: 5.0, width: 10.0, height: 8.0 };
        let mut word = Word { text: "ส\u{E4D}".to_owned(), bbox: at(0.0), confidence: 0.9 };
        join(&mut word, "\u{E32}นัก", at(10.0), 0.9);
        assert_eq!(word.text, "สำนัก");
    }

    #[test]
    fn joined_words_have_both_boxes_and_the_confidence_of_their_letters() {
        let at = |x| Rect { x, y: 5.0, width: 10.0, height: 8.0 };
        let mut word = Word { text: "กา".to_owned(), bbox: at(0.0), confidence: 0.9 };
        join(&mut word, "ร", at(10.0), 0.6);
        assert_eq!((word.text.as_str(), word.bbox.right()), ("การ", 20.0));
        assert!((word.confidence - 0.8).abs() < 1e-6);
    }
}
