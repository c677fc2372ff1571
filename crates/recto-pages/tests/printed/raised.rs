//! Footnote marks, exponents and degrees.

use proptest::prelude::*;

use crate::doubled::width;
use crate::paper::Paper;

/// A text with a small raised part and what follows.
fn raised(text: &str, mark: &str, rest: &str, size: f32, smaller: f32, rise: f32) -> Paper {
    let length = |text: &str, size: f32| text.chars().map(width).sum::<f32>() / 1000.0 * size;
    let behind = 20.0 + length(text, size);
    let end = behind + length(mark, smaller * size);
    Paper::new()
        .text("F1", size, 20.0, 200.0, text)
        .text("F1", smaller * size, behind, 200.0 + rise * size, mark)
        .text("F1", size, end, 200.0, rest)
}

fn read(text: &str, mark: &str, rest: &str) -> String {
    raised(text, mark, rest, 11.0, 0.62, 0.35).words()
}

#[test]
fn exponents_and_degrees_are_what_they_are() {
    assert_eq!(read("Area 96 m", "2", ", in all"), "Area 96 m², in all");
    assert_eq!(read("3.2 x 10", "-3", " mol"), "3.2 x 10⁻³ mol");
    assert_eq!(read("at 250 ", "o", "C in air"), "at 250 °C in air");
    assert_eq!(read("as noted.", "14", " It went on"), "as noted.¹⁴ It went on");
}

#[test]
fn ordinal_numbers_stay_and_letters_behind_amounts_do_not() {
    assert_eq!(read("the 1", "st", " of May"), "the 1st of May");
    assert_eq!(read("Fee $1,320.00", "b", " each"), "Fee $1,320.00 b each");
}

#[test]
fn small_capitals_and_fractions_of_the_line_stay() {
    let paper = Paper::new().text("F1", 12.0, 40.0, 200.0, "V").text("F1", 9.6, 48.0, 200.0, "AT2");
    assert_eq!(paper.words(), "VAT2");
    assert_eq!(raised("H", "2", "O is", 11.0, 0.62, -0.15).words(), "H2O is");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_mark_stays_out_of_the_amount(
        amount in "\\$[1-9][0-9]{0,2},[0-9]{3}(\\.[0-9]{2})?", mark in "[1-9][0-9]?|\\([1-9]\\)", size in 7f32..20.0,
        smaller in 0.5f32..0.8, rise in 0.2f32..0.5,
    ) {
        let words = raised(&format!("Total {amount}"), &mark, " a month", size, smaller, rise).words();
        let rest = words.strip_prefix(&format!("Total {amount}")).map(str::to_owned);
        prop_assert!(rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()) && rest.ends_with(" a month")), "{}", words);
    }
}
