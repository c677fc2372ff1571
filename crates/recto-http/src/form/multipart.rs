//! Reads a `multipart/form-data` body as it arrives (RFC 7578, RFC 2046 section 5.1).
//!
//! This is a separate implementation because memory must be bounded for any input. A body without a delimiter, a head
//! that never ends, or a client faster than the disk costs one network read and one buffer of some kilobytes. The usual
//! crate keeps everything that has arrived.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::{Buf, Bytes, BytesMut};
use futures::{Stream, StreamExt};
use memchr::memmem::Finder;

use super::disposition::{self, Disposition};
use crate::connection::TooSlow;

/// The most bytes before the first delimiter.
const MAX_PREAMBLE_BYTES: usize = 64 * 1024;
/// The most bytes of the headers of one part.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// The longest boundary; RFC 2046 allows 70 bytes.
const MAX_BOUNDARY_BYTES: usize = 200;

/// Why a body cannot be read as a form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MultipartError {
    /// Its content type is a different one.
    #[error("the body must be multipart/form-data")]
    OtherType,
    /// It violates the format.
    #[error("the body is not valid multipart/form-data: {0}")]
    Malformed(&'static str),
    /// It is larger than allowed.
    #[error("the request is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The client kept the server waiting.
    #[error(transparent)]
    TooSlow(TooSlow),
}

/// The boundary given in the headers of a request.
pub(super) fn boundary(headers: &HeaderMap) -> Result<Vec<u8>, MultipartError> {
    let value = headers.get(CONTENT_TYPE).ok_or(MultipartError::OtherType)?.as_bytes();
    let (media_type, parameters) = disposition::split_first(value);
    if !media_type.trim_ascii().eq_ignore_ascii_case(b"multipart/form-data") {
        return Err(MultipartError::OtherType);
    }
    let boundary = disposition::parameters(parameters).into_iter().find(|(name, _)| name == "boundary");
    let (_, boundary) = boundary.ok_or(MultipartError::Malformed("its Content-Type has no boundary"))?;
    if boundary.is_empty() || boundary.len() > MAX_BOUNDARY_BYTES {
        return Err(MultipartError::Malformed("its boundary is empty or too long"));
    }
    Ok(boundary)
}

/// The reader's position in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Before the first delimiter.
    Preamble,
    /// In the content of a part.
    Content,
    /// After a delimiter.
    Delimiter,
    /// After the last delimiter.
    End,
}

/// A form reader that returns one part after another.
pub(crate) struct Multipart<S> {
    body: S,
    /// Bytes that have arrived but were not returned yet: at most one piece of the body more than a head.
    buffer: BytesMut,
    /// `\r\n--boundary`
    delimiter: Finder<'static>,
    place: Position,
    arrived_bytes: u64,
    limit_bytes: u64,
}

impl<S, E> Multipart<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + 'static,
{
    /// Reads a body whose parts are separated by `boundary`, and that may have at most `limit_bytes`.
    pub(super) fn new(body: S, boundary: &[u8], limit_bytes: u64) -> Self {
        let delimiter = Finder::new(&[b"\r\n--", boundary].concat()).into_owned();
        // A delimiter at the very beginning has no line end before it; adding one makes it like all others.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        Self { body, buffer, delimiter, place: Position::Preamble, arrived_bytes: 0, limit_bytes }
    }

    /// The head of the next part, after skipping the rest of the current one; `None` after the last.
    pub(super) async fn next_part(&mut self) -> Result<Option<Disposition>, MultipartError> {
        let mut skipped = 0;
        while let Some(chunk) = self.chunk().await? {
            skipped += chunk.len();
            if self.place == Position::Preamble && skipped > MAX_PREAMBLE_BYTES {
                return Err(MultipartError::Malformed("it does not begin with its boundary"));
            }
        }
        if self.place == Position::End {
            return Ok(None);
        }
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            self.place = Position::End;
            self.read_to_end().await?;
            return Ok(None);
        }
        self.head().await.map(Some)
    }

    /// The next piece of the part's content; `None` at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        if matches!(self.place, Position::Delimiter | Position::End) {
            return Ok(None);
        }
        let length = self.delimiter.needle().len();
        loop {
            match self.delimiter.find(&self.buffer) {
                Some(0) => {
                    self.buffer.advance(length);
                    self.place = Position::Delimiter;
                    return Ok(None);
                }
                Some(at) => return Ok(Some(self.buffer.split_to(at).freeze())),
                // The last bytes may be the beginning of a delimiter.
                None if self.buffer.len() >= length => {
                    let sure = self.buffer.len() - (length - 1);
                    return Ok(Some(self.buffer.split_to(sure).freeze()));
                }
                None => self.fill().await?,
            }
        }
    }

    /// Reads the rest of the delimiter's line and the headers after it.
    async fn head(&mut self) -> Result<Disposition, MultipartError> {
        let mut left = MAX_HEAD_BYTES;
        let padding = self.line(&mut left).await?;
        if !padding.trim_ascii().is_empty() {
            return Err(MultipartError::Malformed("a boundary is followed by other text on its line"));
        }
        let mut found = None;
        loop {
            let line = self.line(&mut left).await?;
            if line.is_empty() {
                break;
            }
            if let Some(at) = memchr::memchr(b':', &line)
                && line[..at].trim_ascii().eq_ignore_ascii_case(b"content-disposition")
            {
                found = Disposition::parse(&line[at + 1..]);
            }
        }
        self.place = Position::Content;
        found.ok_or(MultipartError::Malformed("a part has no Content-Disposition with a name"))
    }

    /// A line without its line end; `left` counts down the bytes that the head may still have.
    async fn line(&mut self, left: &mut usize) -> Result<Bytes, MultipartError> {
        let mut searched = 0usize;
        loop {
            if let Some(at) = memchr::memmem::find(&self.buffer[searched..], b"\r\n").map(|at| at + searched) {
                *left =
                    left.checked_sub(at + 2).ok_or(MultipartError::Malformed("the headers of a part are too long"))?;
                let line = self.buffer.split_to(at).freeze();
                self.buffer.advance(2);
                return Ok(line);
            }
            if self.buffer.len() > *left {
                return Err(MultipartError::Malformed("the headers of a part are too long"));
            }
            searched = self.buffer.len().saturating_sub(1);
            self.fill().await?;
        }
    }

    /// Reads what may follow the last delimiter, so that the connection can be reused.
    async fn read_to_end(&mut self) -> Result<(), MultipartError> {
        while let Some(chunk) = self.arrive().await? {
            drop(chunk);
        }
        Ok(())
    }

    async fn fill(&mut self) -> Result<(), MultipartError> {
        let chunk = self.arrive().await?.ok_or(MultipartError::Malformed("it ends before its last boundary"))?;
        self.buffer.extend_from_slice(&chunk);
        Ok(())
    }

    async fn arrive(&mut self) -> Result<Option<Bytes>, MultipartError> {
        let Some(chunk) = self.body.next().await else { return Ok(None) };
        let chunk = chunk.map_err(|error| {
            TooSlow::of(&error).map_or(MultipartError::Malformed("it ended early"), MultipartError::TooSlow)
        })?;
        self.arrived_bytes += chunk.len() as u64;
        if self.arrived_bytes > self.limit_bytes {
            return Err(MultipartError::TooLarge { limit_bytes: self.limit_bytes });
        }
        Ok(Some(chunk))
    }
}

#[cfg(test)]
mod tests;
