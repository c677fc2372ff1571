//! Decides whether a PDF page's own text can be used for the page.

use recto_domain::{Block, Page, PageSource, Rect};
use recto_ocr::Ink;

use crate::error::PagesError;
use crate::layer::{DoubtfulLayer, TextLayer};
use crate::layout;
use crate::pdf::chars::Characters;
use crate::pdf::doubt::{self, Doubts};
use crate::pdf::objects::Contents;
use crate::pdf::page::PdfPage;
use crate::pdf::plausible::is_plausible;

/// With a larger share of unmapped characters, the others are not text either.
const MAX_UNUSABLE: f32 = 0.6;
/// Pictures that together cover less of the page are ornaments.
const ORNAMENT: f32 = 0.005;
/// Fewer letter-sized outlines are a drawing.
const LETTER_OUTLINES: usize = 20;
/// Ink that no word covers is text to be read if it has at least this many letters.
const FEW_LETTERS: f32 = 8.0;
/// Another program's reading may leave out this share of the letters: dirt, handwriting, patterns of pictures.
const UNREAD_BY_ANOTHER: f32 = 0.15;
/// This many invisible characters are another program's reading; fewer are some kind of mark.
const INVISIBLE: usize = 8;
/// The resolution at which printed letters are distinguished from noise.
const INK_DPI: u32 = 100;
/// Pages with more pixels at that resolution are examined at a lower one.
const INK_PIXELS: f32 = 4e6;

impl PdfPage<'_> {
    /// The page from its own text, and the evidence against that text.
    pub(super) fn text_layer(&self, contents: &Contents) -> Result<TextLayer, PagesError> {
        if contents.is_blank() {
            return Ok(TextLayer::Sound(self.page_of(Vec::new())));
        }
        let characters = if contents.text_objects > 0 { self.characters()? } else { Characters::default() };
        let count = characters.glyphs().count();
        if count == 0 {
            let drawn = !contents.pictures.is_empty() || self.ink(&[])?.letters > 0.0;
            return Ok(if drawn { TextLayer::Absent } else { TextLayer::Sound(self.page_of(Vec::new())) });
        }
        if characters.unusable as f32 > MAX_UNUSABLE * count as f32 {
            return Ok(TextLayer::Absent);
        }
        let page = self.page_of(layout::blocks(&characters.pieces));
        let Doubts { words, holes } = doubt::doubts(self.file.library, &characters, &page, is_plausible(&page.blocks));
        let is_recognised = characters.invisible >= INVISIBLE && 2 * characters.invisible > count;
        let is_tangled = characters.invisible >= INVISIBLE && doubt::is_tangled(&page);
        let bearable = if is_recognised { UNREAD_BY_ANOTHER } else { 0.0 };
        let missing = self.missing_lines(contents, &characters, &page.blocks, bearable)?;
        let layer = DoubtfulLayer { page, doubts: words, holes, missing, is_recognised, is_tangled };
        Ok(if layer.is_sound() { TextLayer::Sound(layer.page) } else { TextLayer::Doubtful(Box::new(layer)) })
    }

    /// The page from its own text, regardless of its reliability; `None` without text.
    pub(super) fn text_as_it_is(&self) -> Result<Option<Page>, PagesError> {
        let blocks = layout::blocks(&self.characters()?.pieces);
        Ok((!blocks.is_empty()).then(|| self.page_of(blocks)))
    }

    /// The areas with text that no word covers: lines shown by a picture or by outlines. Empty when they have no more
    /// than the tolerated share of all letters.
    fn missing_lines(
        &self,
        contents: &Contents,
        characters: &Characters,
        blocks: &[Block],
        bearable: f32,
    ) -> Result<Vec<Rect>, PagesError> {
        let pictures = contents.pictures.iter().filter_map(|p| p.bbox.clipped(self.size));
        let covered = pictures.map(|picture| picture.area()).sum::<f32>() / (self.size.width * self.size.height);
        if covered < ORNAMENT && contents.letter_paths < LETTER_OUTLINES {
            return Ok(Vec::new());
        }
        // Text drawn by a font without a map is known to be missing, and is no reason to examine the page.
        let words = blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).map(|word| word.bbox);
        let words: Vec<Rect> = words.chain(characters.glyphs().map(|glyph| glyph.ink)).collect();
        let ink = self.ink(&words)?;
        let few = FEW_LETTERS.max(bearable * ink.letters);
        Ok(if ink.uncovered <= few { Vec::new() } else { ink.lines.iter().map(|line| line.bbox).collect() })
    }

    fn ink(&self, words: &[Rect]) -> Result<Ink, PagesError> {
        let square_inches = self.size.width * self.size.height / (72.0 * 72.0);
        let dpi = INK_DPI.min((INK_PIXELS / square_inches).sqrt() as u32).max(1);
        Ok(Ink::of(&self.render_at(dpi)?, words))
    }

    fn page_of(&self, blocks: Vec<Block>) -> Page {
        let page = Page::read(self.number, self.size, self.rotation, PageSource::TextLayer, None, blocks);
        page.with_warning(self.warning_of_unseen()).with_rules(self.rules())
    }
}
