//! Errors of writing an export.

use recto_domain::SourceError;

use crate::options::UnfitOptions;

/// Why an export could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The options do not suit the format or the batch; nothing was written.
    #[error(transparent)]
    Options(#[from] UnfitOptions),
    /// The receiver closed the connection, or the disk is full.
    #[error("the export could not be written: {0}")]
    Write(#[from] std::io::Error),
    /// The database or the blob store failed to supply a document or a page.
    #[error("a document of the batch could not be loaded: {0}")]
    Source(#[source] SourceError),
    /// An original that was read cannot be carried over into this format.
    #[error("{file_name} cannot be included: {reason}")]
    Original {
        /// The file.
        file_name: String,
        /// The reason, worded for a person.
        reason: String,
    },
}
