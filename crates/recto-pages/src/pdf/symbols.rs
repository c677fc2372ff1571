//! Symbol fonts, whose codes are those of letters: the check boxes, ticks and bullets that they show.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_char, c_void};

use crate::pdf::page::PdfPage;

/// The longest name of a symbol font, in bytes.
const MAX_NAME: usize = 128;

/// A font that shows symbols in place of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SymbolFont {
    Wingdings,
    Wingdings2,
    Webdings,
}

impl SymbolFont {
    /// Recognised by the name of the font: `ABCDEF+Wingdings-Regular`, `Wingdings 2`.
    fn named(name: &str) -> Option<Self> {
        let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        if name.contains("wingdings3") {
            None
        } else if name.contains("wingdings2") {
            Some(Self::Wingdings2)
        } else if name.contains("wingdings") {
            Some(Self::Wingdings)
        } else if name.contains("webdings") {
            Some(Self::Webdings)
        } else {
            None
        }
    }

    /// The sign that a character of the font shows, if it is a box, a tick, a cross or a bullet. Codes are in Latin-1
    /// or, in files from Windows, from U+F000 on.
    pub(super) fn shown(self, character: char) -> Option<char> {
        let code = match character as u32 {
            code @ (0x20..=0xFF | 0xF020..=0xF0FF) => code & 0xFF,
            _ => return None,
        };
        Some(match (self, code) {
            (Self::Wingdings, 0x6F | 0x70..=0x72 | 0xA8)
            | (Self::Wingdings2, 0x2A | 0x30 | 0xA3)
            | (Self::Webdings, 0x63) => '☐',
            (Self::Wingdings, 0xFE) | (Self::Wingdings2, 0x52) => '☑',
            (Self::Wingdings, 0x78 | 0xFD) | (Self::Wingdings2, 0x51 | 0x53 | 0x54) => '☒',
            (Self::Wingdings, 0xFC) | (Self::Wingdings2, 0x50) | (Self::Webdings, 0x61) => '✓',
            (Self::Wingdings, 0xFB) | (Self::Wingdings2, 0x4F) | (Self::Webdings, 0x72) => '✗',
            (Self::Wingdings, 0x6C | 0x9F | 0xA7) => '•',
            (Self::Wingdings, 0x6E) | (Self::Webdings, 0x67) => '■',
            (Self::Wingdings, 0xA1) => '○',
            _ => return None,
        })
    }
}

impl PdfPage<'_> {
    /// The symbol font of a text object.
    pub(super) fn symbol_font(&self, object: *mut c_void) -> Option<SymbolFont> {
        if object.is_null() {
            return None;
        }
        let mut name = [0u8; MAX_NAME];
        // SAFETY: the object is text of the loaded page; PDFium writes at most as many bytes as it is told there are.
        let bytes = unsafe {
            let font = self.api().FPDFTextObj_GetFont(object.cast());
            if font.is_null() {
                return None;
            }
            self.api().FPDFFont_GetBaseFontName(font, name.as_mut_ptr().cast::<c_char>(), MAX_NAME)
        };
        // A zero terminates the name.
        let name = name.get(..bytes.checked_sub(1)?)?;
        SymbolFont::named(std::str::from_utf8(name).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_are_told_by_their_names() {
        assert_eq!(SymbolFont::named("ABCDEF+Wingdings-Regular"), Some(SymbolFont::Wingdings));
        assert_eq!(SymbolFont::named("Wingdings 2"), Some(SymbolFont::Wingdings2));
        assert_eq!(SymbolFont::named("Wingdings3"), None);
        assert_eq!(SymbolFont::named("Helvetica"), None);
    }

    #[test]
    fn a_code_means_the_same_in_either_place() {
        assert_eq!(SymbolFont::Wingdings.shown('\u{F0FE}'), Some('☑'));
        assert_eq!(SymbolFont::Wingdings.shown('þ'), Some('☑'));
        assert_eq!(SymbolFont::Wingdings.shown('☐'), None);
    }
}
