//! The socket of a connection, which is closed when a client does not read its response.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::stall_budget::Pace;
use super::standing::{Awaited, Standing};
use super::wait::Wait;

/// How many unsent bytes of a response the system buffers. A client's progress is therefore visible in steps of this
/// size, and a client that reads nothing does not cost the system megabytes.
const UNSENT_BYTES: u32 = 64 * 1024;

/// A socket that measures how fast its client reads.
///
/// Only time during which bytes are ready and the client does not take them counts, so an event stream may be silent
/// for any length of time.
#[derive(Debug)]
pub(super) struct GuardedSocket {
    stream: TcpStream,
    standing: Arc<Standing>,
    reading: Wait,
    is_given_up: bool,
}

impl GuardedSocket {
    pub(super) fn new(stream: TcpStream, standing: Arc<Standing>, pace: Pace) -> Self {
        let socket = socket2::SockRef::from(&stream);
        if let Err(error) = stream.set_nodelay(true).and_then(|()| socket.set_tcp_notsent_lowat(UNSENT_BYTES)) {
            tracing::debug!(%error, "socket options could not be set");
        }
        let reading = Wait::new(Arc::clone(&standing), Awaited::Reading, pace);
        Self { stream, standing, reading, is_given_up: false }
    }

    /// The result of a write, or an error if the client has kept the server waiting for too long.
    fn watched(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(written) => {
                self.reading.over(written.as_ref().copied().unwrap_or_default());
                Poll::Ready(written)
            }
            Poll::Pending if self.reading.poll_waiting(cx).is_ready() => {
                self.is_given_up = true;
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its response")))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for GuardedSocket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for GuardedSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watched(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watched(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Drop for GuardedSocket {
    fn drop(&mut self) {
        // Otherwise the system would keep trying to deliver data that nobody reads.
        if (self.is_given_up || self.standing.has_lost_place())
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::debug!(%error, "unread data of a closed connection could not be discarded");
        }
    }
}
