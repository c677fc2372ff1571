//! What is made of the text that a file carries itself.

use serde::{Deserialize, Serialize};

use crate::spelling::spelled;

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

spelled!(TextLayerUse, "it", UnknownTextLayerUse, [Auto = "auto", Trust = "trust", Ignore = "ignore", Redo = "redo",]);

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
