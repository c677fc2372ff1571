//! The errors between Recto and a model.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

/// Why the extractor cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// TLS cannot be set up.
    #[error("TLS for the language model cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client for the language model cannot be created")]
    Client(#[from] reqwest::Error),
}

/// Why a model gave no answer, worded for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The answer took too long.
    #[error("it did not answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// No connection could be made.
    #[error("cannot connect: {0}")]
    NoConnection(String),
    /// The connection broke off.
    #[error("the connection was lost: {0}")]
    BrokenOff(String),
    /// The server is overloaded, or has an internal error.
    #[error("it answered {status}")]
    Busy {
        /// The status: 408, 429, or from 500 on.
        status: StatusCode,
        /// The pause that the server asks for.
        retry_after: Option<Duration>,
    },
    /// The server does not accept the key.
    #[error("it answered {0}: check extract.llm.api_key")]
    KeyRefused(StatusCode),
    /// The server does not accept the request.
    #[error("it answered {status}: {said}")]
    Refused {
        /// The status of the answer.
        status: StatusCode,
        /// The beginning of the answer's text.
        said: String,
    },
    /// The server redirects. The key and the document only go to the address in the settings.
    #[error("it answered {0}: redirects are not followed; extract.llm.url must be the address of the server itself")]
    Redirected(StatusCode),
    /// The answer was longer than `max_output_tokens`.
    #[error("its answer was cut off after {0} tokens: raise extract.llm.max_output_tokens, or ask for fewer fields")]
    CutOff(u32),
    /// The model refuses to answer.
    #[error("it declined: {0}")]
    Declined(String),
    /// The answer is not what was asked for.
    #[error("its answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// The token budget of the day is spent.
    #[error("the {0} tokens of extract.llm.max_tokens_per_day are used up until midnight (UTC)")]
    DaySpent(u64),
    /// The token budget of the document is spent.
    #[error("the {0} tokens of extract.llm.max_tokens_per_document are not enough for a request")]
    DocumentSpent(u64),
}

impl AskError {
    /// Whether the same request may succeed a little later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::NoConnection(_) | Self::BrokenOff(_) | Self::Busy { .. })
    }

    /// Whether the model did no work for the request: it did not receive it, or refused it.
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

    /// The error for a request without an answer, or with an incomplete one. It does not repeat the address.
    pub(crate) fn of_request(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut last: &dyn Error = &error;
        while let Some(cause) = last.source() {
            last = cause;
        }
        let why = match last.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => "nothing is listening there".to_owned(),
            _ => last.to_string(),
        };
        if error.is_connect() { Self::NoConnection(why) } else { Self::BrokenOff(why) }
    }
}
