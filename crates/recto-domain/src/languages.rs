//! The languages a page is read in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One or more language codes as Tesseract names its models (`eng`, `chi_sim`, `deu_latf`), in order of preference.
///
/// Spelled with `+` between them: `eng+deu`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Languages(Vec<String>);

/// A text that names no languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("languages are written as in eng+deu (letters, digits and _, at most 10 of them), not {0:?}")]
pub struct InvalidLanguages(String);

impl Languages {
    /// The codes in order of preference; never empty.
    #[must_use]
    pub fn codes(&self) -> &[String] {
        &self.0
    }
}

impl FromStr for Languages {
    type Err = InvalidLanguages;

    fn from_str(text: &str) -> Result<Self, InvalidLanguages> {
        let mut codes: Vec<String> = Vec::new();
        for code in text.split('+').map(str::trim) {
            // Tesseract also takes models of a script in a folder, as in `script/Latin`.
            let name = code.strip_prefix("script/").unwrap_or(code);
            let sound =
                !name.is_empty() && name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !sound || codes.len() == 10 {
                return Err(InvalidLanguages(text.chars().take(80).collect()));
            }
            if !codes.iter().any(|c| c == code) {
                codes.push(code.to_owned());
            }
        }
        Ok(Self(codes))
    }
}

impl TryFrom<String> for Languages {
    type Error = InvalidLanguages;

    fn try_from(text: String) -> Result<Self, InvalidLanguages> {
        text.parse()
    }
}

impl From<Languages> for String {
    fn from(languages: Languages) -> Self {
        languages.to_string()
    }
}

impl fmt::Display for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("+"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_order_and_once() {
        assert_eq!("deu+eng+deu".parse::<Languages>().unwrap().to_string(), "deu+eng");
    }

    #[test]
    fn paths_and_blanks_are_no_languages() {
        for text in ["", "+", "eng+", "../eng", "eng deu", "script/", "script/../x"] {
            assert!(text.parse::<Languages>().is_err(), "{text}");
        }
    }
}
