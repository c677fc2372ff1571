//! What can go wrong while writing an export.

use recto_domain::SourceError;

use crate::options::UnfitOptions;

/// Why an export could not be written to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The options do not fit the format or the batch; nothing was written.
    #[error(transparent)]
    Options(#[from] UnfitOptions),
    /// The receiver went away or the disk is full.
    #[error("the export could not be written: {0}")]
    Write(#[from] std::io::Error),
    /// The database or the blob store did not give a document or a page.
    #[error("a document of the batch could not be read back: {0}")]
    Source(#[source] SourceError),
    /// A file that was read before cannot be carried over into this format.
    #[error("{file_name} cannot be carried over: {reason}")]
    Original {
        /// The file.
        file_name: String,
        /// Why, for a person.
        reason: String,
    },
}
