//! Lines that run from right to left.

use std::collections::BTreeMap;

use proptest::prelude::*;
use unicode_bidi::{BidiInfo, Level};

use crate::paper::Paper;

/// How a producer writes a line.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// From left to right as it stands, in one piece.
    AsItStands,
    /// From left to right, each word by itself.
    WordByWord,
    /// Each letter in its place, in the order of reading.
    LetterByLetter,
}

/// A line of one text, each letter half as wide as the type is large. Brackets are told by their look.
fn line(text: &str, way: Way) -> Paper {
    const SIZE: f32 = 10.0;
    let info = BidiInfo::new(text, Some(Level::rtl()));
    let levels = info.reordered_levels_per_char(&info.paragraphs[0], 0..text.len());
    let characters: Vec<char> = text.chars().collect();
    let visual = BidiInfo::reorder_visual(&levels);
    let look = |i: usize| match characters[i] {
        '(' if levels[i].is_rtl() => ')',
        ')' if levels[i].is_rtl() => '(',
        c => c,
    };
    let mut codes: BTreeMap<char, u8> = BTreeMap::new();
    let mut paper = Paper::new();
    for (i, &c) in characters.iter().enumerate() {
        let code = if c == ' ' { b' ' } else { 0x30 + codes.len() as u8 };
        if *codes.entry(look(i)).or_insert(code) == code {
            paper = paper.mapped(code, &look(i).to_string());
        }
    }
    let code = |i: usize| codes[&look(i)];
    let x = |place: usize| 20.0 + place as f32 * SIZE / 2.0;
    match way {
        Way::AsItStands => paper.codes(SIZE, x(0), 200.0, &visual.iter().map(|&i| code(i)).collect::<Vec<_>>()),
        Way::WordByWord => {
            let places: Vec<usize> = (0..visual.len()).collect();
            for word in places.split(|&place| characters[visual[place]] == ' ').filter(|word| !word.is_empty()) {
                paper =
                    paper.codes(SIZE, x(word[0]), 200.0, &word.iter().map(|&p| code(visual[p])).collect::<Vec<_>>());
            }
            paper
        }
        Way::LetterByLetter => {
            for i in 0..characters.len() {
                let place = visual.iter().position(|&other| other == i).unwrap();
                paper = paper.codes(SIZE, x(place), 200.0, &[code(i)]);
            }
            paper
        }
    }
}

#[test]
fn lines_are_read_as_they_were_written() {
    for way in [Way::AsItStands, Way::WordByWord, Way::LetterByLetter] {
        for text in [
            "תאריך: 14/03/2025",
            "עבור העבודות (שלב א) שבוצעו ב-2024.",
            "رقم الفاتورة: INV-2025/117",
            "التاريخ: ١٤/٠٣/٢٠٢٥",
            "المجموع ١٬٢٥٠٫٠٠ ريال",
            "مبلغ کل: ۱۲۵٬۰۰۰ ریال",
            "סך הכל 1,250.00 ש\"ח",
        ] {
            assert_eq!(line(text, way).words(), text, "{way:?}");
        }
    }
}

#[test]
fn a_ligature_of_lam_and_alef_is_read_in_its_order() {
    // As the map of a font that joins them has it, and as a presentation form.
    for joined in ["لأ", "\u{FEF7}"] {
        let paper =
            Paper::new().mapped(b'a', "ا").mapped(b'b', joined).mapped(b'c', "ع").mapped(b'd', "م").mapped(b'e', "ل");
        assert_eq!(paper.codes(12.0, 40.0, 200.0, b"eadcba").words(), "الأعمال");
    }
}

#[test]
fn a_row_of_figures_on_such_a_page_is_read_from_the_right() {
    let paper = Paper::new().mapped(b'a', "א").mapped(b'b', "ב").mapped(b'c', "ג");
    let paper = paper
        .codes(10.0, 300.0, 250.0, b"abcabc")
        .codes(10.0, 100.0, 250.0, b"cabcab")
        .text("F1", 10.0, 300.0, 230.0, "12")
        .text("F1", 10.0, 100.0, 230.0, "1,250.00");
    assert!(paper.words().ends_with("12 1,250.00"), "{}", paper.words());
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[א-ת]{2,6}", "[1-9][0-9]{0,4}", "[1-9],[0-9]{3}\\.[0-9]{2}", "[0-3][0-9]/[01][0-9]/20[0-9]{2}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_line_of_words_and_numbers_comes_back(
        words in proptest::collection::vec(word(), 1..6),
        way in prop_oneof![Just(Way::AsItStands), Just(Way::WordByWord), Just(Way::LetterByLetter)],
    ) {
        let text = format!("שלום {}", words.join(" "));
        prop_assert_eq!(line(&text, way).words(), text);
    }
}
