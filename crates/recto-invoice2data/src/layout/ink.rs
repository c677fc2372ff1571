//! The font size and the baseline of words, derived from the boxes around their ink.

use recto_domain::{Line, Word};

/// Heights of letters in parts of the font size, as in common text faces: from the baseline to the top of capitals,
/// digits and ascenders, to the top of small letters, and from the baseline down to the bottom of descenders.
const TALL: f32 = 0.72;
const SMALL: f32 = 0.53;
const DEEP: f32 = 0.21;
/// How far a comma or semicolon extends below the baseline, in parts of the font size.
const COMMA: f32 = 0.12;
/// Words whose size differs from that of their line by more than this part have a font size of their own.
const OWN_SIZE: f32 = 0.3;

/// A word with its typographic measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SetWord<'a> {
    pub(super) word: &'a Word,
    /// The left end of its advance, in points: a little before the ink.
    pub(super) left: f32,
    /// The right end of its advance, in points.
    pub(super) right: f32,
    /// The baseline, in points from the top of the page.
    pub(super) base: f32,
    /// Font size in points.
    pub(super) size: f32,
}

/// The words of a line with their sizes and baselines. Words of punctuation alone (`:`, `-`) take those of their line.
pub(super) fn set_words(line: &Line) -> Vec<SetWord<'_>> {
    let told: Vec<Option<(f32, f32)>> = line.words.iter().map(size_and_base).collect();
    let middle = |mut values: Vec<f32>| {
        values.sort_by(f32::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let line_size = middle(told.iter().flatten().map(|told| told.0).collect())
        .unwrap_or_else(|| line.bbox.height.max(1.0) / (TALL + DEEP));
    let line_base = middle(told.iter().flatten().map(|told| told.1).collect()).unwrap_or_else(|| line.bbox.bottom());
    line.words
        .iter()
        .zip(told)
        .map(|(word, told)| {
            let (size, base) = match told {
                Some((size, base)) if (size - line_size).abs() > OWN_SIZE * line_size => (size, base),
                Some((_, base)) if (base - line_base).abs() > 0.3 * line_size => (line_size, base),
                _ => (line_size, line_base),
            };
            let bearing = 0.04 * size;
            SetWord { word, left: word.bbox.x - bearing, right: word.bbox.right() + bearing, base, size }
        })
        .collect()
}

/// The words of a line that runs up or down the page. They are printed in one row at the top of the line, as if they
/// were on top of each other, so that everything to the right of the line is right of all of them.
pub(super) fn set_turned_words(line: &Line) -> Vec<SetWord<'_>> {
    let size = line.bbox.width.max(1.0);
    let set = |(index, word)| {
        // Just enough to keep the order.
        let left = line.bbox.x + index as f32 * 0.01;
        SetWord { word, left, right: left, base: line.bbox.y + size, size }
    };
    line.words.iter().enumerate().map(set).collect()
}

/// The font size and the baseline. `None` when they cannot be derived: without letters and digits, or with ink of no
/// height.
fn size_and_base(word: &Word) -> Option<(f32, f32)> {
    let (mut tall, mut small, mut below) = (false, false, 0.0_f32);
    for c in word.text.chars() {
        match c {
            'g' | 'p' | 'q' | 'y' | 'ç' => (small, below) = (true, below.max(DEEP)),
            'j' | 'Q' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' | '$' | '@' => {
                (tall, below) = (true, below.max(if matches!(c, 'Q' | '/' | '$') { 0.02 } else { DEEP }));
            }
            ',' | ';' => below = below.max(COMMA),
            'a' | 'c' | 'e' | 'm' | 'n' | 'o' | 'r' | 's' | 'u' | 'v' | 'w' | 'x' | 'z' => small = true,
            c if c.is_alphanumeric() => tall = true,
            _ => {}
        }
    }
    let above = match (tall, small) {
        (true, _) => TALL,
        (false, true) => SMALL,
        (false, false) => return None,
    };
    let size = word.bbox.height / (above + below);
    (size > 0.1).then(|| (size, word.bbox.bottom() - below * size))
}

#[cfg(test)]
mod tests {
    use recto_domain::Rect;

    use super::*;

    fn word(text: &str, y: f32, height: f32) -> Word {
        let bbox = Rect { x: 0.0, y, width: 10.0, height };
        Word { text: text.to_owned(), bbox, confidence: 1.0 }
    }

    #[test]
    fn letters_tell_size_and_baseline() {
        let line = Line::of(
            0.0,
            vec![word("Hut", 2.8, 7.2), word("aus", 4.7, 5.3), word("pup", 4.7, 7.4), word("-", 7.0, 1.0)],
        );
        for set in set_words(&line.unwrap()) {
            assert!((set.size - 10.0).abs() < 0.1 && (set.base - 10.0).abs() < 0.1, "{set:?}");
        }
    }
}
