//! The font of invisible text: it has no shapes, only widths, and a table with the meaning of each code.
//!
//! A composite font (ISO 32000-1, section 9.7) with two-byte codes. Codes are assigned to meanings, usually one
//! character, in order of first use. All scripts are therefore treated alike, including characters beyond the Basic
//! Multilingual Plane.

use std::collections::{BTreeMap, HashMap};
use std::io;

use super::object::{Dictionary, Object, Reference, print};
use super::writer::Writer;

/// The width of every glyph, as a share of the font size.
pub(super) const GLYPH_WIDTH: f64 = 0.5;
/// The extent of glyphs below the baseline, as a share of the font size; above it they extend by the remainder. Viewers
/// select the area in between.
pub(super) const DESCENT: f64 = 0.2;
/// Units of the em square of the font program.
const UNITS_PER_EM: u16 = 1000;
/// The name of the font; the tag before the plus sign marks a subset.
const NAME: &str = "RECTOA+Invisible";

/// How much further up (positive) or down a font claims to extend, in steps.
///
/// Glyphs have no shapes, so this only affects the box that some viewers assume for a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Reach(i8);

impl Reach {
    /// Steps per font size.
    const STEPS: f64 = 4.0;
    /// The largest reach, in steps: viewers do not accept fonts that extend over more than three font sizes.
    const MOST: f64 = 8.0;

    /// The nearest reach to that many font sizes.
    pub(super) fn of(sizes: f64) -> Self {
        Self((sizes * Self::STEPS).round().clamp(-Self::MOST, Self::MOST) as i8)
    }

    /// The name of the font with that reach, with the given prefix.
    pub(super) fn font_name(self, beginning: &str) -> String {
        match self.0 {
            0 => beginning.to_owned(),
            up @ 1.. => format!("{beginning}u{up}"),
            down => format!("{beginning}d{}", -down),
        }
    }

    /// The additional extent upwards and downwards, as a share of the font size.
    fn added(self) -> (f64, f64) {
        let sizes = f64::from(self.0) / Self::STEPS;
        (sizes.max(0.0), (-sizes).max(0.0))
    }
}

/// The meanings used so far, and their codes.
pub(super) struct InvisibleFont {
    /// The numbers of the fonts in use.
    references: BTreeMap<Reach, Reference>,
    codes: HashMap<String, u16>,
    meanings: Vec<String>,
}

impl InvisibleFont {
    /// A font that is not used yet.
    pub(super) fn new() -> Self {
        Self { references: BTreeMap::new(), codes: HashMap::new(), meanings: Vec::new() }
    }

    /// The fonts with those reaches, for a page's resources. [`InvisibleFont::finish`] writes them.
    pub(super) fn resources(
        &mut self,
        beginning: &str,
        reaches: impl IntoIterator<Item = Reach>,
        writer: &mut Writer<'_>,
    ) -> Dictionary {
        reaches.into_iter().fold(Dictionary::new(), |fonts, reach| {
            let font = *self.references.entry(reach).or_insert_with(|| writer.reserve());
            fonts.with(&reach.font_name(beginning), font)
        })
    }

    /// The code for a text. If a file has more than 65,535 different texts, the rest are shown as U+FFFD.
    pub(super) fn code(&mut self, meaning: &str) -> u16 {
        if let Some(&code) = self.codes.get(meaning) {
            return code;
        }
        // The last code is reserved for U+FFFD; code 0 is the glyph of undefined characters.
        let meaning = if self.meanings.len() < 65_533 { meaning } else { "\u{fffd}" };
        let next = self.meanings.len() as u16 + 1;
        let code = *self.codes.entry(meaning.to_owned()).or_insert(next);
        if code == next {
            self.meanings.push(meaning.to_owned());
        }
        code
    }

    /// Writes the font, if it was used.
    pub(super) fn finish(self, writer: &mut Writer<'_>) -> io::Result<()> {
        if self.references.is_empty() {
            return Ok(());
        }
        let (program, to_unicode, to_glyph) = (writer.reserve(), writer.reserve(), writer.reserve());
        let file = font_program();
        writer.compressed(program, Dictionary::new().with("Length1", file.len() as i64), &file)?;
        writer.compressed(to_unicode, Dictionary::new(), &to_unicode_map(&self.meanings))?;
        // Glyph 1 for every code, two bytes each.
        let glyphs = [0, 0].into_iter().chain([0, 1].into_iter().cycle().take(2 * self.meanings.len()));
        writer.compressed(to_glyph, Dictionary::new(), &glyphs.collect::<Vec<u8>>())?;
        for (reach, reference) in self.references {
            let font = composite_font(reach, program, to_unicode, to_glyph, writer)?;
            writer.object(reference, &font.into())?;
        }
        Ok(())
    }
}

