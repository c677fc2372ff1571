//! Converts characters from visual to logical order.
//!
//! Unicode's bidirectional algorithm (UAX #9) computes the visual order of a text. Here it is inverted: the text is
//! searched that it would display as printed on the page.

use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

/// Brackets and quotation marks that are mirrored in right-to-left text.
const MIRRORED: [(char, char); 6] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›')];
/// The most steps of the search; the second or third step usually finds the text.
const MAX_STEPS: usize = 8;

/// Whether the character is relevant in lines with two directions: letters of right-to-left scripts, and the digits
/// written among them.
pub(super) fn has_direction(c: char) -> bool {
    !c.is_ascii() && matches!(bidi_class(c), BidiClass::R | BidiClass::AL | BidiClass::AN) || is_persian_digit(c)
}

/// Whether the character is a letter of a right-to-left script.
pub(crate) fn is_right_to_left(c: char) -> bool {
    !c.is_ascii() && matches!(bidi_class(c), BidiClass::R | BidiClass::AL)
}

/// Persian and Urdu digits, which the algorithm treats like European ones.
fn is_persian_digit(c: char) -> bool {
    ('\u{6F0}'..='\u{6F9}').contains(&c)
}

/// The logical order of characters given from left to right, in a line with this base direction. For each place in the
/// text, gives the index of the character in `visual`, and the character itself, replaced by its mirror image if it is
/// mirrored.
pub(super) fn logical(visual: &[char], right_to_left: bool) -> Vec<(usize, char)> {
    let base = if right_to_left { Level::rtl() } else { Level::ltr() };
    let all: Vec<usize> = (0..visual.len()).collect();
    // Applying the algorithm almost inverts it; alternatively, the words are ordered one by one.
    let first = set(visual, &all, base).0;
    let second = by_words(visual, base);
    let found = [&first, &second].into_iter().find_map(|start| logical_order(visual, start.clone(), base));
    let (order, levels) = found.unwrap_or_else(|| {
        let levels = set(visual, &second, base).1;
        (second, levels)
    });
    let mut text: Vec<(usize, char)> = order.into_iter().map(|p| (p, visual[p])).collect();
    pair_brackets(&mut text, &levels);
    text
}

/// The text, with its levels, that the algorithm displays as the line, searched from a text that nearly does.
fn logical_order(visual: &[char], mut order: Vec<usize>, base: Level) -> Option<(Vec<usize>, Vec<Level>)> {
    for _ in 0..MAX_STEPS {
        let (places, levels) = set(visual, &order, base);
        // `places[p]` is the place in the text of the character that the algorithm displays at `p`.
        if places.iter().enumerate().all(|(p, &i)| order[i] == p) {
            return Some((order, levels));
        }
        let mut next = vec![0; order.len()];
        for (p, &i) in places.iter().enumerate() {
            next[i] = p;
        }
        order = next;
    }
    None
}

/// The words of a line in the order of its direction, each in its own order.
fn by_words(visual: &[char], base: Level) -> Vec<usize> {
    let places: Vec<usize> = (0..visual.len()).collect();
    let mut words: Vec<&[usize]> = places.chunk_by(|a, b| (visual[*a] == ' ') == (visual[*b] == ' ')).collect();
    if base.is_rtl() {
        words.reverse();
    }
    words
        .into_iter()
        .flat_map(|word| set(visual, word, base).0.into_iter().map(|i| word[i]).collect::<Vec<_>>())
        .collect()
}

/// The characters of a line from left to right as displayed.
pub(super) fn on_page(text: &str) -> Vec<char> {
    let characters: Vec<char> = text.chars().collect();
    if !characters.iter().any(|&c| has_direction(c)) {
        return characters;
    }
    let base = if characters.iter().find(|c| c.is_alphabetic()).is_some_and(|&c| is_right_to_left(c)) {
        Level::rtl()
    } else {
        Level::ltr()
    };
    let all: Vec<usize> = (0..characters.len()).collect();
    set(&characters, &all, base).0.into_iter().map(|place| characters[place]).collect()
}

/// The result of the algorithm for a text: for each place on the line, from the left, the place in the text; and the
/// level of each character. `order` gives the characters of the text by their index in `characters`.
fn set(characters: &[char], order: &[usize], base: Level) -> (Vec<usize>, Vec<Level>) {
    let text: String = order.iter().map(|&i| line_character(characters[i])).collect();
    let info = BidiInfo::new(&text, Some(base));
    let Some(paragraph) = info.paragraphs.first() else { return (Vec::new(), Vec::new()) };
    let levels = info.reordered_levels_per_char(paragraph, paragraph.range.clone());
    (BidiInfo::reorder_visual(&levels), levels)
}

/// Characters that would end the paragraph or change its direction are treated as ordinary ones.
fn line_character(c: char) -> char {
    use BidiClass::{B, FSI, LRE, LRI, LRO, PDF, PDI, RLE, RLI, RLO};
    if matches!(bidi_class(c), B | FSI | LRE | LRI | LRO | PDF | PDI | RLE | RLI | RLO) { '\u{FFFC}' } else { c }
}

