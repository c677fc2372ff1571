//! The glyph names, codes and widths in font programs.

use std::collections::HashMap;

use read_fonts::ps::cff::CffFontRef;
use read_fonts::ps::type1::Type1Font;
use read_fonts::tables::cmap::{CmapSubtable, PlatformId};
use read_fonts::types::{GlyphId, GlyphId16};
use read_fonts::{FontRef, TableProvider};

/// The program of a font.
pub(super) struct Program {
    kind: Kind,
    names: HashMap<String, u32>,
}

enum Kind {
    /// With the font's CFF table, if its outlines are in that format.
    Sfnt(Vec<u8>, Option<Vec<u8>>),
    Cff(Vec<u8>),
    Type1(Box<Type1Font>),
}

/// The tables that map codes to glyphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charmap {
    /// The Windows table for Unicode.
    Unicode,
    /// The Windows table for symbol fonts.
    Symbol,
    /// The Macintosh table for its own codes.
    Macintosh,
}

impl Program {
    /// Parses a font program, whose format is recognised by its first bytes.
    pub(super) fn parse(data: Vec<u8>) -> Option<Self> {
        let (kind, names) = match data.get(..4)? {
            [0, 1, 0, 0] | b"true" | b"OTTO" => {
                let font = FontRef::new(&data).ok()?;
                let cff = font.cff().ok().map(|table| table.offset_data().as_bytes().to_vec());
                let names = match &cff {
                    Some(cff) => cff_names(&CffFontRef::new_cff(cff, 0, None).ok()?),
                    None => post_names(&font),
                };
                (Kind::Sfnt(data, cff), names)
            }
            [1, 0, ..] => {
                let names = cff_names(&CffFontRef::new_cff(&data, 0, None).ok()?);
                (Kind::Cff(data), names)
            }
            _ => {
                let font = Type1Font::new(&data).ok()?;
                let names = font.glyph_names().map(|(glyph, name)| (name.to_owned(), glyph.to_u32())).collect();
                (Kind::Type1(Box::new(font)), names)
            }
        };
        Some(Self { kind, names })
    }

