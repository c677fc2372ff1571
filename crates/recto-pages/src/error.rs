//! Errors about files, worded for the person who sent the file.

use std::io;

use recto_domain::FileKind;

/// Why a file or one of its pages cannot be read.
///
/// The messages contain no path, because they are shown to whoever sent the file.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are not of a supported kind.
    #[error("the file is not a {} file", FileKind::NAMES)]
    UnknownKind,
    /// A PDF that cannot be opened without a password.
    #[error("{}: a password is needed to open it", Self::PROTECTED)]
    NeedsPassword,
    /// A PDF that none of the passwords opens.
    #[error("{}, and {}", Self::PROTECTED, none_opens(*.count))]
    WrongPassword {
        /// How many were tried.
        count: usize,
    },
    /// A well-formed file without a single page.
    #[error("the file has no pages")]
    NoPages,
    /// The file has more pages than the limit.
    #[error("the file has {count} pages; at most {limit} are read")]
    TooManyPages {
        /// Pages of the file.
        count: u64,
        /// The limit.
        limit: u32,
    },
    /// The file as a whole cannot be parsed.
    #[error("the {kind} is damaged and cannot be opened: {reason}")]
    BrokenFile {
        /// `PDF`, `PNG`, …
        kind: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The operating system cannot read the file.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// The requested page does not exist.
    #[error("there is no page {number}: the file has {count}")]
    NoSuchPage {
        /// The requested page, from 1.
        number: u32,
        /// Pages of the file.
        count: u32,
    },
    /// The page's picture has more pixels than the limit.
    #[error("page {number} is too large: {width} x {height} pixels; at most {limit_megapixels} megapixels are read")]
    PageTooLarge {
        /// The page number, from 1.
        number: u32,
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// The limit in millions of pixels.
        limit_megapixels: u32,
    },
    /// Decoding the page would take more memory than is reasonable for its size.
    #[error("page {number} needs more memory than a worker may use")]
    PageNeedsMemory {
        /// The page number, from 1.
        number: u32,
    },
    /// One page cannot be parsed; others may be valid.
    #[error("page {number} is damaged and cannot be read: {reason}")]
    BrokenPage {
        /// The page number, from 1.
        number: u32,
        /// What is wrong.
        reason: String,
    },
    /// The PDFium library cannot be loaded. The installation is at fault, not a file.
    #[error("the PDF library cannot be loaded: {reason}")]
    Library {
        /// The loader's message.
        reason: String,
    },
}

impl PagesError {
    /// How the messages of all errors about passwords begin, for those who only have the message.
    pub const PROTECTED: &str = "the PDF is protected";
}

fn none_opens(count: usize) -> String {
    match count {
        1 => "the given password does not open it".to_owned(),
        more => format!("none of the {more} given passwords opens it"),
    }
}

impl PagesError {
    /// Whether the error concerns all pages of the file rather than only the requested one.
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
            "page 3 is damaged and cannot be read: its strip is cut short"
        );
    }
}
