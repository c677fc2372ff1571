//! What is made of the text that a file carries itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whether the text that a page of a file carries is taken for what the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextLayerUse {
    /// When the page shows it; what it leaves out, or has wrong, is recognised.
    #[default]
    Auto,
    /// Wherever a page has some, whatever it is worth.
    Trust,
    /// Never: every page is recognised.
    Ignore,
    /// As [`TextLayerUse::Auto`] what people see of it; what other programs recognised, which lies invisibly over a
    /// picture, never: it is recognised anew.
    Redo,
}

impl TextLayerUse {
    /// As it is written in settings, forms and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Trust => "trust",
            Self::Ignore => "ignore",
            Self::Redo => "redo",
        }
    }
}

impl fmt::Display for TextLayerUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no use of a text layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must be auto, trust, ignore or redo")]
pub struct UnknownTextLayerUse;

impl FromStr for TextLayerUse {
    type Err = UnknownTextLayerUse;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Auto, Self::Trust, Self::Ignore, Self::Redo]
            .into_iter()
            .find(|known| known.as_str() == text)
            .ok_or(UnknownTextLayerUse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_it_is_read() {
        for known in [TextLayerUse::Auto, TextLayerUse::Trust, TextLayerUse::Ignore, TextLayerUse::Redo] {
            assert_eq!(known.to_string().parse(), Ok(known));
            assert_eq!(serde_json::to_value(known).unwrap(), known.as_str());
        }
        assert_eq!("".parse::<TextLayerUse>(), Err(UnknownTextLayerUse));
    }
}
