//! Words that are set with wide letter spacing, and words that only a narrow gap parts.

use proptest::prelude::*;

use crate::doubled::width;
use crate::paper::Paper;

/// Each letter placed by itself, words apart by a gap and letters by spacing, in type sizes.
fn placed(words: &[&str], size: f32, spacing: f32, word_gap: f32) -> Paper {
    let (mut paper, mut x) = (Paper::new(), 20.0);
    for word in words {
        for c in word.chars() {
            paper = paper.text("F1", size, x, 200.0, &c.to_string());
            x += (width(c) / 1000.0 + spacing) * size;
        }
        x += (word_gap - spacing) * size;
    }
    paper
}

/// Each word placed by itself, apart by a gap in type sizes.
fn apart(words: &[&str], size: f32, gap: f32) -> Paper {
    let (mut paper, mut x) = (Paper::new(), 20.0);
    for word in words {
        paper = paper.text("F1", size, x, 200.0, word);
        x += (word.chars().map(width).sum::<f32>() / 1000.0 + gap) * size;
    }
    paper
}

#[test]
fn spaces_typed_between_letters_make_no_words() {
    let read = |text: &str| Paper::new().text("F1", 12.0, 40.0, 200.0, text).words();
    assert_eq!(read("R E C H N U N G"), "RECHNUNG");
    assert_eq!(read("T O T A L   D U E"), "TOTAL DUE");
    assert_eq!(read("A B C D E F"), "A B C D E F");
    assert_eq!(read("M T W T F S S"), "M T W T F S S");
    assert_eq!(read("I am a man"), "I am a man");
    assert_eq!(read("1 2 3 4 5"), "1 2 3 4 5");
}

#[test]
fn letters_in_cells_of_a_table_are_no_word() {
    let mut paper = Paper::new();
    for (i, mark) in ["A", "C", "B", "A", "D"].iter().enumerate() {
        paper = paper.text("F1", 10.0, 40.0 + 30.0 * i as f32, 200.0, mark);
    }
    assert_eq!(paper.words(), "A C B A D");
}

#[test]
fn a_spaced_label_stands_beside_a_solid_value() {
    let paper = Paper::new()
        .raw("4 Tc")
        .text("F4", 11.0, 40.0, 200.0, "TOTAL DUE")
        .raw("0 Tc")
        .text("F1", 11.0, 150.0, 200.0, "1,250.00");
    assert_eq!(paper.words(), "TOTAL DUE 1,250.00");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_letter_spacing_makes_words(
        size in 6f32..24.0, spacing in 0f32..0.6, font in prop_oneof![Just("F1"), Just("F2"), Just("F4")],
        text in "[A-Z]{3,7} [A-Z]{2,6} [A-Z]{3,5}",
    ) {
        let paper = Paper::new().raw(&format!("{} Tc", spacing * size)).text(font, size, 10.0, 200.0, &text);
        let length: f32 = text.chars().map(|c| width(c) / 1000.0 + spacing).sum::<f32>() * size;
        prop_assume!(length < 360.0);
        prop_assert_eq!(paper.words(), text);
    }

    #[test]
    fn letters_placed_one_by_one_make_words(size in 6f32..16.0, spacing in 0f32..0.35) {
        let words = ["THE", "HUMAN", "SIDE"];
        prop_assert_eq!(placed(&words, size, spacing, 2.0 * spacing + 0.28).words(), words.join(" "));
    }

    #[test]
    fn any_narrow_gap_parts_words(size in 6f32..16.0, gap in 0.1f32..0.3) {
        let words = ["important", "factors", "that", "regulate", "it"];
        prop_assert_eq!(apart(&words, size, gap).words(), words.join(" "));
    }
}