/// Corrects the brackets in right-to-left text so that they form pairs.
///
/// Files encode such a bracket by its look, by its meaning, or both ways mixed; pairing shows which.
fn pair_brackets(text: &mut [(usize, char)], levels: &[Level]) {
    for (open, close) in MIRRORED {
        let places: Vec<usize> =
            (0..text.len()).filter(|&i| levels[i].is_rtl() && [open, close].contains(&text[i].1)).collect();
        let told: Vec<bool> = places.iter().map(|&i| text[i].1 == open).collect();
        let turned: Vec<bool> = told.iter().map(|opens| !opens).collect();
        let opening = if is_balanced(&told) {
            told
        } else if is_balanced(&turned) {
            turned
        } else if told.len().is_multiple_of(2) {
            (0..told.len()).map(|i| i % 2 == 0).collect()
        } else {
            continue;
        };
        for (i, opens) in places.into_iter().zip(opening) {
            text[i].1 = if opens { open } else { close };
        }
    }
}

/// Whether each opening bracket is closed, and none is closed before it is opened.
fn is_balanced(opening: &[bool]) -> bool {
    let mut depth = 0i32;
    let never_below = opening.iter().all(|&opens| {
        depth += if opens { 1 } else { -1 };
        depth >= 0
    });
    never_below && depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A text as displayed by the algorithm, with mirrored brackets.
    fn set_on_page(text: &str, right_to_left: bool) -> Vec<char> {
        let base = if right_to_left { Level::rtl() } else { Level::ltr() };
        let characters: Vec<char> = text.chars().collect();
        let order: Vec<usize> = (0..characters.len()).collect();
        let (places, levels) = set(&characters, &order, base);
        let mirrored = |c: char| {
            let pair = MIRRORED.iter().find(|(a, b)| [*a, *b].contains(&c));
            pair.map_or(c, |&(a, b)| if c == a { b } else { a })
        };
        places.iter().map(|&i| if levels[i].is_rtl() { mirrored(characters[i]) } else { characters[i] }).collect()
    }

    fn read(visual: &[char], right_to_left: bool) -> String {
        logical(visual, right_to_left).into_iter().map(|(_, c)| c).collect()
    }

    #[test]
    fn lines_come_back_as_they_were_written() {
        for text in [
            "תאריך: 14/03/2025",
            "מספר חשבונית: 20418",
            "עבור העבודות (שלב א) שבוצעו ב-2024",
            "סה\"כ 1,250.00 ₪ כולל מע\"מ 17%",
            "رقم الفاتورة: INV-2025/117",
            "التاريخ: ١٤/٠٣/٢٠٢٥",
            "المجموع ١٬٢٥٠٫٠٠ ريال",
            "مبلغ کل: ۱۲۵٬۰۰۰ ریال",
            "שלום (עולם [פנימי]) סוף",
            "טלפון 03-1234567 פקס 03-7654321",
            "חברת ABC Ltd. בע\"מ",
        ] {
            assert_eq!(read(&set_on_page(text, true), true), text);
        }
        let english = "The word שלום עולם (peace) 12";
        assert_eq!(read(&set_on_page(english, false), false), english);
    }

    #[test]
    fn brackets_told_by_their_meaning_stay() {
        let visual: Vec<char> = ")א בלש(".chars().collect();
        assert_eq!(read(&visual, true), "(שלב א)");
        let visual: Vec<char> = "(א בלש)".chars().collect();
        assert_eq!(read(&visual, true), "(שלב א)");
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            "[א-ת]{2,7}",
            "[ابتثجحخدذرزسشصضطظعغفقكلمنهوي]{2,7}",
            "[1-9][0-9]{0,4}",
            "[1-9][0-9]{0,2},[0-9]{3}\\.[0-9]{2}",
            "[0-3][0-9]/[01][0-9]/20[0-9]{2}",
            "[٠-٩]{1,5}",
            "[۰-۹]{1,5}",
            "[A-Z]{2,5}",
        ]
    }

    proptest! {
        #[test]
        fn any_line_of_words_and_numbers_comes_back(
            first in "[א-ת]{2,7}", words in proptest::collection::vec(word(), 0..8), bracketed in any::<bool>(),
        ) {
            let rest = words.join(" ");
            let text = if bracketed && !rest.is_empty() { format!("{first} ({rest})") } else { format!("{first} {rest}") };
            let text = text.trim();
            let visual = set_on_page(text, true);
            let back = read(&visual, true);
            // Several texts may look the same; the result at least looks like the page.
            prop_assert_eq!(set_on_page(&back, true), visual);
        }

        #[test]
        fn any_line_without_latin_letters_comes_back_word_for_word(
            words in proptest::collection::vec(prop_oneof!["[א-ת]{2,7}", "[1-9][0-9]{0,2},[0-9]{3}\\.[0-9]{2}"], 1..8),
        ) {
            let text = format!("סך {}", words.join(" "));
            prop_assert_eq!(read(&set_on_page(&text, true), true), text);
        }

        #[test]
        fn any_characters_come_back_each_once(visual in "\\PC{0,40}", from_right in any::<bool>()) {
            let visual: Vec<char> = visual.chars().collect();
            let mut places: Vec<usize> = logical(&visual, from_right).into_iter().map(|(p, _)| p).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..visual.len()).collect::<Vec<_>>());
        }
    }
}
