//! Derives regular expressions from the way known values are written.

use std::fmt::Write;

/// A known value within its row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    /// The text before it in the row.
    pub(super) before: String,
    /// The value as printed.
    pub(super) value: String,
    /// The text after it.
    pub(super) after: String,
}

/// The most words before the values that are included in the pattern if they are common to all.
const MAX_WORDS: usize = 4;

/// A regular expression whose first group matches every one of the values, and others written like them; `None` when
/// they have nothing in common that distinguishes them from the rest of the page.
pub(super) fn pattern(written: &[Written]) -> Option<String> {
    let first = written.first()?;
    let before = common_words(written);
    let mut pattern = String::new();
    match before.is_empty() {
        true if written.iter().all(|w| w.before.is_empty()) => pattern.push('^'),
        true => pattern.push_str(r"(?:^|\s)"),
        false => {
            for word in &before {
                let _ = write!(pattern, r"{}\s*", regex::escape(word));
            }
        }
    }
    // After a word that names it, a code may begin with other letters.
    let shape = common_shape(written, before.is_empty());
    let is_last = written.iter().all(|w| w.after.is_empty());
    match (&shape, before.is_empty()) {
        // A shape is distinctive if it has letters of its own.
        (Some(shape), true) if shape.iter().any(has_letters) => {
            let _ = write!(pattern, "({})", source(shape));
        }
        (Some(shape), false) => {
            let _ = write!(pattern, "({})", source(shape));
        }
        (None, false) if is_last => pattern.push_str("(.+)$"),
        (None, false) => {
            let words = first.value.split_whitespace().count();
            let is_as_long = written.iter().all(|w| w.value.split_whitespace().count() == words);
            let after = written.iter().map(|w| w.after.split_whitespace().next());
            let follower = after.reduce(|a, b| if a == b { a } else { None }).flatten();
            match (is_as_long, follower) {
                (true, _) => {
                    let _ = write!(pattern, "({})", vec![r"\S+"; words.max(1)].join(r"\s+"));
                }
                (false, Some(word)) => {
                    let _ = write!(pattern, r"(.+?)\s*{}", regex::escape(word));
                }
                (false, None) => return None,
            }
        }
        (_, true) => return None,
    }
    if shape.is_some() {
        pattern.push_str(r"(?:$|\s|[.,;)])");
    }
    Some(pattern)
}

/// The last words before the values that are the same for all.
fn common_words(written: &[Written]) -> Vec<&str> {
    let words = |w: &'_ Written| -> Vec<String> { w.before.split_whitespace().map(str::to_owned).collect() };
    let Some((first, rest)) = written.split_first() else { return Vec::new() };
    let own: Vec<&str> = first.before.split_whitespace().collect();
    let rest: Vec<Vec<String>> = rest.iter().map(words).collect();
    let is_common = |back: usize| {
        let word = own[own.len() - back];
        word.chars().any(char::is_alphanumeric)
            && !word.chars().all(|c| c.is_ascii_digit())
            && rest.iter().all(|words| words.len().checked_sub(back).is_some_and(|at| words[at] == word))
    };
    let count = (1..=own.len().min(MAX_WORDS)).take_while(|back| is_common(*back)).count();
    own[own.len() - count..].to_vec()
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Figures,
    Letters,
    Blank,
    Literal(String),
}

/// The common structure of all values, if they have one; with `literally`, including their common letters.
fn common_shape(written: &[Written], literally: bool) -> Option<Vec<Part>> {
    let mut shapes = written.iter().map(|w| parts(&w.value));
    let first = shapes.next()?;
    // A text without digits is not a code, and its words may be any.
    first.iter().any(|(part, _)| *part == Part::Figures).then_some(())?;
    let rest: Vec<Vec<(Part, &str)>> = shapes.collect();
    let is_same = |shape: &Vec<(Part, &str)>| shape.iter().map(|(part, _)| part).eq(first.iter().map(|(part, _)| part));
    if !rest.iter().all(is_same) {
        return None;
    }
    let part = |(at, (part, text)): (usize, &(Part, &str))| match part {
        Part::Letters if literally && rest.iter().all(|shape| shape[at].1 == *text) => {
            Part::Literal((*text).to_owned())
        }
        other => other.clone(),
    };
    Some(first.iter().enumerate().map(part).collect())
}

