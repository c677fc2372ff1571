//! Search queries: words, phrases in quotes, and prefixes that end with an asterisk. A page must match all of them.

use std::str::FromStr;

use thiserror::Error;

use super::terms::{self, Term};

/// The most phrases of a query.
const MOST_PHRASES: usize = 16;

/// Why a text is not a valid query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QueryError {
    /// It contains no letter and no digit.
    #[error("it must contain a word or a number")]
    Empty,
    /// It is too long.
    #[error("it must contain at most {MOST_PHRASES} words and phrases")]
    TooLong,
}

/// Words and phrases that a page must contain, all of them. Case, accents and punctuation do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery(Vec<Phrase>);

/// Consecutive terms.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    terms: Vec<String>,
    /// Whether the last term is a prefix.
    is_open: bool,
}

impl FromStr for SearchQuery {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let mut phrases: Vec<Phrase> = Vec::new();
        // Every second part is between quotes; an unclosed quote extends to the end.
        for (index, part) in text.split(['"', '“', '”', '„']).enumerate() {
            if index % 2 == 1 {
                phrases.extend(Phrase::of(part));
            } else {
                phrases.extend(part.split_whitespace().filter_map(Phrase::of));
            }
        }
        phrases.dedup();
        match phrases.len() {
            0 => Err(QueryError::Empty),
            1..=MOST_PHRASES => Ok(Self(phrases)),
            _ => Err(QueryError::TooLong),
        }
    }
}

impl Phrase {
    fn of(part: &str) -> Option<Self> {
        let (terms, is_open) = terms::of_query(part);
        (!terms.is_empty()).then(|| Self { terms, is_open: is_open || part.trim_end().ends_with('*') })
    }

    /// Whether the given terms begin with the phrase.
    fn is_at(&self, found: &[Term]) -> bool {
        let last = self.terms.len() - 1;
        found.len() > last
            && self.terms.iter().zip(found).enumerate().all(|(index, (sought, found))| {
                found.text == *sought || self.is_open && index == last && found.text.starts_with(sought)
            })
    }
}

impl SearchQuery {
    /// The ranges of a page's terms that match, in order; they may overlap.
    pub(super) fn matches(&self, terms: &[Term]) -> Vec<std::ops::Range<usize>> {
        let mut found = Vec::new();
        for start in 0..terms.len() {
            let here = self.0.iter().filter(|phrase| phrase.is_at(&terms[start..]));
            found.extend(here.map(|phrase| start..start + phrase.terms.len()));
        }
        found
    }

    /// The query in FTS5 syntax. Terms hold only letters and digits, so nothing needs to be escaped.
    pub(super) fn for_sqlite(&self) -> String {
        let phrases = self.0.iter().map(|phrase| {
            let star = if phrase.is_open { " *" } else { "" };
            format!("\"{}\"{star}", phrase.terms.join(" "))
        });
        phrases.collect::<Vec<_>>().join(" AND ")
    }

    /// The query as a `tsquery`.
    pub(super) fn for_postgres(&self) -> String {
        let phrases = self.0.iter().map(|phrase| {
            let terms: Vec<String> = phrase.terms.iter().map(|term| format!("'{term}'")).collect();
            let star = if phrase.is_open { ":*" } else { "" };
            format!("({}{star})", terms.join(" <-> "))
        });
        phrases.collect::<Vec<_>>().join(" & ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_beginnings_are_told_apart() {
        let query: SearchQuery = r#"Total "Due date" INV-7 invo* 東京都"#.parse().unwrap();
        assert_eq!(query.for_sqlite(), r#""total" AND "due date" AND "inv 7" AND "invo" * AND "東京 京都""#);
        assert_eq!(
            query.for_postgres(),
            "('total') & ('due' <-> 'date') & ('inv' <-> '7') & ('invo':*) & ('東京' <-> '京都')"
        );
    }

    #[test]
    fn what_means_something_to_a_database_is_only_text() {
        let query: SearchQuery = r"a'b) OR (c & d | e NEAR terms:x ^y \z".parse().unwrap();
        assert!(query.for_sqlite().chars().all(|c| c.is_alphanumeric() || " \"".contains(c)));
        assert_eq!(" * \" -- ".parse::<SearchQuery>(), Err(QueryError::Empty));
        assert_eq!("a b c d e f g h i j k l m n o p q".parse::<SearchQuery>(), Err(QueryError::TooLong));
    }
}
