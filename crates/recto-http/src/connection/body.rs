//! Request and response bodies that report their progress to the connection.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};

use super::stall_budget::Pace;
use super::standing::{Awaited, Standing};
use super::wait::Wait;

/// Why a request body ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The client kept the server waiting.
    #[error(transparent)]
    TooSlow(TooSlow),
    /// The client disconnected, or sent invalid HTTP.
    #[error("the request body ended early")]
    BrokenOff(#[source] hyper::Error),
}

/// The body did not keep the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the request was too slow: it must not pause for {} s, and must average {} bytes per second",
    .0.max_stall.as_secs(), .0.least_bytes_per_second
)]
pub(crate) struct TooSlow(Pace);

impl TooSlow {
    /// The pace violation behind an error, if that is its cause.
    pub(crate) fn of(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut error = Some(error);
        while let Some(this) = error {
            match this.downcast_ref::<BodyError>() {
                Some(BodyError::TooSlow(slow)) => return Some(*slow),
                _ => error = this.source(),
            }
        }
        None
    }
}

/// A request body that fails when its client does not keep the pace. Only time during which the server waits for more
/// counts.
pub(super) struct AwaitedBody {
    body: Incoming,
    pace: Pace,
    wait: Wait,
}

impl AwaitedBody {
    pub(super) fn new(body: Incoming, standing: Arc<Standing>, pace: Pace) -> Self {
        Self { body, pace, wait: Wait::new(standing, Awaited::Body, pace) }
    }
}

impl HttpBody for AwaitedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                let bytes = frame.as_ref().and_then(|frame| Some(frame.as_ref().ok()?.data_ref()?.len()));
                self.wait.over(bytes.unwrap_or_default());
                Poll::Ready(frame.map(|frame| frame.map_err(BodyError::BrokenOff)))
            }
            Poll::Pending if self.wait.poll_waiting(cx).is_ready() => {
                Poll::Ready(Some(Err(BodyError::TooSlow(TooSlow(self.pace)))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A response body. When it is dropped, the connection waits for its next request.
pub(super) struct Answer {
    body: Body,
    standing: Arc<Standing>,
    peer: IpAddr,
}

impl Answer {
    pub(super) fn new(body: Body, standing: Arc<Standing>, peer: IpAddr) -> Self {
        Self { body, standing, peer }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.standing.ends_request(self.peer);
    }
}
