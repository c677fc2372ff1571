//! Sends questions to a server and receives its answers.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use recto_domain::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Map, Value};
use url::Url;

use crate::answer::{Completion, beginning};
use crate::budget::{DayBudget, TokenBudget};
use crate::dialect::Dialect;
use crate::error::{AskError, LlmError};
use crate::question::{Question, tokens};
use crate::settings::{ATTEMPTS, LlmSettings, MAX_PAUSE};

const USER_AGENT: &str = concat!("recto/", env!("CARGO_PKG_VERSION"));
/// The most bytes of an answer that are read.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// The time limit for the list of models, and for a connection.
const SHORT: Duration = Duration::from_secs(10);

/// A client for one server.
pub(crate) struct Client {
    http: reqwest::Client,
    settings: LlmSettings,
    budget: DayBudget,
    dialect: Mutex<Dialect>,
}

impl Client {
    pub(crate) fn new(settings: LlmSettings) -> Result<Self, LlmError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(recto_tls::client_config()?)
            // Documents and the key go to the address in the settings and nowhere else.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(SHORT)
            .user_agent(USER_AGENT)
            .build()?;
        let budget = DayBudget::new(settings.max_tokens_per_day);
        Ok(Self { http, settings, budget, dialect: Mutex::default() })
    }

    pub(crate) fn settings(&self) -> &LlmSettings {
        &self.settings
    }

    /// Asks the question, with retries.
    pub(crate) async fn ask(&self, question: &Question) -> Result<Map<String, Value>, AskError> {
        let document_budget = TokenBudget::new(&self.budget, self.settings.max_tokens_per_document);
        let pauses = ExponentialBuilder::new()
            .with_min_delay(self.settings.pause)
            .with_max_delay(MAX_PAUSE)
            .with_max_times(ATTEMPTS as usize - 1)
            .with_jitter();
        (|| self.attempt(question, &document_budget))
            .retry(pauses)
            .when(AskError::is_transient)
            .notify(|error, pause| tracing::debug!(?pause, "asking the language model again: {error}"))
            .adjust(pause_after)
            .await
    }

    /// Asks once, in the current dialect.
    async fn attempt(
        &self,
        question: &Question,
        document_budget: &TokenBudget<'_>,
    ) -> Result<Map<String, Value>, AskError> {
        loop {
            let dialect = *self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
            match self.attempt_in(dialect, question, document_budget).await {
                Err(AskError::Refused { said, .. }) if self.has_learnt(dialect, &said) => {}
                result => return result,
            }
        }
    }

    /// Whether the refusal of a request in `dialect` shows how to ask instead. Another search may have learnt it
    /// meanwhile.
    fn has_learnt(&self, dialect: Dialect, said: &str) -> bool {
        let mut known = self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
        let has_learnt = known.learn(said);
        if has_learnt {
            tracing::info!("the language model's server does not support a part of the protocol; asking without it");
        }
        has_learnt || *known != dialect
    }

    async fn attempt_in(
        &self,
        dialect: Dialect,
        question: &Question,
        document_budget: &TokenBudget<'_>,
    ) -> Result<Map<String, Value>, AskError> {
        let request = dialect.request(question, &self.settings);
        let most = question.tokens() + u64::from(self.settings.max_output_tokens);
        let reserved = document_budget.reserve(most, Timestamp::now())?;
        let post = self.http.post(self.address("chat/completions")).json(&request);
        let body = match self.send(post, self.settings.timeout).await {
            Ok(body) => body,
            Err(error) => {
                // A request that timed out or broke off may still have cost tokens, so its reservation stays.
                if error.is_free() {
                    reserved.settle(0, Timestamp::now());
                }
                return Err(error);
            }
        };
        let completion = Completion::parse(&body);
        let counted = completion.as_ref().ok().and_then(Completion::tokens);
        let estimate = question.tokens() + tokens(&String::from_utf8_lossy(&body));
        reserved.settle(counted.unwrap_or(estimate), Timestamp::now());
        completion?.values(self.settings.max_output_tokens)
    }

    /// The names of the models that the server has.
    pub(crate) async fn models(&self) -> Result<Vec<String>, AskError> {
        let body = self.send(self.http.get(self.address("models")), SHORT).await?;
        let list: Value = serde_json::from_slice(&body).map_err(|_| AskError::Unreadable("it is not a model list"))?;
        let models = list["data"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(models.iter().filter_map(|model| Some(model["id"].as_str()?.to_owned())).collect())
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.settings.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }

    /// The body of a successful answer that arrives in time.
    async fn send(&self, request: RequestBuilder, limit: Duration) -> Result<Vec<u8>, AskError> {
        let request = match &self.settings.api_key {
            Some(key) => request.bearer_auth(key.as_str()),
            None => request,
        };
        let answered = async {
            let response = request.send().await.map_err(AskError::of_request)?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = read(response).await?;
            if status.is_success() { Ok(body) } else { Err(refusal(status, &headers, &body)) }
        };
        tokio::time::timeout(limit, answered).await.unwrap_or(Err(AskError::TimedOut(limit)))
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, AskError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(AskError::of_request)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(AskError::Unreadable("it is larger than 4 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> AskError {
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => busy(status, headers),
        _ if status.is_server_error() => busy(status, headers),
        _ if status.is_redirection() => AskError::Redirected(status),
        // The text of such an answer may repeat a part of the key.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => AskError::KeyRefused(status),
        _ => {
            let json: Value = serde_json::from_slice(body).unwrap_or_default();
            let message = json["error"]["message"].as_str().or_else(|| json["error"].as_str());
            let said = message.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
            AskError::Refused { status, said: beginning(&said) }
        }
    }
}

fn busy(status: StatusCode, headers: &HeaderMap) -> AskError {
    let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    AskError::Busy { status, retry_after: asked.and_then(|text| retry_after(text, SystemTime::now())) }
}

/// The pause that a `Retry-After` header asks for, in seconds or as a time (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    // A time in the past asks for no pause.
    Some(httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default())
}

/// The pause before the next attempt: the one that the server asks for, or else `pause`. `None` when the server asks
/// for a long one.
fn pause_after(error: &AskError, pause: Option<Duration>) -> Option<Duration> {
    match error {
        AskError::Busy { retry_after: Some(wish), .. } => pause.and((*wish <= MAX_PAUSE).then_some(*wish)),
        _ => pause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_until_a_time() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(retry_after("7", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn a_server_that_wants_a_long_pause_is_not_waited_for() {
        let busy = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            AskError::Busy { status: StatusCode::TOO_MANY_REQUESTS, retry_after }
        };
        let own = Some(Duration::from_secs(1));
        assert_eq!(pause_after(&busy(3), own), Some(Duration::from_secs(3)));
        assert_eq!(pause_after(&busy(3), None), None);
        assert_eq!(pause_after(&busy(3600), own), None);
        assert_eq!(pause_after(&AskError::NoConnection("no".to_owned()), own), own);
    }
}
