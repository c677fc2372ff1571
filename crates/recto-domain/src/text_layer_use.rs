//! How the text that a file carries itself is used.

use serde::{Deserialize, Serialize};

use crate::spelling::spelled;

/// Whether the text that a page carries is accepted as the page's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextLayerUse {
    /// Accepted when the page shows it. Text that is missing or wrong is recognised.
    #[default]
    Auto,
    /// Accepted wherever a page has some, regardless of its quality.
    Trust,
    /// Never accepted: every page is recognised.
    Ignore,
    /// Visible text is used as in [`TextLayerUse::Auto`]. Invisible text over a picture, which another program
    /// recognised, is discarded and recognised again.
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
