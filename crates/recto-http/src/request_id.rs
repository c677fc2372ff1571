//! Names every request, logs its end, and answers for a handler that panicked.

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::error::ApiError;
use crate::metrics::Metrics;

const HEADER: &str = "x-request-id";
const MAX_LEN: usize = 128;

/// The id of the current request.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Middleware: takes the client's id or makes one, adds it to every log line of the request and to the response, and
/// counts the response.
pub(crate) async fn trace(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let id = sent_id(request.headers()).unwrap_or_else(new_id);
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("unknown", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request_id = id.to_str().unwrap_or_default(),
        token_id = Empty,
        otel.name = format!("{method} {path}"),
        otel.kind = "server",
        otel.status_code = Empty
    );
    request.extensions_mut().insert(RequestId(id.to_str().unwrap_or_default().to_owned()));
    let started = Instant::now();

    let mut watch = Watch { span: span.clone(), is_answered: false };
    let run = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span.clone());
    let outcome = run.await;
    watch.is_answered = true;
    let _inside = span.enter();
    let mut response =
        outcome.unwrap_or_else(|panic| ApiError::Internal(panic_text(panic.as_ref()).into()).into_response());
    let took = started.elapsed();
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    metrics.answered(&method, path, response.status(), took);
    tracing::info!(
        method = method.as_str(),
        path,
        status = response.status().as_u16(),
        duration_ms = took.as_millis() as u64,
        "answered"
    );
    response.headers_mut().insert(HEADER, id);
    response
}

/// Logs a request whose client disconnected before there was a response; the handler is dropped at that point.
struct Watch {
    span: Span,
    is_answered: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.is_answered {
            self.span.in_scope(|| tracing::info!("the client disconnected before the response"));
        }
    }
}

/// The client's id, if it is short and visible ASCII, so that it can be used in a log line and in a header.
fn sent_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let sent = headers.get(HEADER)?;
    let sane = (1..=MAX_LEN).contains(&sent.len()) && sent.as_bytes().iter().all(u8::is_ascii_graphic);
    sane.then(|| sent.clone())
}

fn new_id() -> HeaderValue {
    let mut random = [0u8; 16];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    HeaderValue::from_str(&hex::encode(random)).expect("hexadecimal digits make a header value")
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let mut text = "a handler panicked".to_owned();
    if let Some(said) = said {
        write!(text, ": {said}").expect("writing to a String succeeds");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(id: &'static [u8]) -> Option<HeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_bytes(id).unwrap());
        sent_id(&headers)
    }

    #[test]
    fn only_short_visible_ids_are_taken_over() {
        assert_eq!(sent(b"check-42").unwrap(), "check-42");
        assert_eq!(sent(b""), None);
        assert_eq!(sent(b"two words"), None);
        assert_eq!(sent(&[b'x'; 129]), None);
        assert_eq!(sent(b"caf\xe9"), None);
    }

    #[test]
    fn made_ids_differ() {
        assert_ne!(new_id(), new_id());
    }
}