    fn sfnt(&self) -> Option<FontRef<'_>> {
        if let Kind::Sfnt(data, _) = &self.kind { FontRef::new(data).ok() } else { None }
    }

    fn cff(&self) -> Option<CffFontRef<'_>> {
        match &self.kind {
            Kind::Cff(data) | Kind::Sfnt(_, Some(data)) => CffFontRef::new_cff(data, 0, None).ok(),
            Kind::Sfnt(_, None) | Kind::Type1(_) => None,
        }
    }

    /// Whether the glyph exists.
    pub(super) fn has(&self, glyph: u32) -> bool {
        let count = match &self.kind {
            Kind::Type1(font) => font.num_glyphs(),
            Kind::Cff(_) => self.cff().map_or(0, |cff| cff.num_glyphs()),
            Kind::Sfnt(..) => {
                self.sfnt().and_then(|font| font.maxp().ok()).map_or(0, |maxp| u32::from(maxp.num_glyphs()))
            }
        };
        glyph < count
    }

    /// The width of a glyph in thousandths of the font size.
    pub(super) fn width(&self, glyph: u32) -> Option<f64> {
        let id = GlyphId::new(glyph);
        match &self.kind {
            Kind::Sfnt(..) => {
                let font = self.sfnt()?;
                let units = f64::from(font.head().ok()?.units_per_em());
                let advance = font.hmtx().ok()?.advance(id)?;
                (units > 0.0).then(|| f64::from(advance) * 1000.0 / units)
            }
            Kind::Cff(_) => {
                let cff = self.cff()?;
                let subfont = cff.subfont(cff.subfont_index(id)?, &[]).ok()?;
                let width = cff.evaluate_width(&subfont, id, &[]).ok()??;
                Some(width.to_f64() * 1000.0 / f64::from(cff.upem().max(1)))
            }
            Kind::Type1(font) => {
                let width = font.evaluate_width(id).ok()??;
                Some(width.to_f64() * 1000.0 / f64::from(font.upem().max(1)))
            }
        }
    }

    /// The glyph with that name.
    pub(super) fn by_name(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// The program's own glyph for a code.
    pub(super) fn by_code(&self, code: u8) -> Option<u32> {
        let glyph = match &self.kind {
            Kind::Type1(font) => font.encoding()?.map(code),
            Kind::Cff(_) | Kind::Sfnt(..) => self.cff()?.encoding()?.map(code),
        };
        glyph.map(GlyphId::to_u32)
    }

    /// The glyph of a character in a collection, or the glyph with that index if the program has no collections.
    pub(super) fn by_collection(&self, number: u16) -> Option<u32> {
        let cff = self.cff()?;
        if !cff.is_cid() {
            return Some(number.into());
        }
        cff.charset()?.glyph_id(i32::from(number).into()).map(GlyphId::to_u32)
    }

    /// Whether its glyphs are in CFF format.
    pub(super) fn is_compact(&self) -> bool {
        matches!(self.kind, Kind::Cff(_) | Kind::Sfnt(_, Some(_)))
    }

    /// The mapping tables of a TrueType font.
    pub(super) fn charmaps(&self) -> Vec<Charmap> {
        let Some(font) = self.sfnt() else { return Vec::new() };
        let Ok(cmap) = font.cmap() else { return Vec::new() };
        let kind = |platform, encoding| match (platform, encoding) {
            (PlatformId::Windows, 1 | 10) | (PlatformId::Unicode, _) => Some(Charmap::Unicode),
            (PlatformId::Windows, 0) => Some(Charmap::Symbol),
            (PlatformId::Macintosh, 0) => Some(Charmap::Macintosh),
            _ => None,
        };
        cmap.encoding_records().iter().filter_map(|record| kind(record.platform_id(), record.encoding_id())).collect()
    }

    /// The glyph for a code in a table of a TrueType font.
    pub(super) fn by_charmap(&self, charmap: Charmap, code: u32) -> Option<u32> {
        let font = self.sfnt()?;
        let cmap = font.cmap().ok()?;
        let data = cmap.offset_data();
        for record in cmap.encoding_records() {
            let is_it = match charmap {
                Charmap::Unicode => matches!(
                    (record.platform_id(), record.encoding_id()),
                    (PlatformId::Windows, 1 | 10) | (PlatformId::Unicode, _)
                ),
                Charmap::Symbol => (record.platform_id(), record.encoding_id()) == (PlatformId::Windows, 0),
                Charmap::Macintosh => (record.platform_id(), record.encoding_id()) == (PlatformId::Macintosh, 0),
            };
            if !is_it {
                continue;
            }
            let table: CmapSubtable<'_> = record.subtable(data).ok()?;
            if let Some(glyph) = table.map_codepoint(code).filter(|glyph| glyph.to_u32() != 0) {
                return Some(glyph.to_u32());
            }
        }
        None
    }
}

/// The names of glyphs in a CFF font.
fn cff_names(font: &CffFontRef<'_>) -> HashMap<String, u32> {
    let Some(charset) = font.charset().filter(|_| !font.is_cid()) else { return HashMap::new() };
    let mut names = HashMap::new();
    for (glyph, sid) in charset.iter() {
        if let Some(name) = font.string(sid) {
            names.insert(String::from_utf8_lossy(name).into_owned(), glyph.to_u32());
        }
    }
    names
}

/// The names of glyphs in a TrueType font, if it contains them.
fn post_names(font: &FontRef<'_>) -> HashMap<String, u32> {
    let Ok(post) = font.post() else { return HashMap::new() };
    let count = font.maxp().map_or(0, |maxp| maxp.num_glyphs());
    let named = |glyph: u16| Some((post.glyph_name(GlyphId16::new(glyph))?.to_owned(), u32::from(glyph)));
    (0..count).filter_map(named).collect()
}
