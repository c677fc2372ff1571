//! Escapes text so that Markdown shows it unchanged.

/// Text within a line. Characters with a meaning in Markdown get a backslash (`CommonMark` 0.31, section 2.4). A tab,
/// which stands for a wide gap, becomes an em space.
pub(super) fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\t' => escaped.push('\u{2003}'),
            // Control characters are invisible, and end lines in some readers.
            c if c.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

/// An escaped line whose beginning would otherwise make it an item, a rule, or the underline of a heading.
pub(super) fn start_of_line(escaped: &str) -> String {
    if escaped.starts_with(['-', '+', '=', ':']) {
        return format!("\\{escaped}");
    }
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    match escaped.as_bytes().get(digits) {
        Some(b'.' | b')') if (1..=9).contains(&digits) => format!("{}\\{}", &escaped[..digits], &escaped[digits..]),
        _ => escaped.to_owned(),
    }
}

/// Text in a cell of a table, which is one line.
pub(super) fn cell(text: &str) -> String {
    text.split('\n').map(|line| inline(line.trim_end_matches('\r'))).collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn signs_mean_themselves() {
        assert_eq!(inline("*a* [b](c) <script> & |"), r"\*a\* \[b\](c) \<script\> \& \|");
        assert_eq!(start_of_line("1. May"), "1\\. May");
        assert_eq!(start_of_line("12) x"), "12\\) x");
        assert_eq!(start_of_line("1.5 litres"), "1\\.5 litres");
        assert_eq!(start_of_line("- a"), "\\- a");
        assert_eq!(cell("a|b\r\nc"), "a\\|b<br>c");
    }

    proptest! {
        #[test]
        fn taking_the_backslashes_away_gives_the_text_back(text in "\\PC*") {
            let mut plain = String::new();
            let escaped = start_of_line(&inline(&text));
            let mut characters = escaped.chars();
            while let Some(c) = characters.next() {
                plain.extend(if c == '\\' { characters.next() } else { Some(c) });
            }
            prop_assert_eq!(plain, text);
        }
    }
}
