//! A language that is not installed.

use std::fmt;

use super::tongue::{self, Tongue};

/// The apparent language of a page that no available engine reads. Its `Display` tells a person what to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingLanguage(Missing);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Missing {
    /// This language.
    Language(&'static Tongue),
    /// One of the languages of a script; these are the most likely ones.
    OneOf(Vec<&'static Tongue>),
}

/// How many languages of a script are named.
const NAMED: usize = 3;

impl MissingLanguage {
    pub(super) fn of(tongue: &'static Tongue) -> Self {
        Self(Missing::Language(tongue))
    }

    /// A language written in that script; `None` when none is known.
    pub(super) fn of_script(script: &str) -> Option<Self> {
        let tongues: Vec<&'static Tongue> = tongue::of_script(script).collect();
        match tongues[..] {
            [] => None,
            [only] => Some(Self::of(only)),
            _ => Some(Self(Missing::OneOf(tongues))),
        }
    }
}

impl fmt::Display for MissingLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Missing::Language(tongue) => write!(
                f,
                "the text looks like {}, which is not installed: install {} and retry",
                tongue.name(),
                package(tongue)
            ),
            Missing::OneOf(tongues) => {
                let mut names: Vec<&str> = tongues.iter().take(NAMED).map(|tongue| tongue.name()).collect();
                names.dedup();
                let packages: Vec<String> = tongues.iter().take(NAMED).map(|tongue| package(tongue)).collect();
                let names = if tongues.len() > NAMED {
                    format!("{} or another language in such letters", names.join(", "))
                } else {
                    names.join(" or ")
                };
                let packages = packages.join(" or ");
                write!(f, "the text looks like {names}, none of which is installed: install {packages} and retry")
            }
        }
    }
}

/// The Debian and Ubuntu package with Tesseract's model.
fn package(tongue: &Tongue) -> String {
    format!("tesseract-ocr-{}", tongue.code.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packages_to_install_are_named() {
        let of = |script: &str| MissingLanguage::of_script(script).unwrap().to_string();
        insta::assert_snapshot!(
            [of("Thai"), of("Hani"), of("Cyrl")].join("\n"),
            @r"
        the text looks like Thai, which is not installed: install tesseract-ocr-tha and retry
        the text looks like Simplified Chinese or Traditional Chinese, none of which is installed: install tesseract-ocr-chi-sim or tesseract-ocr-chi-tra and retry
        the text looks like Russian, Ukrainian, Bulgarian or another language in such letters, none of which is installed: install tesseract-ocr-rus or tesseract-ocr-ukr or tesseract-ocr-bul and retry
        "
        );
        assert_eq!(MissingLanguage::of_script("Xxxx"), None);
    }
}
