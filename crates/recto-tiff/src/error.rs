//! The errors of TIFF files.

use std::io;

/// Why a directory could not be read. The messages continue "the file cannot be read: …".
#[derive(Debug, thiserror::Error)]
pub enum TiffError {
    /// The first two bytes are neither `II` nor `MM`.
    #[error("it does not begin like a TIFF")]
    NotTiff,
    /// The version is neither 42 (TIFF) nor 43 (BigTIFF).
    #[error("it has an unknown TIFF version")]
    UnknownVersion,
    /// A directory claims to have more entries than there are tags.
    #[error("one of its directories has too many entries")]
    TooManyEntries,
    /// A tag claims to have more values than the strips of any picture need.
    #[error("one of its tags has too many values")]
    TooManyValues,
    /// The source cannot be read, with [`io::ErrorKind::UnexpectedEof`] when it ends too early.
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// For callers that only have I/O errors: a problem of the file becomes [`io::ErrorKind::InvalidData`].
impl From<TiffError> for io::Error {
    fn from(error: TiffError) -> Self {
        match error {
            TiffError::Read(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}
