//! The characters of a PDF page, as reported by PDFium.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::c_void;

use recto_domain::{Point, Rect};

use crate::error::PagesError;
use crate::layout::{Direction, Glyph, Piece, copies, is_unusable};
use crate::pdf::drawn_boxes::{CheckBox, check_boxes};
use crate::pdf::lookalike;
use crate::pdf::page::{PdfMatrix, PdfPage, PdfRect};
use crate::pdf::symbols::SymbolFont;

/// The most characters read of a page; a newspaper page has 30,000.
const MAX_CHARACTERS: i32 = 500_000;
/// PDFium reports a hyphen at the end of a line as one of these, depending on its version.
const LINE_HYPHENS: [u32; 2] = [0x02, 0xFFFE];
/// The least height and width of a box with ink, in points.
const LEAST_INK: f64 = 0.05;
/// The signs that characters of symbol fonts are known to show.
const SIGNS: &str = "☐☑☒✓✗•■○";
/// Characters without ink: the soft hyphen, joiners, and zero-width separators.
const UNSEEN: [char; 5] = ['\u{AD}', '\u{200B}', '\u{200C}', '\u{2060}', '\u{FEFF}'];
/// `FPDF_TEXTRENDERMODE_INVISIBLE` of `fpdf_edit.h`.
const INVISIBLE: i32 = 3;

/// The characters of a page.
#[derive(Debug, Default)]
pub(super) struct Characters {
    /// The characters in PDFium's order, which is logical order within a line.
    pub(super) pieces: Vec<Piece>,
    /// The mark of each glyph, in the same order.
    pub(super) marks: Vec<Mark>,
    /// The fonts of visible text on the page, in the order of their first characters.
    pub(super) fonts: Vec<UsedFont>,
    /// The number of characters that the font maps to nothing readable.
    pub(super) unusable: usize,
    /// The number of invisible characters, like the text layer of a scan.
    pub(super) invisible: usize,
}

impl Characters {
    /// The visible and invisible characters, without spaces.
    pub(super) fn glyphs(&self) -> impl Iterator<Item = &Glyph> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Glyph(glyph) => Some(glyph),
            Piece::Blank | Piece::Gap | Piece::LineEnd => None,
        })
    }
}

/// How a glyph is drawn and mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The font maps it to nothing readable.
    pub(super) unusable: bool,
    /// It is invisible.
    pub(super) invisible: bool,
    /// The index of its font in [`Characters::fonts`]; `None` when it is invisible or has no font.
    pub(super) font: Option<usize>,
}

/// A font of a page, and the characters that the page uses of it.
#[derive(Debug)]
pub(super) struct UsedFont {
    /// An `FPDF_FONT`, valid while the page is loaded.
    pub(super) handle: *mut c_void,
    /// The characters in use, according to its map.
    pub(super) characters: BTreeSet<char>,
}

/// A PDFium text page, which is closed when dropped.
struct TextPage<'a> {
    page: &'a PdfPage<'a>,
    handle: *mut c_void,
    /// The last text object, by its address.
    last: Cell<(usize, Style)>,
}

/// How a text object draws its characters.
#[derive(Debug, Clone, Copy, Default)]
struct Style {
    /// Its font, if that is a symbol font.
    symbols: Option<SymbolFont>,
    invisible: bool,
}

impl PdfPage<'_> {
    /// All characters on the displayed page.
    pub(super) fn characters(&self) -> Result<Characters, PagesError> {
        // SAFETY: the page is loaded.
        let handle = unsafe { self.api().FPDFText_LoadPage(self.handle.cast()) };
        if handle.is_null() {
            return Err(PagesError::broken_page(self.number, "its text cannot be extracted"));
        }
        let text = TextPage { page: self, handle: handle.cast(), last: Cell::default() };
        // SAFETY: the text page is loaded.
        let count = unsafe { self.api().FPDFText_CountChars(handle) }.min(MAX_CHARACTERS);
        let mut characters = Characters::default();
        let mut high_surrogate = None;
        for index in 0..count {
            // SAFETY: the text page is loaded and the index below its count.
            let code = unsafe { self.api().FPDFText_GetUnicode(handle, index) };
            match code {
                0x0A | 0x0D => characters.pieces.push(Piece::LineEnd),
                0xD800..=0xDBFF => high_surrogate = Some(code),
                _ => {
                    let code = match (high_surrogate.take(), code) {
                        (Some(high), 0xDC00..=0xDFFF) => 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00),
                        _ => code,
                    };
                    text.take_in(index, code, &mut characters);
                }
            }
        }
        let painting = self.painting();
        let unseen = self.unseen(&painting, &characters.pieces)?;
        self.unseen.set(unseen.len());
        characters.remove(&unseen);
        let copies = copies(&characters.pieces);
        characters.remove(&copies);
        for annotation in &self.sayings {
            characters.add(annotation, self.size);
        }
        let fields: Vec<Rect> = self.sayings.iter().map(|annotation| annotation.place).collect();
        for CheckBox { place, sign } in check_boxes(&painting.small_paths, &characters.pieces, &fields) {
            characters.add_box(&place, sign);
        }
        characters.mark_what_was_added();
        Ok(characters)
    }
}

