//! What can be wrong with a file, in words for the person who sent it.

use std::io;

/// Why a file or one of its pages cannot be read.
///
/// The messages name no path: they are shown to whoever sent the file.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are of no accepted kind.
    #[error("the file is no PDF, PNG, JPEG, TIFF, WebP, BMP or GIF")]
    UnknownKind,
    /// A PDF that opens with a password only.
    #[error("the PDF is protected: it needs a password to be opened")]
    NeedsPassword,
    /// A PDF that none of the passwords opens.
    #[error("the PDF is protected, and {}", none_opens(*.count))]
    WrongPassword {
        /// How many were tried.
        count: usize,
    },
    /// A well-formed file without a single page.
    #[error("the file has no pages")]
    NoPages,
    /// More pages than the limit.
    #[error("the file has {count} pages; at most {limit} are read")]
    TooManyPages {
        /// Pages of the file.
        count: u64,
        /// The limit.
        limit: u32,
    },
    /// The file as a whole cannot be made sense of.
    #[error("the {kind} is broken and cannot be opened: {reason}")]
    BrokenFile {
        /// `PDF`, `PNG`, …
        kind: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The file's bytes cannot be had from the operating system.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// A page that the file does not have was asked for.
    #[error("there is no page {number}: the file has {count}")]
    NoSuchPage {
        /// The page asked for, from 1.
        number: u32,
        /// Pages of the file.
        count: u32,
    },
    /// The page's picture has more pixels than the limit.
    #[error(
        "page {number} is too large: {width} x {height} pixels, where at most {limit_megapixels} megapixels are read"
    )]
    PageTooLarge {
        /// From 1.
        number: u32,
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// The limit in millions of pixels.
        limit_megapixels: u32,
    },
    /// Decoding the page would take more memory than is sensible for its size.
    #[error("page {number} needs more memory than is allowed for reading it")]
    PageNeedsMemory {
        /// From 1.
        number: u32,
    },
    /// One page cannot be made sense of; others may be sound.
    #[error("page {number} is broken and cannot be read: {reason}")]
    BrokenPage {
        /// From 1.
        number: u32,
        /// What is wrong.
        reason: String,
    },
    /// The PDFium library cannot be loaded: a fault of the installation, not of a file.
    #[error("the PDF library cannot be loaded: {reason}")]
    Library {
        /// What the loader says.
        reason: String,
    },
}

fn none_opens(count: usize) -> String {
    match count {
        1 => "the password that was given does not open it".to_owned(),
        more => format!("none of the {more} passwords that were given opens it"),
    }
}

impl PagesError {
    /// Whether no page of the file can be read, as opposed to the one page that was asked for.
    #[must_use]
    pub fn is_about_file(&self) -> bool {
        match self {
            Self::Empty
            | Self::UnknownKind
            | Self::NeedsPassword
            | Self::WrongPassword { .. }
            | Self::NoPages
            | Self::TooManyPages { .. }
            | Self::BrokenFile { .. }
            | Self::Unreadable(_)
            | Self::Library { .. } => true,
            Self::NoSuchPage { .. }
            | Self::PageTooLarge { .. }
            | Self::PageNeedsMemory { .. }
            | Self::BrokenPage { .. } => false,
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "errors are handed over where they arise")]
    pub(crate) fn broken_page(number: u32, reason: impl ToString) -> Self {
        Self::BrokenPage { number, reason: reason.to_string() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "errors are handed over where they arise")]
    pub(crate) fn broken_file(kind: &'static str, reason: impl ToString) -> Self {
        Self::BrokenFile { kind, reason: reason.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_page_is_not_about_the_file() {
        assert!(PagesError::NoPages.is_about_file());
        assert!(!PagesError::broken_page(3, "its strip is cut short").is_about_file());
        assert_eq!(
            PagesError::broken_page(3, "its strip is cut short").to_string(),
            "page 3 is broken and cannot be read: its strip is cut short"
        );
    }
}
