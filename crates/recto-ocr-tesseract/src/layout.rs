//! Converts Tesseract's result to blocks, lines and words.

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
    // The models of languages without spaces between words set this variable. Tesseract then returns every letter or so
    // as a word, and only the text of the line shows where spaces are.
    let are_parted_by_lines = api.get_bool_variable("preserve_interword_spaces").unwrap_or(false);
    let mut page = Builder::default();
    loop {
        // Each of these checks walks the page from its start, so it is made only at the beginning of a line.
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

/// The blocks, lines and words met so far.
#[derive(Default)]
struct Builder {
    blocks: Vec<Block>,
    kind: BlockKind,
    /// The direction of the block's lines.
    angle: f32,
    lines: Vec<Line>,
    words: Vec<Word>,
    /// The spaces of the line, if they are not between all words.
    blanks: Option<Blanks>,
}

/// The text of a line from the next word on.
struct Blanks(String);

impl Blanks {
    fn of(line: &ResultIterator) -> Option<Self> {
        line.get_utf8_text(Level::RIL_TEXTLINE).ok().map(Self)
    }

    /// Advances past the next word, and returns whether there is a space before it.
    fn is_before(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start();
        let is_blank = rest.len() < self.0.len();
        match rest.strip_prefix(word.trim()) {
            Some(rest) => {
                self.0 = rest.to_owned();
                is_blank
            }
            // The line has other words. A surplus space is the smaller error.
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
        // The rows of a table are not paragraphs.
        if self.kind != BlockKind::Table {
            self.end_block();
        }
    }

    fn add_word(&mut self, at: &ResultIterator, image: &PageImage) {
        // A word without text or box is dropped.
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

/// Composes two kinds of characters that NFC leaves apart, as people type them: the vowel SARA AM of Thai and Lao,
/// which has two parts, and the Greek mu.
fn composed(text: String) -> String {
    /// NIKHAHIT, SARA AA and SARA AM.
    const PARTS: [(char, char, char); 2] = [('\u{E4D}', '\u{E32}', '\u{E33}'), ('\u{ECD}', '\u{EB2}', '\u{EB3}')];
    let text = PARTS
        .iter()
        .fold(text, |text, (above, after, vowel)| text.replace(&format!("{above}{after}"), &vowel.to_string()));
    // A micro sign among Greek letters is a mu.
    if text.chars().any(|c| ('\u{370}'..='\u{3FF}').contains(&c)) { text.replace('\u{B5}', "\u{3BC}") } else { text }
}

/// Appends text to a word without a space.
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
