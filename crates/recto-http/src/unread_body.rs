//! Reads what a handler left of a request's body.
//!
//! When a server answers early and closes the connection with unread bytes, the client's system discards the answer
//! because of a reset; most clients send the whole body before they read. The answer is therefore sent at once, and the
//! rest of the body is then read and dropped, within limits.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt};

/// How long to read the rest.
const TIME: Duration = Duration::from_secs(10);
/// How many bytes of the rest to read.
const BYTES: usize = 512 * 1024 * 1024;

/// Middleware: lends the body to the handler and handles the part that is returned.
pub(crate) async fn read_off(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let slot = Slot::default();
    let waits = request.headers().contains_key(header::EXPECT);
    let request = request.map(|body| {
        Body::from_stream(Lent { body: Some(body.into_data_stream()), touched: !waits, slot: Arc::clone(&slot) })
    });
    let response = next.run(request).await;
    let left = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(left) = left {
        tokio::spawn(drop_rest(left));
    }
    response
}

/// Where a body that was not read to its end is returned to.
type Slot = Arc<Mutex<Option<BodyDataStream>>>;

/// A body on loan.
struct Lent {
    body: Option<BodyDataStream>,
    /// Whether the client is sending. A client that waits for `100 Continue` sends nothing until the body is first
    /// polled; if nobody polls it, there is nothing to read.
    touched: bool,
    slot: Slot,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.touched = true;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.touched {
            *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = self.body.take();
        }
    }
}

async fn drop_rest(mut body: BodyDataStream) {
    let read = async {
        let mut bytes = 0;
        while let Some(Ok(chunk)) = body.next().await {
            bytes += chunk.len();
            if bytes > BYTES {
                break;
            }
        }
    };
    // A client that is still sending when the time is over is disconnected.
    let _ = tokio::time::timeout(TIME, read).await;
}
