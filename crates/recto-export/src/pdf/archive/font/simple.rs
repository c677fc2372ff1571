//! Fonts whose codes are single bytes (ISO 19005-2, 6.2.11.2 to 6.2.11.6).

use super::encoding::{self, Base, Encoding};
use super::program::{Charmap, Program};
use super::{Codes, Look};
use crate::pdf::object::{Dictionary, Object};

/// The flags of a font's descriptor that say whether it uses the Latin character set.
const SYMBOLIC: i64 = 1 << 2;

impl Look<'_> {
    pub(super) fn simple(&mut self, font: &Dictionary, kind: &[u8], codes: &Codes) {
        let descriptor = self.source.dictionary_at(font, "FontDescriptor").unwrap_or_default();
        if codes.seen.is_empty() && !["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.contains(key)) {
            // Invisible text needs no shapes.
            return;
        }
        let keys: &[&str] = if kind == b"TrueType" { &["FontFile2", "FontFile3"] } else { &["FontFile", "FontFile3"] };
        let Some(program) = self.program(&descriptor, keys) else { return };
        let Some(widths) = self.widths(font, &descriptor) else {
            return self.forbid("does not state its widths", "6.2.11.2");
        };
        let encoding = Encoding::read(font, self.source);
        let flags = descriptor.get("Flags").map(|flags| self.source.resolved(flags)).and_then(|f| f.as_integer());
        let is_symbolic = flags.unwrap_or(0) & SYMBOLIC != 0;
        if kind == b"TrueType" && !self.true_type_encoding(&program, &encoding, is_symbolic) {
            return;
        }
        for (codes, is_seen) in [(&codes.seen, true), (&codes.unseen, false)] {
            for &code in codes {
                let glyph = if kind == b"TrueType" {
                    true_type_glyph(&program, &encoding, is_symbolic, code)
                } else {
                    type1_glyph(&program, &encoding, code)
                };
                self.glyph(&program, glyph, widths(code), is_seen);
            }
        }
    }

    /// The widths of the font's codes; `None` where a required entry is missing.
    fn widths(&mut self, font: &Dictionary, descriptor: &Dictionary) -> Option<impl Fn(u8) -> f64 + use<>> {
        let mut number = |dictionary: &Dictionary, key: &str| {
            dictionary.get(key).map(|value| self.source.resolved(value)).and_then(|value| value.as_number())
        };
        let (first, _last) = (number(font, "FirstChar")?, number(font, "LastChar")?);
        let missing = number(descriptor, "MissingWidth").unwrap_or(0.0);
        let list = font.get("Widths").and_then(|list| self.source.array(list))?;
        let list: Vec<Option<f64>> = list.iter().map(|width| self.source.resolved(width).as_number()).collect();
        Some(move |code: u8| {
            let index = f64::from(code) - first;
            let width = (index >= 0.0).then(|| list.get(index as usize).copied().flatten()).flatten();
            width.unwrap_or(missing)
        })
    }

    /// Whether a TrueType font maps codes to its glyphs in a permitted way (6.2.11.6).
    fn true_type_encoding(&mut self, program: &Program, encoding: &Encoding, is_symbolic: bool) -> bool {
        let charmaps = program.charmaps();
        if is_symbolic {
            if encoding.is_stated {
                self.forbid("is symbolic but has an encoding", "6.2.11.6");
                return false;
            }
            if charmaps.len() != 1 && !charmaps.contains(&Charmap::Symbol) {
                self.forbid("is symbolic but has no unique character map", "6.2.11.6");
                return false;
            }
            return true;
        }
        if !matches!(encoding.base, Some(Base::MacRoman | Base::WinAnsi)) {
            self.forbid("has neither of the two allowed encodings", "6.2.11.6");
            return false;
        }
        let is_known = encoding.differences.values().all(|name| name == ".notdef" || encoding::is_character(name));
        let leads_somewhere = is_known && charmaps.contains(&Charmap::Unicode);
        if !encoding.differences.is_empty() && !leads_somewhere {
            self.forbid("has glyph names that are not in the Adobe Glyph List", "6.2.11.6");
            return false;
        }
        true
    }
}

fn type1_glyph(program: &Program, encoding: &Encoding, code: u8) -> Option<u32> {
    if encoding.base.is_none() && !encoding.differences.contains_key(&code) {
        return program.by_code(code);
    }
    encoding.name(code).and_then(|name| program.by_name(&name))
}

fn true_type_glyph(program: &Program, encoding: &Encoding, is_symbolic: bool, code: u8) -> Option<u32> {
    let wide = u32::from(code);
    if is_symbolic {
        // The codes of such fonts are in one of the rows of the private use area.
        let rows = [0xF000, 0, 0xF100, 0xF200];
        return rows
            .iter()
            .find_map(|row| program.by_charmap(Charmap::Symbol, row + wide))
            .or_else(|| program.by_charmap(Charmap::Macintosh, wide))
            .or_else(|| program.by_charmap(Charmap::Unicode, wide));
    }
    let name = encoding.name(code)?;
    let character = encoding::meaning(&name);
    character
        .and_then(|character| program.by_charmap(Charmap::Unicode, character.into()))
        .or_else(|| {
            let code = encoding::macintosh_code(character?)?;
            program.by_charmap(Charmap::Macintosh, code.into())
        })
        .or_else(|| program.by_name(&name))
}

/// Whether an object is the name of an identity map, whose codes are the character numbers themselves.
pub(super) fn is_identity(encoding: &Object) -> bool {
    matches!(encoding.as_name(), Some(b"Identity-H" | b"Identity-V"))
}
