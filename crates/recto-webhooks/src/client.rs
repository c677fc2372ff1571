//! One attempt at a delivery, from the request to its log entry.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recto_domain::{DeliveryAttempt, Timestamp, WebhookHeaders};
use recto_storage::ClaimedDelivery;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Response, redirect};

use crate::address_guard::AddressGuard;
use crate::resolver::GuardedResolver;
use crate::sender::SenderError;
use crate::{failure, signature};

const USER_AGENT: &str = concat!("recto/", env!("CARGO_PKG_VERSION"));

/// Posts deliveries.
pub(crate) struct Client {
    http: reqwest::Client,
    guard: AddressGuard,
    timeout: Duration,
}

/// An endpoint's answer.
struct Answer {
    status: reqwest::StatusCode,
    body: String,
}

impl Client {
    /// A client whose attempts take at most `timeout` in all.
    pub(crate) fn new(guard: AddressGuard, timeout: Duration) -> Result<Self, SenderError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(recto_tls::client_config()?)
            .dns_resolver(Arc::new(GuardedResolver(guard)))
            // A proxy would resolve names itself.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // Every delivery resolves the name again.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { http, guard, timeout })
    }

    /// Sends a delivery once.
    pub(crate) async fn send(&self, delivery: &ClaimedDelivery) -> DeliveryAttempt {
        let (sent_at, begun) = (Timestamp::now(), Instant::now());
        let ours = own_headers(delivery, sent_at);
        let result = self.post(delivery, &ours).await;
        let mut request_headers = delivery.headers.shown();
        request_headers.extend(ours.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let (answer, error) = match result {
            Ok(answer) => {
                let error = failure::of_status(answer.status);
                (Some(answer), error)
            }
            Err(error) => (None, Some(error)),
        };
        DeliveryAttempt {
            sent_at,
            duration_ms: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
            request_headers,
            response_status: answer.as_ref().map(|answer| answer.status.as_u16()),
            response_body: answer.map(|answer| answer.body),
            error,
        }
    }

    async fn post(&self, delivery: &ClaimedDelivery, ours: &[(&'static str, String)]) -> Result<Answer, String> {
        // A numeric address never reaches the resolver, so it is checked here.
        let url = self.guard.parse(&delivery.url).map_err(|problem| problem.to_string())?;
        let request = self.http.post(url).headers(all_headers(&delivery.headers, ours)).body(delivery.body.clone());
        let end = tokio::time::Instant::now() + self.timeout;
        let sent = tokio::time::timeout_at(end, request.send()).await;
        let mut response = sent
            .map_err(|_| format!("it did not answer within {} s", self.timeout.as_secs_f64()))?
            .map_err(failure::of_request)?;
        let status = response.status();
        let mut body = Vec::new();
        // The status alone acknowledges. A body that does not end, or breaks off, is cut.
        let _ = tokio::time::timeout_at(end, read_start(&mut response, &mut body)).await;
        Ok(Answer { status, body: text_of(&body) })
    }
}

/// Reads as much of a body as is stored. The rest is never read.
async fn read_start(response: &mut Response, body: &mut Vec<u8>) {
    while body.len() < DeliveryAttempt::KEPT_BODY_BYTES {
        let Ok(Some(chunk)) = response.chunk().await else { return };
        let room = DeliveryAttempt::KEPT_BODY_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
}

/// A body as text. PostgreSQL cannot store NUL.
fn text_of(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace('\0', "\u{fffd}")
}

fn own_headers(delivery: &ClaimedDelivery, sent_at: Timestamp) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Content-Type", "application/json".to_owned()), ("User-Agent", USER_AGENT.to_owned())];
    headers.extend(signature::headers(delivery, sent_at));
    headers
}

/// The endpoint's headers, overridden by Recto's own. Those of the endpoint were checked when they were set.
fn all_headers(theirs: &WebhookHeaders, ours: &[(&'static str, String)]) -> HeaderMap {
    let theirs = theirs.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let ours = ours.iter().map(|(name, value)| (*name, value.as_str()));
    let mut headers = HeaderMap::new();
    for (name, value) in theirs.chain(ours) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers
}
