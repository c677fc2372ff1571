//! Why a page of an original could not be carried over.

use std::io;

use crate::error::ExportError;

/// What stops the work on one page.
#[derive(Debug)]
pub(super) enum Failure {
    /// The original does not allow it, for the reason given; other pages may.
    Original(String),
    /// The export itself cannot go on.
    Export(ExportError),
}

impl Failure {
    pub(super) fn original(reason: impl Into<String>) -> Self {
        Self::Original(reason.into())
    }

    /// An original that ends early or cannot be read.
    pub(super) fn cut_off(_: impl std::error::Error) -> Self {
        Self::original("the file is damaged or cut off")
    }
}

/// Errors of the receiver; those of originals are turned into [`Failure::Original`] where they are read.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Export(ExportError::Write(error))
    }
}
