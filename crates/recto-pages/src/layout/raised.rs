//! Small raised characters: exponents, footnote marks, degree signs.

use super::word::{Glyph, base_of};

/// A raised character is at least this share of the type size above the baseline, …
const RISE: f32 = 0.15;
/// … and no larger than this share of it; …
const SMALLER: f32 = 0.85;
/// … or it has full size and is raised by at least this share.
const RISE_OF_FULL_SIZE: f32 = 0.25;
/// Raised letters that form an ordinal number: 1st, 2o, 3e, 1er, 4a.
const ORDINAL: [&str; 14] = ["st", "nd", "rd", "th", "o", "a", "e", "er", "re", "ers", "res", "es", "me", "º"];

/// The characters of a word as they should be read. Raised digits become Unicode superscripts, so that `m²` is not read
/// as m2, and a footnote mark is not read as a digit of the amount before it.
pub(super) fn text_of(glyphs: &[&Glyph]) -> String {
    let raised = raised(glyphs);
    if !raised.contains(&true) {
        return glyphs.iter().map(|g| g.text).collect();
    }
    let at = |i: usize| glyphs.get(i).map(|g| g.text);
    (0..glyphs.len())
        .map(|i| {
            let c = glyphs[i].text;
            let after_figure = i > 0 && !raised[i - 1] && glyphs[i - 1].text.is_numeric();
            let before_scale = matches!(at(i + 1), Some('C' | 'F')) && at(i + 2).is_none_or(|c| !c.is_alphabetic());
            match c {
                '0' | 'o' | 'O' if raised[i] && before_scale && (i == 0 || after_figure) => '°',
                _ if raised[i] => superscript(c),
                _ => c,
            }
        })
        .collect()
}

/// Removes raised letters after an amount: they are a footnote mark.
pub(super) fn without_marks<'a, 'b>(glyphs: &'a [&'b Glyph]) -> Vec<&'a [&'b Glyph]> {
    let raised = raised(glyphs);
    let Some(end) = raised.iter().rposition(|raised| !raised) else { return vec![glyphs] };
    let (amount, mark) = glyphs.split_at(end + 1);
    let text = |part: &[&Glyph]| part.iter().map(|g| g.text).collect::<String>();
    let ends_in_figure = amount.last().is_some_and(|g| g.text.is_ascii_digit() || g.text == '%');
    let is_mark = mark.first().is_some_and(|g| g.text.is_alphabetic());
    let number = text(amount);
    let whole = number.rsplit(|c: char| !c.is_ascii_digit() && !".,'".contains(c)).next().unwrap_or_default();
    let is_counted = whole.len() == number.len() || !number.contains(|c: char| ".,%$€£¥".contains(c));
    let is_ordinal = is_counted && whole.chars().all(|c| c.is_ascii_digit());
    if ends_in_figure && is_mark && !(is_ordinal && ORDINAL.contains(&text(mark).to_lowercase().as_str())) {
        vec![amount, mark]
    } else {
        vec![glyphs]
    }
}

/// Which of a word's characters are raised relative to the others.
fn raised(glyphs: &[&Glyph]) -> Vec<bool> {
    let Some(base) = base_of(glyphs) else { return Vec::new() };
    let baseline = base.direction.to_frame(base.origin).y;
    glyphs
        .iter()
        .map(|g| {
            let rise = (baseline - g.direction.to_frame(g.origin).y) / base.size;
            rise >= RISE && g.size <= SMALLER * base.size || rise >= RISE_OF_FULL_SIZE
        })
        .collect()
}

/// The superscript of a digit or sign, if there is one.
fn superscript(c: char) -> char {
    match c {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32('⁴' as u32 + (c as u32 - '4' as u32)).unwrap_or(c),
        '+' => '⁺',
        '-' | '−' | '‐' | '‑' | '–' => '⁻',
        '=' => '⁼',
        '(' => '⁽',
        ')' => '⁾',
        _ => c,
    }
}
