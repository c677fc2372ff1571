//! A multipart body that somebody sent, in pieces of any size. The reader is private to `recto-http`; its files are
//! compiled here again, so that no server has to be built with the sanitizers.

#![no_main]
#![allow(dead_code, unreachable_pub)]

use std::convert::Infallible;

use axum::http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use bytes::Bytes;
use futures::stream;
use libfuzzer_sys::fuzz_target;

/// What the reader needs of the rest of `recto-http`.
mod connection {
    /// No client is slow here.
    #[derive(Debug, Clone, Copy, thiserror::Error)]
    #[error("too slow")]
    pub(crate) struct TooSlow;

    impl TooSlow {
        pub(crate) fn of(_: &(dyn std::error::Error + 'static)) -> Option<Self> {
            None
        }
    }
}

#[path = "../../crates/recto-http/src/form/disposition.rs"]
mod disposition;
#[path = "../../crates/recto-http/src/form/multipart.rs"]
mod multipart;

/// Reads a body to its end or its first mistake: no more bytes come out than went in.
fn read(content_type: &[u8], piece: usize, body: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(content_type) else { return };
    let Ok(boundary) = multipart::boundary(&HeaderMap::from_iter([(CONTENT_TYPE, value)])) else { return };
    let pieces = body.chunks(piece).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)));
    let mut form = multipart::Multipart::new(stream::iter(pieces.collect::<Vec<_>>()), &boundary, 1 << 20);
    futures::executor::block_on(async {
        let mut given = 0;
        while let Ok(Some(_)) = form.next_part().await {
            while let Ok(Some(chunk)) = form.chunk().await {
                given += chunk.len();
            }
        }
        assert!(given <= body.len());
    });
}

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, body) = input;
    // The first line is the header, so that the fuzzer can choose the boundary.
    let Some(end) = body.iter().position(|byte| *byte == b'\n') else { return };
    read(&body[..end], usize::from(piece) + 1, &body[end + 1..]);
});