/// Runs of digits, of letters and of spaces; every other character is a part of its own.
fn parts(text: &str) -> Vec<(Part, &str)> {
    let mut parts: Vec<(Part, &str)> = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let kind = match c {
            c if c.is_ascii_digit() => Part::Figures,
            c if c.is_alphabetic() => Part::Letters,
            c if c.is_whitespace() => Part::Blank,
            c => Part::Literal(c.to_string()),
        };
        let end = at + c.len_utf8();
        match parts.last_mut() {
            Some((last, part)) if *last == kind && !matches!(kind, Part::Literal(_)) => *part = &text[start..end],
            _ => {
                start = at;
                parts.push((kind, &text[at..end]));
            }
        }
    }
    parts
}

fn has_letters(part: &Part) -> bool {
    matches!(part, Part::Literal(text) if text.chars().any(char::is_alphabetic))
}

fn source(shape: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Figures => r"\d+".to_owned(),
        Part::Letters => r"\p{L}+".to_owned(),
        Part::Blank => r"\s+".to_owned(),
        Part::Literal(text) => regex::escape(text),
    };
    shape.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    fn written(rows: &[(&str, &str, &str)]) -> Vec<Written> {
        let own = |(before, value, after): &(&str, &str, &str)| Written {
            before: (*before).to_owned(),
            value: (*value).to_owned(),
            after: (*after).to_owned(),
        };
        rows.iter().map(own).collect()
    }

    fn found(rows: &[(&str, &str, &str)], row: &str) -> Option<String> {
        let regex = Regex::new(&pattern(&written(rows))?).unwrap();
        Some(regex.captures(row)?[1].to_owned())
    }

    #[test]
    fn codes_are_found_by_what_stands_before_them_and_how_they_are_written() {
        let rows = [("Rechnung Nr.", "RE-2019/17", "vom 3.4.2019"), ("Rechnung Nr.", "RE-2020/8", "vom 1.2.2020")];
        assert_eq!(pattern(&written(&rows)).unwrap(), r"Rechnung\s*Nr\.\s*(\p{L}+\-\d+/\d+)(?:$|\s|[.,;)])");
        assert_eq!(found(&rows, "Rechnung Nr. RE-2021/144 vom 9.9.2021").as_deref(), Some("RE-2021/144"));
        assert_eq!(found(&rows, "Lieferschein Nr. RE-2021/144"), None);
    }

    #[test]
    fn letters_of_its_own_tell_a_code_without_a_label() {
        let rows = [("", "AB-12", "x"), ("", "XY-7", "x")];
        assert_eq!(found(&rows, "QQ-345 y"), None, "nothing but figures and a sign tells them from the rest");
        let rows = [("", "AB-12", "x"), ("", "AB-7", "x")];
        assert_eq!(pattern(&written(&rows)).unwrap(), r"^(AB\-\d+)(?:$|\s|[.,;)])");
    }

    #[test]
    fn texts_end_where_the_row_or_the_common_word_says() {
        assert_eq!(found(&[("Your ref", "Ms Dee", "")], "Your ref Mr Ode Ray").as_deref(), Some("Mr Ode Ray"));
        let rows = [("Paid by", "A Dee", "on 3 May"), ("Paid by", "Ray", "on 4 May")];
        assert_eq!(found(&rows, "Paid by O Bee Cee on 9 June").as_deref(), Some("O Bee Cee"));
    }

    #[test]
    fn what_nothing_tells_apart_has_no_pattern() {
        assert_eq!(pattern(&written(&[("1", "12", "")])), None);
        assert_eq!(pattern(&written(&[("a", "Dee", ""), ("b", "Ode", "")])), None);
    }
}
