//! Text in cells: its maximum length, and the escaping of characters that XML or the format uses otherwise.

use std::borrow::Cow;

/// The most characters of a cell, counted in UTF-16 as Excel does; it refuses a file with more.
const MOST_UNITS: usize = 32_767;
/// Appended to a text that was too long.
const CUT: &str = "\n[cut off here: the cell is full]";

/// A text collected in parts, of which as much is kept as a cell can hold.
#[derive(Debug, Default)]
pub(super) struct LongText {
    kept: String,
    units: usize,
    is_cut: bool,
}

impl LongText {
    pub(super) fn push(&mut self, text: &str) {
        for character in text.chars() {
            if self.units + character.len_utf16() > MOST_UNITS {
                self.is_cut = true;
                return;
            }
            self.units += character.len_utf16();
            self.kept.push(character);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether further text would be dropped.
    pub(super) fn is_full(&self) -> bool {
        self.is_cut
    }

    /// The text of the cell: all of it, or the beginning and a note.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        if !self.is_cut {
            return Cow::Borrowed(&self.kept);
        }
        let mut room = MOST_UNITS - CUT.len();
        let fits = |character: &char| {
            let fits = character.len_utf16() <= room;
            room -= if fits { character.len_utf16() } else { room };
            fits
        };
        let mut shown: String = self.kept.chars().take_while(fits).collect();
        shown.push_str(CUT);
        Cow::Owned(shown)
    }
}

/// The text with underscores escaped where the format would read `_x0041_` as a letter (ECMA-376 part 1, section
/// 22.9.2.19).
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    let is_code = |rest: &str| {
        let bytes = rest.as_bytes();
        bytes.len() >= 7 && bytes[1] == b'x' && bytes[2..6].iter().all(u8::is_ascii_hexdigit) && bytes[6] == b'_'
    };
    if !text.match_indices("_x").any(|(at, _)| is_code(&text[at..])) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        if character == '_' && is_code(&text[at..]) {
            written.push_str("_x005F");
        }
        written.push(character);
    }
    Cow::Owned(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_says_so() {
        let mut text = LongText::default();
        text.push(&"a".repeat(MOST_UNITS));
        assert!(!text.is_full() && text.shown().len() == MOST_UNITS);
        text.push("b");
        assert!(text.is_full() && text.shown().ends_with(CUT));
        assert_eq!(text.shown().encode_utf16().count(), MOST_UNITS);
        let mut wide = LongText::default();
        wide.push(&"𝄞".repeat(MOST_UNITS));
        assert!(wide.shown().encode_utf16().count() <= MOST_UNITS && wide.shown().ends_with(CUT));
    }

    #[test]
    fn codes_of_the_format_mean_themselves() {
        assert_eq!(escaped("a_x0041_b _xZZZZ_ _x12"), "a_x005F_x0041_b _xZZZZ_ _x12");
        assert_eq!(escaped("_x0041_x0042_"), "_x005F_x0041_x005F_x0042_");
    }
}