impl TextPage<'_> {
    fn take_in(&self, index: i32, code: u32, characters: &mut Characters) {
        let mut character = if LINE_HYPHENS.contains(&code) { '-' } else { char::from_u32(code).unwrap_or('\u{FFFD}') };
        let api = self.page.api();
        // SAFETY: the text page is loaded and has the index.
        let object: *mut c_void = unsafe { api.FPDFText_GetTextObject(self.handle.cast(), index) }.cast();
        let style = self.style(object);
        if style.invisible && self.page.without_invisible {
            return;
        }
        if let Some(shown) = style.symbols.and_then(|font| font.shown(character)) {
            character = shown;
        }
        let blank = character.is_whitespace() || character == '\u{A0}';
        if blank && !self.has_ink(index) {
            // SAFETY: as above.
            let generated = unsafe { api.FPDFText_IsGenerated(self.handle.cast(), index) } == 1;
            characters.pieces.push(if generated { Piece::Gap } else { Piece::Blank });
            return;
        }
        // SAFETY: as above.
        let unmapped = unsafe { api.FPDFText_HasUnicodeMapError(self.handle.cast(), index) } == 1;
        let mut unmapped = unmapped && !SIGNS.contains(character) || is_unusable(character);
        let mut glyph = self.glyph(index, character, object.expose_provenance());
        // The maps of fonts often misrepresent the minus sign; what is drawn decides.
        if (blank || unmapped || UNSEEN.contains(&character))
            && let Some(glyph) = glyph.as_mut().filter(|glyph| glyph.is_bar() && self.is_filled(object, character))
        {
            unmapped = false;
            glyph.text = '-';
        } else if blank {
            characters.pieces.push(Piece::Blank);
            return;
        }
        let Some(glyph) = glyph else { return };
        let font = if style.invisible { None } else { self.font(object, characters) };
        if let Some(font) = font.filter(|_| !unmapped) {
            characters.fonts[font].characters.insert(glyph.text);
        }
        characters.unusable += usize::from(unmapped);
        characters.invisible += usize::from(style.invisible);
        characters.marks.push(Mark { unusable: unmapped, invisible: style.invisible, font });
        characters.pieces.push(Piece::Glyph(glyph));
    }

    /// Whether the drawing of a character fills its box.
    fn is_filled(&self, object: *mut c_void, character: char) -> bool {
        // SAFETY: the object is null, which PDFium allows, or belongs to the loaded page.
        let font: *mut c_void = unsafe { self.page.api().FPDFTextObj_GetFont(object.cast()) }.cast();
        font.is_null() || lookalike::is_filled(self.page.file.library, font, character)
    }

    /// Whether a space may have ink: an empty box has no height.
    fn has_ink(&self, index: i32) -> bool {
        let (mut left, mut right, mut bottom, mut top) = (0.0, 0.0, 0.0, 0.0);
        // SAFETY: the text page is loaded and has the index.
        let known = unsafe {
            self.page.api().FPDFText_GetCharBox(
                self.handle.cast(),
                index,
                &raw mut left,
                &raw mut right,
                &raw mut bottom,
                &raw mut top,
            )
        } != 0;
        known && (right - left).abs().min((top - bottom).abs()) > LEAST_INK
    }

    /// How a text object draws its characters.
    fn style(&self, object: *mut c_void) -> Style {
        let address = object.expose_provenance();
        let (known, style) = self.last.get();
        if known == address {
            return style;
        }
        // SAFETY: the object is null, which PDFium allows, or belongs to the loaded page.
        let invisible = unsafe { self.page.api().FPDFTextObj_GetTextRenderMode(object.cast()) } == INVISIBLE;
        let style = Style { symbols: self.page.symbol_font(object), invisible };
        self.last.set((address, style));
        style
    }

    /// The index of a text object's font among those of the page.
    fn font(&self, object: *mut c_void, characters: &mut Characters) -> Option<usize> {
        if object.is_null() {
            return None;
        }
        // SAFETY: the object belongs to the loaded page.
        let handle: *mut c_void = unsafe { self.page.api().FPDFTextObj_GetFont(object.cast()) }.cast();
        if handle.is_null() {
            return None;
        }
        let known = characters.fonts.iter().rposition(|font| font.handle == handle);
        Some(known.unwrap_or_else(|| {
            characters.fonts.push(UsedFont { handle, characters: BTreeSet::new() });
            characters.fonts.len() - 1
        }))
    }

    /// `None` for a character that is off the page or has no position.
    fn glyph(&self, index: i32, text: char, object: usize) -> Option<Glyph> {
        let (page, api, handle) = (self.page, self.page.api(), self.handle.cast());
        let (mut left, mut right, mut bottom, mut top) = (0.0, 0.0, 0.0, 0.0);
        let (mut x, mut y) = (0.0, 0.0);
        let mut loose = PdfRect::default();
        let mut matrix = PdfMatrix::default();
        // SAFETY: the text page is loaded and has the index; the structs have the layout of `FS_RECTF`, `FS_MATRIX`.
        let (has_box, has_cell, has_origin, has_matrix, radians, size) = unsafe {
            (
                api.FPDFText_GetCharBox(handle, index, &raw mut left, &raw mut right, &raw mut bottom, &raw mut top)
                    != 0,
                api.FPDFText_GetLooseCharBox(handle, index, std::ptr::from_mut(&mut loose).cast()) != 0,
                api.FPDFText_GetCharOrigin(handle, index, &raw mut x, &raw mut y) != 0,
                api.FPDFText_GetMatrix(handle, index, std::ptr::from_mut(&mut matrix).cast()) != 0,
                api.FPDFText_GetCharAngle(handle, index),
                api.FPDFText_GetFontSize(handle, index) as f32,
            )
        };
        let tight = Rect::from_edges(left as f32, top as f32, right as f32, bottom as f32);
        let cell = Rect::from_edges(loose.left, loose.top, loose.right, loose.bottom);
        let (has_box, has_cell) = (has_box && tight.area() > 0.0, has_cell && cell.area() > 0.0);
        let ink = page.to_display.apply_rect(if has_box { &tight } else { &cell });
        let cell = page.to_display.apply_rect(if has_cell { &cell } else { &tight });
        let finite = |r: &Rect| r.x.is_finite() && r.y.is_finite() && r.width.is_finite() && r.height.is_finite();
        if !finite(&cell) || !finite(&ink) {
            return None;
        }
        let ink = ink.clipped(page.size)?;
        let origin = Point { x: x as f32, y: y as f32 };
        let origin = if has_origin { page.to_display.apply(origin) } else { Point { x: cell.x, y: cell.bottom() } };
        // PDFium counts the angle clockwise; -1 means unknown.
        let turn = if radians < 0.0 { 0.0 } else { radians.to_degrees() };
        let direction = Direction::from_degrees(f32::from(page.rotation.degrees()) + turn);
        let scale = if has_matrix { matrix.c.hypot(matrix.d) } else { 1.0 };
        Some(Glyph { text, ink, cell, origin, size: size_of(size * scale, &cell, direction), direction, object })
    }
}

/// The type size on the page: the nominal one unless it is out of all proportion to the character.
fn size_of(nominal: f32, cell: &Rect, direction: Direction) -> f32 {
    let across = if direction.degrees() % 180.0 == 90.0 { cell.width } else { cell.height };
    if nominal.is_finite() && (0.4 * across..=10.0 * across).contains(&nominal) { nominal } else { across.max(0.1) }
}

impl Drop for TextPage<'_> {
    fn drop(&mut self) {
        // SAFETY: the text page was loaded and is closed once, before its page.
        unsafe { self.page.api().FPDFText_ClosePage(self.handle.cast()) };
    }
}
