//! Properties of scripts that layout depends on.

/// Whether most letters of a text belong to right-to-left scripts.
#[must_use]
pub fn is_right_to_left(text: &str) -> bool {
    let (mut right, mut left) = (0usize, 0usize);
    for c in text.chars() {
        if is_right_to_left_letter(c) {
            right += 1;
        } else if c.is_alphabetic() {
            left += 1;
        }
    }
    right > left
}

/// Whether a letter is Hebrew, Arabic, Syriac, Thaana or N'Ko, including presentation forms.
fn is_right_to_left_letter(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}')
        && c.is_alphabetic()
}

/// Whether a character's script has no spaces between words, so that two lines are joined without one: Thai, Lao,
/// Burmese, Khmer, Chinese and Japanese.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{312f}'
        | '\u{3190}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_of_letters_decides_the_direction() {
        assert!(is_right_to_left("שלום 2026 OK"));
        assert!(is_right_to_left("١٢٣ السلام"));
        assert!(!is_right_to_left("peace שלום to you"));
        assert!(!is_right_to_left("12:30"));
    }
}
