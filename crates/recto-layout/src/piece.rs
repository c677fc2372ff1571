//! The units that are put into order.

use recto_domain::Rect;

/// Words that follow each other closely in one line: a line of a column, or a cell of a table. A piece never extends
/// across a gutter.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Its level bounding box, in any unit.
    pub bounds: Rect,
    /// Its letter size, in the same unit.
    pub size: f32,
    pub(crate) text: Facts,
}

/// The properties of a piece's text that affect the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Facts {
    /// Its length in letters of average width; East Asian letters count double.
    pub(crate) letters: usize,
    /// The number of letters of right-to-left scripts.
    pub(crate) from_right: usize,
    /// Whether it is a number: most of it is digits, or one word is and the others are no longer than a unit, a
    /// currency or a code.
    pub(crate) is_number: bool,
    /// Whether it ends a sentence.
    pub(crate) ends: bool,
    /// Whether it begins in the middle of a sentence.
    pub(crate) goes_on: bool,
    /// Whether a sentence, or a part of one, ends within it.
    pub(crate) is_prose: bool,
    /// Whether it begins with the marker of a list item.
    pub(crate) is_item: bool,
}

/// The most letters of units and of codes of currencies and taxes.
const CODE: usize = 3;

impl Piece {
    /// A piece with that text, which is in logical order.
    #[must_use]
    pub fn new(bounds: Rect, size: f32, text: &str) -> Self {
        Self { bounds, size, text: Facts::of(text) }
    }

    pub(crate) fn middle(&self) -> f32 {
        self.bounds.center().y
    }
}

impl Facts {
    fn of(text: &str) -> Self {
        let letters = || text.chars().filter(|c| c.is_alphanumeric());
        let digits = letters().filter(|c| c.is_numeric()).count();
        let end = text.chars().rev().find(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | ')' | '”' | '»' | '’'));
        Self {
            letters: text.chars().map(|c| 1 + usize::from(is_wide(c))).sum(),
            from_right: letters().filter(|&c| is_from_right(c)).count(),
            is_number: digits * 2 > letters().count() || is_amount(text),
            ends: matches!(end, Some('.' | '!' | '?' | '。' | '！' | '？' | '؟' | ':' | '：' | ';')),
            goes_on: letters().next().is_some_and(char::is_lowercase),
            is_prose: is_prose(text),
            is_item: is_item(text),
        }
    }
}

/// Whether a text is one number with nothing longer beside it than a currency code.
fn is_amount(text: &str) -> bool {
    let digits = |word: &&str| word.chars().any(char::is_numeric) && !word.chars().any(char::is_alphabetic);
    text.split_whitespace().filter(digits).count() == 1
        && text.split_whitespace().all(|word| digits(&word) || word.chars().count() <= CODE)
}

/// Whether there is sentence punctuation between words.
fn is_prose(text: &str) -> bool {
    let mut letters = text.chars().zip(text.chars().skip(1)).zip(text.chars().skip(2));
    letters.any(|((before, mark), after)| {
        let is_mark = matches!(mark, '.' | ',' | ';' | '!' | '?' | '،' | '؛' | '؟') && after == ' ';
        before.is_alphabetic() && (is_mark || matches!(mark, '。' | '、' | '，' | '！' | '？'))
    })
}

/// Whether a text begins with a bullet, or with a number or letter followed by a full stop or bracket.
fn is_item(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let mark = first.strip_suffix(['.', ')']).map(|mark| mark.trim_start_matches('('));
    matches!(first, "•" | "-" | "–" | "—" | "*" | "·" | "▪" | "◦" | "●" | "■" | "‣" | "☐" | "☑" | "☒")
        || mark.is_some_and(|mark| !mark.is_empty() && mark.len() <= 3 && mark.chars().all(char::is_alphanumeric))
}

/// Whether a character is full-width, by Unicode block: Han, kana, Hangul and their punctuation.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE10}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether a character is in the blocks of Hebrew, Arabic, Syriac, Thaana and N'Ko, or their presentation forms.
pub(crate) fn is_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_tells_what_a_piece_may_be() {
        assert!(Facts::of("1.204,50 €").is_number);
        assert!(Facts::of("2.10 ZRL").is_number && Facts::of("RM 5.00").is_number && Facts::of("3 kg").is_number);
        assert!(!Facts::of("Tisch 4").is_number && !Facts::of("ZRL").is_number && !Facts::of("12 Main St").is_number);
        assert!(Facts::of("and no more.”").ends);
        assert!(Facts::of("(and so on").goes_on);
        assert!(Facts::of("• milk").is_item && Facts::of("12. bread").is_item && Facts::of("b) eggs").is_item);
        assert!(!Facts::of("Berlin 3.").is_item && !Facts::of("1,50").is_item);
        assert!(Facts::of("home, and then").is_prose && !Facts::of("1, 2").is_prose && !Facts::of("The end.").is_prose);
        assert_eq!(Facts::of("東京").letters, 4);
        assert_eq!(Facts::of("שלום 12").from_right, 4);
    }
}
