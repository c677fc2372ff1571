//! Requests per key in fixed windows of a clock minute, counted in the database so that all nodes share one count.

use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use recto_domain::{Timestamp, TokenId};
use recto_storage::{Storage, StorageError};

use crate::error::ApiError;

const WINDOW_SECONDS: i64 = 60;

/// The window of a request, and its count including this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    limit: u64,
    used: u64,
    now_seconds: i64,
}

impl Window {
    /// Counts a request of a token.
    pub(crate) async fn count(storage: &Storage, token: TokenId, limit: u64) -> Result<Self, StorageError> {
        let now_seconds = Timestamp::now().as_millis().div_euclid(1000);
        let used = storage.tokens().count_request(token, now_seconds.div_euclid(WINDOW_SECONDS)).await?;
        Ok(Self { limit, used, now_seconds })
    }

    /// Answers the request unless it exceeds the limit, and reports the limit to the client.
    pub(crate) async fn answer(self, next: impl Future<Output = Response>) -> Response {
        let mut response = match self.exceeded() {
            Some(error) => error.into_response(),
            None => next.await,
        };
        self.write(response.headers_mut());
        response
    }

    /// Unix seconds at which the next window begins.
    fn resets_at(&self) -> i64 {
        (self.now_seconds.div_euclid(WINDOW_SECONDS) + 1) * WINDOW_SECONDS
    }

    /// The refusal, if this request exceeds the limit.
    fn exceeded(&self) -> Option<ApiError> {
        (self.used > self.limit).then(|| ApiError::TooManyRequests {
            limit: self.limit,
            retry_after_seconds: self.resets_at() - self.now_seconds,
        })
    }

    fn write(&self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.limit.saturating_sub(self.used)));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.resets_at()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_ends_with_the_clock_minute() {
        let window = Window { limit: 2, used: 3, now_seconds: 1_774_951_259 };
        let mut headers = HeaderMap::new();
        window.write(&mut headers);
        assert_eq!(headers["x-ratelimit-limit"], "2");
        assert_eq!(headers["x-ratelimit-remaining"], "0");
        assert_eq!(headers["x-ratelimit-reset"], "1774951260");
        assert!(matches!(window.exceeded(), Some(ApiError::TooManyRequests { limit: 2, retry_after_seconds: 1 })));
    }

    #[test]
    fn the_last_allowed_request_passes() {
        let window = Window { limit: 2, used: 2, now_seconds: 60 };
        assert!(window.exceeded().is_none());
        assert_eq!(window.resets_at(), 120);
    }
}
