//! Whether a PDF page's own text may stand for the page.

use recto_domain::{Block, Page, PageSource, Rect};

use crate::error::PagesError;
use crate::layout;
use crate::pdf::chars::Characters;
use crate::pdf::ink::{self, Ink};
use crate::pdf::objects::Contents;
use crate::pdf::page::PdfPage;
use crate::pdf::plausible::is_plausible;

/// At most this share of the characters may be without meaning.
const MAX_UNUSABLE: f32 = 0.1;
/// Pictures that together take less of the page are ornaments.
const ORNAMENT: f32 = 0.02;
/// Pictures that together take more of the page are the page.
const PAGE_PICTURE: f32 = 0.6;
/// So many characters beside the pictures make a page of text with pictures; fewer may be a stamp on a scan.
const SUBSTANTIAL: usize = 200;
/// Fewer outlines of the size of letters are drawing.
const LETTER_OUTLINES: usize = 20;
/// The ink of letters under no word: at most this share of all, or so few letters.
const MAX_UNCOVERED: f32 = 0.35;
const FEW_LETTERS: f32 = 12.0;
/// Letters of print are told from noise at this resolution.
const INK_DPI: u32 = 100;
/// Pages with more pixels at that resolution are looked at more coarsely.
const INK_PIXELS: f32 = 4e6;

impl PdfPage<'_> {
    /// The page from its own text; `None` when that text is not sound or not all that is visible.
    pub(super) fn text_layer(&self, contents: &Contents) -> Result<Option<Page>, PagesError> {
        if contents.is_blank() {
            return Ok(Some(self.page_of(Vec::new())));
        }
        let characters = if contents.text_objects > 0 { self.characters()? } else { Characters::default() };
        let count = characters.glyphs().count();
        if count == 0 {
            let drawn = !contents.pictures.is_empty() || self.ink(&[], &[])?.letters > 0.0;
            return Ok((!drawn).then(|| self.page_of(Vec::new())));
        }
        if characters.unusable as f32 > MAX_UNUSABLE * count as f32 {
            return Ok(None);
        }
        let blocks = layout::blocks(&characters.pieces);
        let sound = is_plausible(&blocks) && self.is_complete(contents, &characters, &blocks)?;
        Ok(sound.then(|| self.page_of(blocks)))
    }

    /// Whether the words are all that is to be read: what a picture or an outline shows may be more.
    fn is_complete(&self, contents: &Contents, characters: &Characters, blocks: &[Block]) -> Result<bool, PagesError> {
        let pictures: Vec<Rect> = contents.pictures.iter().filter_map(|p| p.bbox.clipped(self.size)).collect();
        let page = self.size.width * self.size.height;
        let covered = (pictures.iter().map(Rect::area).sum::<f32>() / page).min(1.0);
        if covered < ORNAMENT && contents.letter_paths < LETTER_OUTLINES {
            return Ok(true);
        }
        let beside = characters.glyphs().filter(|g| !pictures.iter().any(|p| p.intersection(&g.ink).is_some()));
        let illustrated = covered <= PAGE_PICTURE && beside.take(SUBSTANTIAL).count() == SUBSTANTIAL;
        let words: Vec<Rect> =
            blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).map(|word| word.bbox).collect();
        let ink = self.ink(&words, if illustrated { &pictures } else { &[] })?;
        Ok(ink.uncovered <= FEW_LETTERS || ink.uncovered <= MAX_UNCOVERED * ink.letters)
    }

    fn ink(&self, words: &[Rect], ignored: &[Rect]) -> Result<Ink, PagesError> {
        let square_inches = self.size.width * self.size.height / (72.0 * 72.0);
        let dpi = INK_DPI.min((INK_PIXELS / square_inches).sqrt() as u32).max(1);
        Ok(ink::measure(&self.render_at(dpi)?, words, ignored))
    }

    fn page_of(&self, blocks: Vec<Block>) -> Page {
        let page = Page::read(self.number, self.size, self.rotation, PageSource::TextLayer, None, blocks);
        page.with_warning(self.warning_of_unseen())
    }
}
