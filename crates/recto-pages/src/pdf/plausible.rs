//! Whether the words of a text layer are plausible. Fonts with a missing or wrong map give signs in place of letters.

use recto_domain::Block;

/// The least share of letters and digits among the characters.
const MIN_ALPHANUMERIC: f32 = 0.45;
/// Latin words with at least this many letters
const LATIN_LETTERS: usize = 4;
/// have a vowel, and capitals only in front, in at least this share of cases,
const MIN_SHAPED: f32 = 0.6;
/// if there are at least this many of them.
const MIN_WORDS: usize = 5;

/// Whether the text looks like one written by a person.
pub(super) fn is_plausible(blocks: &[Block]) -> bool {
    let words = || blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).map(|w| w.text.as_str());
    let (mut characters, mut alphanumeric) = (0usize, 0usize);
    for word in words() {
        let mut last = None;
        for c in word.chars() {
            let counts = c.is_alphanumeric() || is_mark(c);
            // Leaders, underlines and frames, which repeat one sign, are ignored.
            characters += usize::from(counts || last != Some(c));
            alphanumeric += usize::from(counts);
            last = Some(c);
        }
    }
    let latin: Vec<&str> = words().filter(|w| is_latin(w)).collect();
    let shaped = latin.iter().filter(|w| is_shaped(w)).count();
    alphanumeric as f32 >= MIN_ALPHANUMERIC * characters as f32
        && (latin.len() < MIN_WORDS || shaped as f32 >= MIN_SHAPED * latin.len() as f32)
}

/// Vowel signs and accents that are separate characters, as in Arabic, Thai and Indian scripts.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn is_latin(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic());
    word.chars().filter(char::is_ascii_alphabetic).count() >= LATIN_LETTERS && letters.count() * 3 >= word.len() * 2
}

/// Whether a word has a vowel, and at most one small letter directly before a capital (as in `LaTeX`, `McDonald`).
fn is_shaped(word: &str) -> bool {
    let vowel = word.chars().any(|c| !c.is_ascii() || "aeiouyAEIOUY".contains(c));
    let letters: Vec<char> = word.chars().filter(char::is_ascii_alphabetic).collect();
    let breaks = letters.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    vowel && breaks.count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use recto_domain::{BlockKind, Line, Rect, Word};

    fn text(text: &str) -> Vec<Block> {
        let word = |w: &str| Word { text: w.to_owned(), bbox: Rect::default(), confidence: 1.0 };
        let line = Line::of(0.0, text.split_whitespace().map(word).collect()).unwrap();
        vec![Block::of(BlockKind::Paragraph, vec![line]).unwrap()]
    }

    #[test]
    fn prose_and_invoices_are_plausible() {
        assert!(is_plausible(&text(
            "Rechnung Nr. 4711 vom 3. Mai 2014 ........ 1.234,50 € (inkl. 19 % MwSt.) Seite..........................3"
        )));
        assert!(is_plausible(&text("PROJECT No. 12 --------- DESCRIPTION OF THE WORKS")));
        assert!(is_plausible(&text("これは日本語です。 สวัสดีครับ नमस्ते مرحبا")));
    }

    #[test]
    fn shifted_codes_are_not() {
        assert!(!is_plausible(&text("\"7+%- $&'(!# .%&/")));
        assert!(!is_plausible(&text("Wklv lv grfxphqw vklfwhg wkuhh ohwwhuv xszdugv")));
        assert!(!is_plausible(&text("xQzRtB kLmNpQ wRtYpS zXcVbN qWrTzP")));
    }
}
