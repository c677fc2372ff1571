//! Why a page of an original could not be carried over.

use std::io;

use crate::error::ExportError;

/// Why the work on one page stops.
#[derive(Debug)]
pub(super) enum Failure {
    /// The original prevents it, for the given reason; other pages may still work.
    Original(String),
    /// The export itself cannot continue.
    Export(ExportError),
}

impl Failure {
    pub(super) fn original(reason: impl Into<String>) -> Self {
        Self::Original(reason.into())
    }

    /// The error for an original that ends early or cannot be read.
    pub(super) fn cut_off(_: impl std::error::Error) -> Self {
        Self::original("the file is damaged or truncated")
    }
}

/// Errors of the receiver; errors of originals become [`Failure::Original`] where they are read.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Export(ExportError::Write(error))
    }
}