/// The dictionaries of the font with that reach.
fn composite_font(
    reach: Reach,
    program: Reference,
    to_unicode: Reference,
    to_glyph: Reference,
    writer: &mut Writer<'_>,
) -> io::Result<Dictionary> {
    let width = GLYPH_WIDTH * 1000.0;
    let (up, down) = reach.added();
    let (ascent, descent) = ((1.0 - DESCENT + up) * 1000.0, (-DESCENT - down) * 1000.0);
    let descriptor = Dictionary::new()
        .with("Type", Object::name("FontDescriptor"))
        .with("FontName", Object::name(NAME))
        .with("Flags", 5u32) // fixed pitch, symbolic
        .with("FontBBox", Object::numbers([0.0, descent, width, ascent]))
        .with("ItalicAngle", 0u32)
        .with("Ascent", ascent)
        .with("Descent", descent)
        .with("CapHeight", ascent)
        .with("StemV", 80u32)
        .with("FontFile2", program);
    let descriptor = writer.add(descriptor)?;
    let system = Dictionary::new()
        .with("Registry", Object::text("Adobe"))
        .with("Ordering", Object::text("Identity"))
        .with("Supplement", 0u32);
    let descendant = Dictionary::new()
        .with("Type", Object::name("Font"))
        .with("Subtype", Object::name("CIDFontType2"))
        .with("BaseFont", Object::name(NAME))
        .with("CIDSystemInfo", system)
        .with("FontDescriptor", descriptor)
        .with("DW", width)
        .with("CIDToGIDMap", to_glyph);
    let descendant = writer.add(descendant)?;
    Ok(Dictionary::new()
        .with("Type", Object::name("Font"))
        .with("Subtype", Object::name("Type0"))
        .with("BaseFont", Object::name(NAME))
        .with("Encoding", Object::name("Identity-H"))
        .with("DescendantFonts", vec![descendant.into()])
        .with("ToUnicode", to_unicode))
}

/// The `ToUnicode` `CMap` (ISO 32000-1, section 9.10.3): code 1 has the first meaning, and so on.
fn to_unicode_map(meanings: &[String]) -> Vec<u8> {
    let mut map = b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
        /CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n\
        /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
        1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        .to_vec();
    // The operator takes at most 100 entries.
    for (block, part) in meanings.chunks(100).enumerate() {
        print(&mut map, format_args!("{} beginbfchar\n", part.len()));
        for (index, meaning) in part.iter().enumerate() {
            print(&mut map, format_args!("<{:04X}> <", block * 100 + index + 1));
            for unit in meaning.encode_utf16() {
                print(&mut map, format_args!("{unit:04X}"));
            }
            map.extend_from_slice(b">\n");
        }
        map.extend_from_slice(b"endbfchar\n");
    }
    map.extend_from_slice(b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map
}

/// A TrueType font program with two glyphs without outlines. It has the tables required by ISO 32000-1, section 9.9,
/// and a `cmap`, which some viewers need. The formats are those of the OpenType specification.
fn font_program() -> Vec<u8> {
    let words = |values: &[u16]| values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<u8>>();
    let em = UNITS_PER_EM;
    let units = |part: f64| (part * f64::from(em)) as i16 as u16;
    let (width, ascent, descent) = (units(GLYPH_WIDTH), units(1.0 - DESCENT), units(-DESCENT));
    // Format 4 with only the segment that ends every such table: it maps U+FFFF to glyph 0.
    let cmap = words(&[0, 1, 3, 1, 0, 12, 4, 24, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF, 1, 0]);
    // Version 1.0, revision, checksum and magic number; flags; two dates; the box; style, smallest size, direction;
    // `loca` in words; data format.
    let head = words(&[
        1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 0b11, em, 0, 0, 0, 0, 0, 0, 0, 0, 0, descent, width, ascent, 0, 8, 2, 0, 0,
    ]);
    // Version 1.0; ascent, descent, gap; widest; bearings and extent; caret; reserved; two metrics.
    let hhea = words(&[1, 0, ascent, descent, 0, width, 0, 0, width, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    let hmtx = words(&[width, 0, width, 0]);
    let loca = words(&[0, 0, 0]);
    let maxp = words(&[1, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    let glyf = vec![0; 4];
    let mut tables = [
        (b"cmap", cmap),
        (b"glyf", glyf),
        (b"head", head),
        (b"hhea", hhea),
        (b"hmtx", hmtx),
        (b"loca", loca),
        (b"maxp", maxp),
    ];
    let sum = |bytes: &[u8]| {
        let word = |part: &[u8]| part.iter().enumerate().fold(0u32, |w, (i, b)| w | u32::from(*b) << (24 - 8 * i));
        bytes.chunks(4).map(word).fold(0, u32::wrapping_add)
    };
    let count = tables.len() as u16;
    let assemble = |tables: &[(&[u8; 4], Vec<u8>)]| {
        // Search helpers for seven tables: 4 × 16, log2 of 4, the rest.
        let mut font = words(&[1, 0, count, 64, 2, count * 16 - 64]);
        let mut at = font.len() + tables.len() * 16;
        for (tag, data) in tables {
            font.extend_from_slice(*tag);
            for value in [sum(data), at as u32, data.len() as u32] {
                font.extend_from_slice(&value.to_be_bytes());
            }
            at += data.len().next_multiple_of(4);
        }
        for (_, data) in tables {
            font.extend_from_slice(data);
            font.resize(font.len().next_multiple_of(4), 0);
        }
        font
    };
    // The checksum of the whole, taken with a zero in its place in `head`, makes the sum this constant.
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(sum(&assemble(&tables)));
    tables[2].1[8..12].copy_from_slice(&adjustment.to_be_bytes());
    assemble(&tables)
}
