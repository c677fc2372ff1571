//! Webhook endpoints: who is told of events, and when telling is paused.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::EventKind;
use crate::id::{OrganizationId, ProjectId, WebhookId};
use crate::time::Timestamp;

/// An endpoint that is told of events by HTTP. Its secret is not here, so that nothing can show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The endpoint.
    pub id: WebhookId,
    /// What it is told of and how.
    #[serde(flatten)]
    pub content: WebhookContent,
    /// Whether it is told now, and how that goes.
    #[serde(flatten)]
    pub health: WebhookHealth,
    /// The organisation it belongs to.
    pub organization_id: OrganizationId,
    /// The one project whose events it is told of; `None` for all.
    pub project_id: Option<ProjectId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What people say about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookContent {
    /// For people.
    pub name: String,
    /// Where it listens: http or https.
    pub url: String,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// Headers that go with every request.
    pub headers: WebhookHeaders,
    /// For people; may be empty.
    pub description: String,
}

impl WebhookContent {
    /// The longest name in characters.
    pub const MAX_NAME_CHARS: usize = 100;
    /// The longest description in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 500;
    /// The longest address in bytes.
    pub const MAX_URL_BYTES: usize = 2048;

    /// Everything that is wrong with it, but for the address: a look at that needs the network.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let chars = self.name.chars().count();
        if self.name.trim().is_empty() || chars > Self::MAX_NAME_CHARS {
            problems.push(format!("name must have 1 to {} characters, not {chars}", Self::MAX_NAME_CHARS));
        }
        let chars = self.description.chars().count();
        if chars > Self::MAX_DESCRIPTION_CHARS {
            let max = Self::MAX_DESCRIPTION_CHARS;
            problems.push(format!("description must have at most {max} characters, not {chars}"));
        }
        if self.events.is_empty() {
            problems.push("events must name at least one event".to_owned());
        }
        problems.extend(self.headers.problems());
        problems
    }
}

/// Headers of an endpoint's own, by name. When shown, a value that is likely a secret is [`WebhookHeaders::HIDDEN`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookHeaders(pub BTreeMap<String, String>);

impl WebhookHeaders {
    /// What is shown in place of a value that is likely a secret.
    pub const HIDDEN: &str = "***";
    /// The most headers.
    pub const MAX: usize = 20;
    /// The longest value in bytes.
    pub const MAX_VALUE_BYTES: usize = 1024;

    /// The headers as they may be shown.
    #[must_use]
    pub fn shown(&self) -> BTreeMap<String, String> {
        let value = |name: &str, value: &str| if is_secret(name) { Self::HIDDEN } else { value }.to_owned();
        self.0.iter().map(|(name, text)| (name.clone(), value(name, text))).collect()
    }

    /// These headers, with the values of `before` where they were sent back as they are shown.
    #[must_use]
    pub fn or_as_before(mut self, before: &Self) -> Self {
        for (name, value) in &mut self.0 {
            if let Some(known) = before.0.get(name).filter(|_| value == Self::HIDDEN) {
                value.clone_from(known);
            }
        }
        self
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.0.len() > Self::MAX {
            problems.push(format!("headers must be at most {}, not {}", Self::MAX, self.0.len()));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (name, value) in &self.0 {
            let shown: String = name.chars().take(60).collect();
            if !is_header_name(name) {
                problems.push(format!("headers: {shown} is no name of a header"));
            } else if is_reserved(name) {
                problems.push(format!("headers: {shown} is set by Recto and cannot be changed"));
            } else if !seen.insert(name.to_ascii_lowercase()) {
                problems.push(format!("headers: {shown} is there twice"));
            }
            if value.len() > Self::MAX_VALUE_BYTES {
                let (max, length) = (Self::MAX_VALUE_BYTES, value.len());
                problems.push(format!("headers: the value of {shown} must have at most {max} bytes, not {length}"));
            }
            if !value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)) {
                problems.push(format!("headers: the value of {shown} must be printable ASCII"));
            }
        }
        problems
    }
}

impl Serialize for WebhookHeaders {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown().serialize(serializer)
    }
}

/// A token as RFC 9110 has it.
fn is_header_name(name: &str) -> bool {
    let sign = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=100).contains(&name.len()) && name.bytes().all(sign)
}

/// Headers that Recto or HTTP itself sets.
fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
    ];
    let name = name.to_ascii_lowercase();
    let begins = |start| name.starts_with(start);
    NAMES.contains(&name.as_str()) || begins("webhook-") || begins("x-webhook-") || begins("proxy-")
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "cookie", "key", "password", "secret", "signature", "token"].iter().any(|part| name.contains(part))
}

/// Whether an endpoint is told of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookStatus {
    /// It is told of what happens.
    Active,
    /// It is not told of what happens meanwhile; what was queued before waits.
    Paused,
}

impl WebhookStatus {
    /// As the API and the database spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

impl fmt::Display for WebhookStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no status of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("status must be active or paused")]
pub struct InvalidWebhookStatus;

impl FromStr for WebhookStatus {
    type Err = InvalidWebhookStatus;

    fn from_str(text: &str) -> Result<Self, InvalidWebhookStatus> {
        match text {
            "active" => Ok(Self::Active),
            "paused" => Ok(Self::Paused),
            _ => Err(InvalidWebhookStatus),
        }
    }
}

/// After how long with nothing but failures an endpoint is paused.
pub const PAUSE_AFTER: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// How it goes with an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookHealth {
    /// Whether it is told of events.
    pub status: WebhookStatus,
    /// Why it is paused.
    pub pause_reason: Option<String>,
    /// Since when every delivery has failed.
    pub failing_since: Option<Timestamp>,
}

impl WebhookHealth {
    /// That of a new endpoint, and of one that is resumed: active, and nothing has failed.
    #[must_use]
    pub fn active() -> Self {
        Self { status: WebhookStatus::Active, pause_reason: None, failing_since: None }
    }

    /// Paused by a person. One that is paused stays as it is.
    #[must_use]
    pub fn paused_by_hand(self) -> Self {
        match self.status {
            WebhookStatus::Active => self.paused("it was paused by hand".to_owned()),
            WebhookStatus::Paused => self,
        }
    }

    /// Resumed by a person. One that is active stays as it is.
    #[must_use]
    pub fn resumed(self) -> Self {
        match self.status {
            WebhookStatus::Active => self,
            WebhookStatus::Paused => Self::active(),
        }
    }

    /// After a delivery was acknowledged.
    #[must_use]
    pub fn after_success(self) -> Self {
        Self { failing_since: None, ..self }
    }

    /// After an attempt failed with that error; [`PAUSE_AFTER`] the first of an unbroken row, it is paused.
    #[must_use]
    pub fn after_failure(self, error: &str, now: Timestamp) -> Self {
        let since = self.failing_since.unwrap_or(now);
        let failing = Self { failing_since: Some(since), ..self };
        if failing.status == WebhookStatus::Active && now >= since.plus(PAUSE_AFTER) {
            failing.paused(format!("every delivery has failed since {since}, the last one with: {error}"))
        } else {
            failing
        }
    }

    fn paused(self, reason: String) -> Self {
        Self { status: WebhookStatus::Paused, pause_reason: Some(reason), ..self }
    }
}

#[cfg(test)]
mod tests;
