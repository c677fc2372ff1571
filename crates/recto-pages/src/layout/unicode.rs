//! Normalisation of the characters of a text layer.

use unicode_normalization::UnicodeNormalization;

/// Whether a character carries no text: unmapped, private use, a replacement or a control character.
pub(crate) fn is_unusable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
        || (c as u32) & 0xFFFE == 0xFFFE
        || matches!(c, '\u{FDD0}'..='\u{FDEF}')
}

/// A word as a person would type it: ligatures and presentation forms as letters, in NFC, without invisible characters.
/// Bullets of symbol fonts become `•`.
pub(super) fn readable(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            // A soft hyphen is visible only at the end of a line.
            '\u{AD}' if characters.peek().is_none() => letters.push('-'),
            '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' => {}
            '\u{F0A7}' | '\u{F0B7}' | '\u{F0A8}' => letters.push('•'),
            c if is_presentation_form(c) => letters.extend(std::iter::once(c).nfkc()),
            c if is_unusable(c) => {}
            c => letters.push(c),
        }
    }
    letters.nfc().collect()
}

/// Latin, Armenian, Hebrew and Arabic presentation forms: letters in a certain position, or joined letters.
fn is_presentation_form(c: char) -> bool {
    matches!(c, '\u{FB00}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_become_letters() {
        assert_eq!(readable("e\u{FB03}cient"), "efficient");
        assert_eq!(readable("\u{FEFB}"), "لا");
    }

    #[test]
    fn letters_and_their_accents_are_composed() {
        assert_eq!(readable("u\u{308}ber"), "über");
    }

    #[test]
    fn a_soft_hyphen_is_seen_at_the_end_only() {
        assert_eq!(readable("co\u{AD}op\u{AD}"), "coop-");
    }

    #[test]
    fn what_nobody_sees_is_left_out() {
        assert_eq!(readable("a\0b\u{FFFE}\u{E001}"), "ab");
    }
}
