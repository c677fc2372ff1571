//! Joining lines into one text.

use super::script::is_unspaced;

/// Appends a line to the text of a paragraph. A word hyphenated at the line's end is joined: without the hyphen when it
/// continues in lower case (`exam-` `ine`), with it when it was already a compound (`day-to-` `day`) or continues with
/// a capital or a digit (`Franco-` `German`).
pub(super) fn append_line(text: &mut String, line: &str) {
    let (Some(last), Some(first)) = (text.chars().next_back(), line.chars().next()) else {
        text.push_str(line);
        return;
    };
    if is_unspaced(last) && is_unspaced(first) {
        text.push_str(line);
        return;
    }
    // Engines read a blurred hyphen as a hyphen and a dash.
    if text.ends_with("-—") && first.is_lowercase() {
        text.pop();
    }
    match parted_word(text) {
        Some(Hyphen::Soft) => {
            text.pop();
        }
        Some(Hyphen::Parting) if first.is_lowercase() => {
            text.pop();
        }
        Some(Hyphen::Parting | Hyphen::Compound) if first.is_alphanumeric() => {}
        _ => text.push(' '),
    }
    text.push_str(line);
}

/// Whether a text ends within a hyphenated word.
pub(super) fn ends_in_parted_word(text: &str) -> bool {
    parted_word(text).is_some()
}

/// Whether a text ends like a sentence, ignoring closing quotes and brackets.
pub(super) fn ends_sentence(text: &str) -> bool {
    let closing = |c: char| matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '」' | '』');
    text.trim_end_matches(closing).ends_with(['.', '!', '?', ':', '…', '。', '！', '？', '؟', '۔', '।'])
}

enum Hyphen {
    /// U+00AD: a soft hyphen, which is always removed.
    Soft,
    /// After a word without other hyphens.
    Parting,
    /// After a word that already has a hyphen.
    Compound,
}

fn parted_word(text: &str) -> Option<Hyphen> {
    let last = text.chars().next_back()?;
    let before = &text[..text.len() - last.len_utf8()];
    match last {
        '\u{ad}' => Some(Hyphen::Soft),
        '-' | '\u{2010}' | '\u{ac}' => {
            let word = before.rsplit(char::is_whitespace).next().unwrap_or(before);
            if !word.ends_with(char::is_alphanumeric) {
                None
            } else if word.contains(['-', '\u{2010}']) || !word.ends_with(char::is_alphabetic) {
                Some(Hyphen::Compound)
            } else {
                Some(Hyphen::Parting)
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn joined(lines: &[&str]) -> String {
        let mut text = String::new();
        for line in lines {
            append_line(&mut text, line);
        }
        text
    }

    #[test]
    fn parted_words_are_put_together() {
        assert_eq!(joined(&["to exam-", "ine the books"]), "to examine the books");
        assert_eq!(joined(&["the Franco-", "German war of 1870-", "1871"]), "the Franco-German war of 1870-1871");
        assert_eq!(joined(&["on a day-to-", "day basis"]), "on a day-to-day basis");
        assert_eq!(joined(&["soft\u{ad}", "Ware"]), "softWare");
        assert_eq!(joined(&["a dash -", "and more"]), "a dash - and more");
        assert_eq!(joined(&["春眠不", "覚暁"]), "春眠不覚暁");
        assert_eq!(joined(&["one", "two"]), "one two");
    }

    #[test]
    fn a_sentence_may_end_in_quotes() {
        assert!(ends_sentence("he said \"no.\")") && ends_sentence("終。") && ends_sentence("namely:"));
        assert!(!ends_sentence("and so (") && !ends_sentence("") && !ends_sentence("Mr, "));
    }

    proptest! {
        #[test]
        fn nothing_but_blanks_and_hyphens_comes_or_goes(lines in prop::collection::vec("[a-zA-Z0-9 .-]{0,12}", 0..8)) {
            let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
            let kept = |s: &str| s.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>();
            prop_assert_eq!(kept(&joined(&lines)), kept(&lines.concat()));
        }
    }
}
