//! The languages a page is read in, and who chooses them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The value used in place of languages to have them chosen for each page.
const ANY: &str = "auto";

/// One or more language codes in order of preference, named like Tesseract's models (`eng`, `chi_sim`, `deu_latf`).
///
/// Written with `+` between them: `eng+deu`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Languages(Vec<String>);

/// The error for a text that is not a list of languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("languages must be auto, or at most 10 codes of letters, digits and _ joined by +, such as eng+deu, not {0:?}")]
pub struct InvalidLanguages(String);

/// How the languages of a page are chosen: by the sender, or from the page's text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum LanguageChoice {
    /// Chosen for each page from its text. Written `auto`.
    Auto,
    /// The given languages, written as [`Languages`] are.
    Named(Languages),
}

impl LanguageChoice {
    /// The given languages; `None` for [`LanguageChoice::Auto`].
    #[must_use]
    pub fn named(&self) -> Option<&Languages> {
        match self {
            Self::Auto => None,
            Self::Named(languages) => Some(languages),
        }
    }
}

impl From<Languages> for LanguageChoice {
    fn from(languages: Languages) -> Self {
        Self::Named(languages)
    }
}

impl FromStr for LanguageChoice {
    type Err = InvalidLanguages;

    fn from_str(text: &str) -> Result<Self, InvalidLanguages> {
        if text.trim() == ANY { Ok(Self::Auto) } else { text.parse().map(Self::Named) }
    }
}

impl TryFrom<String> for LanguageChoice {
    type Error = InvalidLanguages;

    fn try_from(text: String) -> Result<Self, InvalidLanguages> {
        text.parse()
    }
}

impl From<LanguageChoice> for String {
    fn from(choice: LanguageChoice) -> Self {
        choice.to_string()
    }
}

impl fmt::Display for LanguageChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(ANY),
            Self::Named(languages) => languages.fmt(f),
        }
    }
}

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
            // Tesseract also accepts models of a script in a folder, as in `script/Latin`.
            let name = code.strip_prefix("script/").unwrap_or(code);
            let sound =
                !name.is_empty() && name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !sound || code == ANY || codes.len() == 10 {
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

    #[test]
    fn auto_is_a_choice_of_its_own_and_no_language() {
        assert_eq!("auto".parse::<LanguageChoice>().unwrap(), LanguageChoice::Auto);
        let named: LanguageChoice = "eng+deu".parse().unwrap();
        assert_eq!(named.named().unwrap().codes(), ["eng", "deu"]);
        for text in ["auto+eng", "eng+auto", "Auto?"] {
            assert!(text.parse::<LanguageChoice>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_choice_is_stored_as_it_is_spelled() {
        for text in ["auto", "eng+deu"] {
            let choice: LanguageChoice = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(&choice).unwrap(), text);
        }
    }
}
