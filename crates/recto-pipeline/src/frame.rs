//! Frames between the server and its workers: a length, then JSON.
//!
//! A frame is a little-endian `u32` that counts the bytes after it, and that many bytes of JSON. A frame from the
//! server that asks for work carries one open file descriptor with its first byte.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest frame in bytes. A page with 60,000 words takes about 8 MiB; no real page takes more than this.
pub(crate) const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// The bytes of a frame's length field.
pub(crate) const HEADER_BYTES: usize = 4;

/// Why a frame could not be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    /// The frame is longer than [`MAX_FRAME_BYTES`], or its header claims to be.
    #[error("a message of {0} bytes is too long")]
    TooLong(usize),
    /// The message does not follow the protocol.
    #[error("a message is malformed: {0}")]
    Json(#[from] serde_json::Error),
}

/// A message as a complete frame, including its length.
pub(crate) fn encode(message: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; HEADER_BYTES];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - HEADER_BYTES;
    if length > MAX_FRAME_BYTES {
        return Err(FrameError::TooLong(length));
    }
    frame[..HEADER_BYTES].copy_from_slice(&(length as u32).to_le_bytes());
    Ok(frame)
}

/// The number of bytes that follow a header.
pub(crate) fn body_length(header: [u8; HEADER_BYTES]) -> Result<usize, FrameError> {
    let length = u32::from_le_bytes(header) as usize;
    if length > MAX_FRAME_BYTES { Err(FrameError::TooLong(length)) } else { Ok(length) }
}

/// The message in a frame's body.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    Ok(serde_json::from_slice(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_back() {
        let frame = encode(&("page", 7)).unwrap();
        let (header, body) = frame.split_first_chunk::<HEADER_BYTES>().unwrap();
        assert_eq!(body_length(*header).unwrap(), body.len());
        assert_eq!(decode::<(String, u32)>(body).unwrap(), ("page".to_owned(), 7));
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused_on_both_sides() {
        assert!(matches!(encode(&"x".repeat(MAX_FRAME_BYTES)), Err(FrameError::TooLong(_))));
        assert!(matches!(body_length([0xFF; 4]), Err(FrameError::TooLong(_))));
    }
}
