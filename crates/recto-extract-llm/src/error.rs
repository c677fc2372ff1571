//! What can go wrong between Recto and a model.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

/// Why there can be no extractor.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// TLS cannot be set up.
    #[error("TLS for the language model cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client for the language model cannot be made")]
    Client(#[from] reqwest::Error),
}

/// Why a model gave no answer, for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It took too long.
    #[error("it did not answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// There is no connection.
    #[error("there is no connection: {0}")]
    NoConnection(String),
    /// The connection broke off.
    #[error("the connection broke off: {0}")]
    BrokenOff(String),
    /// It has too much to do, or something is wrong with it.
    #[error("it answered {status}")]
    Busy {
        /// 408, 429 or one from 500.
        status: StatusCode,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// It does not take the key.
    #[error("it answered {0}: check extract.llm.api_key")]
    KeyRefused(StatusCode),
    /// It does not take the request.
    #[error("it answered {status}: {said}")]
    Refused {
        /// What it answered with.
        status: StatusCode,
        /// The beginning of what it said.
        said: String,
    },
    /// It points elsewhere. The key and the document go to the address of the settings alone.
    #[error("it answered {0}: redirects are not followed, extract.llm.url must lead to the server itself")]
    Redirected(StatusCode),
    /// The answer was longer than `max_output_tokens`.
    #[error("its answer was cut off after {0} tokens: raise extract.llm.max_output_tokens, or ask for fewer fields")]
    CutOff(u32),
    /// The model does not want to answer.
    #[error("it declined: {0}")]
    Declined(String),
    /// The answer is something else than was asked for.
    #[error("its answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// The tokens of the day are spent.
    #[error("the {0} tokens of extract.llm.max_tokens_per_day are spent until midnight (UTC)")]
    DaySpent(u64),
    /// The tokens of the document are spent.
    #[error("the {0} tokens of extract.llm.max_tokens_per_document do not reach for a request")]
    DocumentSpent(u64),
}

impl AskError {
    /// Whether the same request may succeed a little later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::NoConnection(_) | Self::BrokenOff(_) | Self::Busy { .. })
    }

    /// Whether the model has not worked on the request: it did not get it, or refused it.
    pub(crate) fn is_free(&self) -> bool {
        matches!(
            self,
            Self::NoConnection(_)
                | Self::Busy { .. }
                | Self::KeyRefused(_)
                | Self::Refused { .. }
                | Self::Redirected(_)
        )
    }

    /// A request that got no answer, or whose answer broke off. The address is not repeated.
    pub(crate) fn of_request(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut last: &dyn Error = &error;
        while let Some(cause) = last.source() {
            last = cause;
        }
        let why = match last.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => "nobody listens there".to_owned(),
            _ => last.to_string(),
        };
        if error.is_connect() { Self::NoConnection(why) } else { Self::BrokenOff(why) }
    }
}
