//! Recognises headings among short lines.

use recto_domain::BlockKind;

use super::element::Align;
use super::sheet::{Sheet, TextLine};

/// How many times larger the type of a heading is than the page's text, at least.
const LARGER: f32 = 1.28;
/// From this ratio, a heading is a main heading.
const MUCH_LARGER: f32 = 1.6;
/// Lines read with less confidence are not headings.
const SURE: f32 = 0.6;
const MOST_WORDS: usize = 14;
const MOST_LINES: usize = 3;

/// The surroundings of some lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Other lines are as close as these are to each other.
    WithOthers,
    /// There is a gap above and below.
    Alone,
    /// There is running text above and below; above, beyond a gap.
    BetweenText,
}

/// The level (1 or 2) if some adjacent lines are a heading: the engine recognised one, they are in larger type, have a
/// section number, are in capitals between the margins, or stand between paragraphs.
pub(super) fn level(sheet: &Sheet, lines: &[&TextLine], align: Align, setting: Setting) -> Option<u8> {
    let words: Vec<&str> = lines.iter().flat_map(|l| &l.words).map(|w| w.text.as_str()).collect();
    let text = words.join(" ");
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if lines.len() > MOST_LINES || words.len() > MOST_WORDS || letters < 3 || letters * 5 < text.chars().count() * 2 {
        return None;
    }
    if text.ends_with([',', ';']) || lines.iter().any(|line| line.text().contains('\t')) {
        return None;
    }
    // A signature or a stain may be read as a few large letters.
    let doubtful = lines.iter().any(|line| line.confidence < SURE || line.sideways)
        || words.iter().all(|word| word.chars().count() < 4);
    if doubtful {
        return None;
    }
    let size = lines.iter().map(|l| l.em).fold(f32::MAX, f32::min) / sheet.em;
    if size >= MUCH_LARGER {
        return Some(1);
    }
    if size >= LARGER && !text.ends_with('.') {
        return Some(2);
    }
    let alone = setting == Setting::Alone || setting == Setting::BetweenText;
    if let Some(depth) = section_depth(words[0]).filter(|_| alone && words.len() > 1 && !text.ends_with('.')) {
        return Some(if depth > 2 { 2 } else { 1 });
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if alone && digits <= 4 && align == Align::Center && text == text.to_uppercase() && text != text.to_lowercase() {
        return Some(1);
    }
    // A few words between two paragraphs that end no sentence. They may be bold or underlined, which boxes do not show.
    let words_only = digits == 0 && (2..=8).contains(&words.len());
    let closed = super::joining::ends_sentence(&text) || !text.starts_with(char::is_uppercase);
    if setting == Setting::BetweenText && lines.len() == 1 && align != Align::End && words_only && !closed {
        return Some(2);
    }
    let kind = lines.iter().all(|line| line.kind == BlockKind::Heading);
    (kind && !super::joining::ends_sentence(&text)).then_some(2)
}

/// The depth of a section number: 2 for `3.1`; `None` for any other word, and for `3.` or `12`, which begin list items
/// and sums more often than sections.
fn section_depth(word: &str) -> Option<usize> {
    let numbers: Vec<&str> = word.strip_suffix('.').unwrap_or(word).split('.').collect();
    let number = |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (numbers.len() > 1 && numbers.iter().all(number)).then_some(numbers.len())
}

#[cfg(test)]
mod tests {
    use super::section_depth;

    #[test]
    fn numbers_of_sections_have_points_inside() {
        assert_eq!(section_depth("3.2.2"), Some(3));
        assert_eq!(section_depth("6.3."), Some(2));
        for word in ["3.", "12", "1.250", "3.a", "", "..", "1996.5"] {
            assert_eq!(section_depth(word), None, "{word}");
        }
    }
}
