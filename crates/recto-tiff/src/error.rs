//! What can be wrong with a TIFF.

use std::io;

/// Why a directory could not be read. The messages go on from "the file cannot be read: …".
#[derive(Debug, thiserror::Error)]
pub enum TiffError {
    /// The first two bytes are neither `II` nor `MM`.
    #[error("it does not begin as a TIFF does")]
    NotTiff,
    /// The version is neither 42 (TIFF) nor 43 (BigTIFF).
    #[error("it is of an unknown version of TIFF")]
    UnknownVersion,
    /// A directory claims more entries than there are tags.
    #[error("a directory of it has too many entries")]
    TooManyEntries,
    /// A tag claims more values than the strips of any picture need.
    #[error("a tag of it has too many values")]
    TooManyValues,
    /// The source cannot be read; [`io::ErrorKind::UnexpectedEof`] where it ends too early.
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// For callers whose other errors are those of reading: what is wrong with the file becomes
/// [`io::ErrorKind::InvalidData`].
impl From<TiffError> for io::Error {
    fn from(error: TiffError) -> Self {
        match error {
            TiffError::Read(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}
