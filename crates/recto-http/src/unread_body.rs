//! Reads off what a handler left of a request's body.
//!
//! A server that answers early and closes the connection on bytes it has not read makes the client's system throw
//! the answer away with a reset; most clients send the whole body before they read. So the answer goes out at once,
//! and the rest of the body is read and dropped behind it, within bounds.

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

/// How long the rest is read.
const TIME: Duration = Duration::from_secs(10);
/// How much of the rest is read.
const BYTES: usize = 512 * 1024 * 1024;

/// Middleware: lends the body to the handler and takes care of what comes back.
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

/// Where a body that was not read to its end comes back to.
type Slot = Arc<Mutex<Option<BodyDataStream>>>;

/// A body on loan.
struct Lent {
    body: Option<BodyDataStream>,
    /// Whether the client is sending. One that waits for `100 Continue` sends nothing until the body is first asked
    /// for; when nobody asks, there is nothing to read off.
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
    // A client that is still sending when the time is over is cut off.
    let _ = tokio::time::timeout(TIME, read).await;
}
