//! A selection of pages of a file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Pages such as `1-5,7,21-`: numbers start at 1, a span includes both ends, and an open span runs to the last page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PageRange(Vec<(u32, Option<u32>)>);

/// The error for a text that is not a page range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pages must be page numbers and ranges such as 1-5,7,21- (from 1, each range in ascending order), not {0:?}")]
pub struct InvalidPageRange(String);

impl PageRange {
    /// Whether the page with that number (from 1) is selected.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.0.iter().any(|&(from, to)| from <= number && to.is_none_or(|to| number <= to))
    }
}

impl FromStr for PageRange {
    type Err = InvalidPageRange;

    fn from_str(text: &str) -> Result<Self, InvalidPageRange> {
        let refused = || InvalidPageRange(text.chars().take(80).collect());
        let number = |s: &str| -> Result<u32, InvalidPageRange> {
            let sound = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            s.parse().ok().filter(|&n| sound && n > 0).ok_or_else(refused)
        };
        let mut spans = Vec::new();
        for part in text.split(',').map(str::trim) {
            let span = match part.split_once('-') {
                None => (number(part)?, Some(number(part)?)),
                Some((from, "")) => (number(from.trim())?, None),
                Some((from, to)) => (number(from.trim())?, Some(number(to.trim())?)),
            };
            if span.1.is_some_and(|to| to < span.0) || spans.len() == 1000 {
                return Err(refused());
            }
            spans.push(span);
        }
        Ok(Self(spans))
    }
}

impl TryFrom<String> for PageRange {
    type Error = InvalidPageRange;

    fn try_from(text: String) -> Result<Self, InvalidPageRange> {
        text.parse()
    }
}

impl From<PageRange> for String {
    fn from(range: PageRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for PageRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, &(from, to)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match to {
                Some(to) if to == from => write!(f, "{comma}{from}")?,
                Some(to) => write!(f, "{comma}{from}-{to}")?,
                None => write!(f, "{comma}{from}-")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_single_pages_and_open_ends() {
        let range: PageRange = "1-5, 7,21-".parse().unwrap();
        let wanted: Vec<u32> = (1..25).filter(|&n| range.contains(n)).collect();
        assert_eq!(wanted, [1, 2, 3, 4, 5, 7, 21, 22, 23, 24]);
        assert_eq!(range.to_string(), "1-5,7,21-");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "0", "5-1", "-3", "1,,2", "a", "1-2-3", "+1", "99999999999"] {
            assert!(text.parse::<PageRange>().is_err(), "{text}");
        }
    }
}
