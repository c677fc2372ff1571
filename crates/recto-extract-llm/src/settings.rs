//! Which model is asked, and what it may take.

use std::fmt;
use std::time::Duration;

use url::Url;

/// How often a request is sent in all before the model counts as away.
pub(crate) const ATTEMPTS: u32 = 3;
/// The longest pause between two of them. A server that wants a longer one is away.
pub(crate) const MAX_PAUSE: Duration = Duration::from_secs(20);

/// Which model is asked, and what it may take.
#[derive(Debug, Clone)]
pub struct LlmSettings {
    /// The base of its API, such as `http://127.0.0.1:11434/v1`: requests go to `chat/completions` under it.
    pub url: Url,
    /// The model's name there.
    pub model: String,
    /// Sent as a bearer token; local servers want none.
    pub api_key: Option<ApiKey>,
    /// How long one answer may take, from the request to its last byte.
    pub timeout: Duration,
    /// The longest answer in tokens.
    pub max_output_tokens: u32,
    /// What the search in one document may take, question and answer together, further attempts counted. A longer
    /// document is cut at the end of a page.
    pub max_tokens_per_document: u64,
    /// What all documents may take from midnight to midnight (UTC) as long as the process lives; `None` for no limit.
    pub max_tokens_per_day: Option<u64>,
    /// The pause before a second attempt; the third waits twice as long, both with some jitter.
    pub pause: Duration,
}

impl LlmSettings {
    /// A model with two minutes an answer, answers of 4,096 tokens, 16,384 tokens a document and a million a day.
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

    /// How long a search may take at most: all attempts to their time-outs, with the longest pauses, and one request
    /// more for finding out how the server wants to be asked.
    #[must_use]
    pub fn longest_search(&self) -> Duration {
        self.timeout * (ATTEMPTS + 1) + MAX_PAUSE * (ATTEMPTS - 1)
    }
}

/// The key of a hosted model. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// A key; `None` when it cannot be one, because a header cannot carry it.
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
