//! The settings: which model is asked, and its limits.

use std::fmt;
use std::time::Duration;

use url::Url;

/// The number of attempts in all before the model counts as unavailable.
pub(crate) const ATTEMPTS: u32 = 3;
/// The longest pause between two attempts. A server that asks for a longer one counts as unavailable.
pub(crate) const MAX_PAUSE: Duration = Duration::from_secs(20);

/// Which model is asked, and its limits.
#[derive(Debug, Clone)]
pub struct LlmSettings {
    /// The base URL of its API, such as `http://127.0.0.1:11434/v1`. Requests go to `chat/completions` under it.
    pub url: Url,
    /// The model's name on this server.
    pub model: String,
    /// The key, sent as a bearer token. Local servers need none.
    pub api_key: Option<ApiKey>,
    /// The time limit of one answer, from the request to its last byte.
    pub timeout: Duration,
    /// The longest answer in tokens.
    pub max_output_tokens: u32,
    /// The most tokens for one document: questions and answers together, including retries. A longer document is cut at
    /// the end of a page.
    pub max_tokens_per_document: u64,
    /// The most tokens for all documents from midnight to midnight (UTC), counted by this process; `None` for no limit.
    pub max_tokens_per_day: Option<u64>,
    /// The pause before the second attempt. The third one waits twice as long. Both have some jitter.
    pub pause: Duration,
}

impl LlmSettings {
    /// The defaults: two minutes and 4,096 tokens per answer, 16,384 tokens per document, and a million tokens per day.
    #[must_use]
    pub fn new(url: Url, model: impl Into<String>) -> Self {
        Self {
            url,
            model: model.into(),
            api_key: None,
            timeout: Duration::from_mins(2),
            max_output_tokens: 4096,
            max_tokens_per_document: 16_384,
            max_tokens_per_day: Some(1_000_000),
            pause: Duration::from_secs(1),
        }
    }

    /// The longest time of a search: all attempts reach their time limit, with the longest pauses. One more request may
    /// be needed to find out the server's dialect.
    #[must_use]
    pub fn longest_search(&self) -> Duration {
        self.timeout * (ATTEMPTS + 1) + MAX_PAUSE * (ATTEMPTS - 1)
    }
}

/// The key of a hosted model. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// A key; `None` when the text cannot be sent in a header.
    #[must_use]
    pub fn new(key: &str) -> Option<Self> {
        (!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(key.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = ApiKey::new("sk-1234").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(***)");
        assert!(ApiKey::new("two words").is_none() && ApiKey::new("").is_none());
    }
}
