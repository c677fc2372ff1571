//! Text that is drawn more than once.

use proptest::prelude::*;

use crate::paper::Paper;

/// The advance of what the tests write in Helvetica, in thousandths of the type size.
pub(crate) fn width(c: char) -> f32 {
    match c {
        'i' | 'j' | 'l' => 222.0,
        'I' | 't' | 'f' | ' ' | '.' | ',' | ':' | '/' => 278.0,
        'r' | '-' | '(' | ')' => 333.0,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 500.0,
        'F' | 'T' | 'Z' => 611.0,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' => 667.0,
        'C' | 'D' | 'H' | 'N' | 'R' | 'U' | 'w' => 722.0,
        'G' | 'O' | 'Q' => 778.0,
        'm' | 'M' => 833.0,
        'W' => 944.0,
        _ => 556.0,
    }
}

/// Draws a line at each of the offsets, whole or letter by letter.
fn drawn(text: &str, size: f32, offsets: &[(f32, f32)], by_letter: bool) -> Paper {
    let mut paper = Paper::new();
    if by_letter {
        let mut x = 40.0;
        for c in text.chars() {
            for (dx, dy) in offsets {
                paper = paper.text("F1", size, x + dx, 200.0 + dy, &c.to_string());
            }
            x += width(c) * size / 1000.0;
        }
        return paper;
    }
    for (dx, dy) in offsets {
        paper = paper.text("F1", size, 40.0 + dx, 200.0 + dy, text);
    }
    paper
}

#[test]
fn a_block_that_is_drawn_again_later_is_read_once() {
    let mut paper = Paper::new();
    for _ in 0..2 {
        paper = paper
            .text("F1", 11.0, 40.0, 250.0, "Northwind Services Ltd")
            .text("F1", 11.0, 40.0, 236.0, "Consulting March")
            .text("F1", 11.0, 240.0, 236.0, "250.00")
            .text("F1", 11.0, 40.0, 222.0, "Travel")
            .text("F1", 11.0, 240.0, 222.0, "40.00");
    }
    assert_eq!(paper.words(), "Northwind Services Ltd Consulting March 250.00 Travel 40.00");
}

#[test]
fn a_shadow_is_read_once() {
    let paper = Paper::new().raw("0.7 g").text("F4", 20.0, 41.5, 198.5, "Balance sheet 2024").raw("0 g").text(
        "F4",
        20.0,
        40.0,
        200.0,
        "Balance sheet 2024",
    );
    assert_eq!(paper.words(), "Balance sheet 2024");
}

#[test]
fn letters_that_stand_beside_their_like_stay() {
    for font in ["F1", "F2", "F3", "F4"] {
        let text = "All bills: 111.11 (IIII) ..... ffi 00 :: lll";
        assert_eq!(Paper::new().text(font, 10.0, 40.0, 200.0, text).words(), text, "{font}");
    }
}

#[test]
fn letters_of_a_ligature_stay() {
    let paper = Paper::new().mapped(b'A', "ff").mapped(b'B', "ll").mapped(b'o', "o").mapped(b's', "s");
    assert_eq!(paper.codes(12.0, 40.0, 200.0, b"oAsoBs").words(), "offsolls");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_offset_of_bold_reads_once(
        text in "[A-Z][a-z]{1,8} [1-9],[0-9]{3}\\.[0-9]{2}", size in 6f32..30.0, dx in 0f32..0.1, dy in 0f32..0.06,
        copies in 1usize..4, by_letter in any::<bool>(),
    ) {
        let offsets: Vec<(f32, f32)> = [(0.0, 0.0), (dx, 0.0), (0.0, dy), (dx, dy)]
            .iter().take(copies + 1).map(|(x, y)| (x * size, y * size)).collect();
        prop_assert_eq!(drawn(&text, size, &offsets, by_letter).words(), text);
    }
}
