//! The glyph for each byte of a simple font (ISO 32000-1, section 9.6.6).

use std::collections::BTreeMap;

use read_fonts::ps::agl;

use crate::pdf::object::{Dictionary, Object};
use crate::pdf::source::Source;

/// The upper half of Mac OS Roman; `MacRomanEncoding` has its glyphs except for some mathematical symbols.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄¤‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
/// Windows code page 1252 from 128 to 159; undefined codes are a bullet (annex D, note 3).
const WINDOWS: &str = "€•‚ƒ„…†‡ˆ‰Š‹Œ•Ž••‘’“”•–—˜™š›œ•žŸ";

/// The standard encoding from 161 on, with spaces for undefined codes.
const STANDARD: &str = "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ –†‡· ¶•‚„”»…‰ ¿ `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—                Æ ª    ŁØŒº     æ   ı  łøœß";

/// The encoding that a font's differences are applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    MacRoman,
    WinAnsi,
}

/// The encoding of a font.
pub(super) struct Encoding {
    /// `None` for the font program's own encoding.
    pub(super) base: Option<Base>,
    pub(super) differences: BTreeMap<u8, String>,
    /// Whether the font states an encoding.
    pub(super) is_stated: bool,
}

impl Encoding {
    /// Reads the encoding from the font's dictionary.
    pub(super) fn read(font: &Dictionary, source: &mut Source) -> Self {
        let stated = font.get("Encoding").map(|encoding| source.resolved(encoding)).unwrap_or_default();
        let base = match &stated {
            Object::Name(name) => base_of(name),
            Object::Dictionary(encoding) => {
                encoding.get("BaseEncoding").map(|base| source.resolved(base)).and_then(|base| base_of(base.as_name()?))
            }
            _ => None,
        };
        Self { base, differences: differences(font, source), is_stated: stated != Object::Null }
    }

    /// The name of a code's glyph, if it is given by the font rather than by its program.
    pub(super) fn name(&self, code: u8) -> Option<String> {
        if let Some(name) = self.differences.get(&code) {
            return Some(name.clone());
        }
        character(self.base?, code).and_then(glyph_name)
    }
}

fn base_of(name: &[u8]) -> Option<Base> {
    match name {
        b"StandardEncoding" => Some(Base::Standard),
        b"MacRomanEncoding" => Some(Base::MacRoman),
        b"WinAnsiEncoding" => Some(Base::WinAnsi),
        _ => None,
    }
}

/// The character of a code.
pub(super) fn character(base: Base, code: u8) -> Option<char> {
    let within = |table: &str, first: u8| table.chars().nth(usize::from(code - first)).filter(|c| *c != ' ');
    match (base, code) {
        (Base::Standard, b'\'') => Some('’'),
        (Base::Standard, b'`') => Some('‘'),
        (_, 0x20..=0x7E) | (Base::WinAnsi, 0xA0..) => Some(char::from(code)),
        (Base::Standard, 0xA1..) => within(STANDARD, 0xA1),
        (Base::WinAnsi, 0x80..=0x9F) => within(WINDOWS, 0x80),
        (Base::WinAnsi, 0x7F) => Some('•'),
        (Base::MacRoman, 0x80..) => within(MAC_ROMAN, 0x80),
        _ => None,
    }
}

/// The Macintosh code of a character.
pub(super) fn macintosh_code(character: char) -> Option<u8> {
    (0x20..=0xFF).find(|code| self::character(Base::MacRoman, *code) == Some(character))
}

/// The usual name of a character's glyph.
fn glyph_name(character: char) -> Option<String> {
    let usual = match character {
        ' ' | '\u{a0}' => "space",
        '|' => "bar",
        '\u{ad}' => "hyphen",
        'µ' => "mu",
        'Ω' => "Omega",
        '∆' => "Delta",
        '¯' => "macron",
        '·' => "periodcentered",
        _ => "",
    };
    if !usual.is_empty() {
        return Some(usual.to_owned());
    }
    // Some characters have another name in symbol fonts, such as `a161`.
    let mut buffer = [0; agl::MAX_NAME_LEN];
    (0..8).find_map(|index| {
        let name = agl::char_to_nth_name(character, index, &mut buffer)?;
        let is_sign = name.len() > 1 && name[1..].bytes().all(|byte| byte.is_ascii_digit());
        (!is_sign).then(|| name.to_owned())
    })
}

/// The character of a glyph name.
pub(super) fn meaning(name: &str) -> Option<char> {
    agl::name_to_char(name)
}

/// Whether a glyph name stands for characters.
pub(super) fn is_character(name: &str) -> bool {
    agl::name_to_chars(name).next().is_some()
}

/// The glyph names that a font assigns to codes itself.
pub(super) fn differences(font: &Dictionary, source: &mut Source) -> BTreeMap<u8, String> {
    let encoding = source.dictionary_at(font, "Encoding").unwrap_or_default();
    let list = encoding.get("Differences").and_then(|list| source.array(list)).unwrap_or_default();
    let mut names = BTreeMap::new();
    let mut code = 0i64;
    for item in list {
        match source.resolved(&item) {
            Object::Name(name) => {
                if let Ok(code) = u8::try_from(code) {
                    names.insert(code, String::from_utf8_lossy(&name).into_owned());
                }
                code += 1;
            }
            number => code = number.as_integer().unwrap_or(code),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_glyphs_of_their_encodings() {
        let name = |base, code| Encoding { base: Some(base), differences: BTreeMap::new(), is_stated: true }.name(code);
        let cases = [
            (Base::WinAnsi, b'A', "A"),
            (Base::WinAnsi, b'\'', "quotesingle"),
            (Base::WinAnsi, b'-', "hyphen"),
            (Base::WinAnsi, 0x80, "Euro"),
            (Base::WinAnsi, 0x95, "bullet"),
            (Base::WinAnsi, 0x92, "quoteright"),
            (Base::WinAnsi, 0xB5, "mu"),
            (Base::WinAnsi, 0xFC, "udieresis"),
            (Base::MacRoman, 0x80, "Adieresis"),
            (Base::MacRoman, 0xDE, "fi"),
            (Base::MacRoman, 0xD5, "quoteright"),
            (Base::MacRoman, 0xFF, "caron"),
            (Base::Standard, 0x27, "quoteright"),
            (Base::Standard, 0xAE, "fi"),
            (Base::Standard, 0xD0, "emdash"),
            (Base::Standard, 0xE1, "AE"),
            (Base::Standard, 0xFB, "germandbls"),
        ];
        for (base, code, expected) in cases {
            assert_eq!(name(base, code).as_deref(), Some(expected), "{base:?} {code}");
        }
        assert_eq!(macintosh_code('Ä'), Some(0x80));
    }
}
