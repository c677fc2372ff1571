//! The names of months in the languages of documents.

use crate::fold;
use crate::words::LINES;

/// The month, from 1, that a word names. Case, accents and a full stop at the end are ignored. Abbreviations of at
/// least three letters count.
#[must_use]
pub fn month(word: &str) -> Option<i8> {
    LINES.months.get(fold(word).trim_end_matches('.')).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_many_languages_and_short() {
        for (word, number) in
            [("März", 3), ("MAR", 3), ("Sept.", 9), ("août", 8), ("diciembre", 12), ("มี.ค.", 3), ("lutego", 2)]
        {
            assert_eq!(month(word), Some(number), "{word}");
        }
        assert_eq!(month("Marsch"), None);
    }
}
