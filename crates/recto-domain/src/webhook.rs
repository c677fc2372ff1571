//! Webhook endpoints: which events they receive, and when they are paused.

mod change;
mod headers;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::EventKind;
use crate::id::{OrganizationId, ProjectId, WebhookId};
use crate::spelling::spelled;
use crate::time::Timestamp;

pub use change::WebhookChange;
pub use headers::WebhookHeaders;

/// An endpoint that receives events over HTTP. Its secret is not part of this type, so that it is never shown by
/// mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// The endpoint.
    pub id: WebhookId,
    /// Its configuration.
    #[serde(flatten)]
    pub content: WebhookContent,
    /// Whether it is active, and how its deliveries fare.
    #[serde(flatten)]
    pub health: WebhookHealth,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The one project whose events it receives; null for all projects.
    pub project_id: Option<ProjectId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The configuration of an endpoint, as entered by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookContent {
    /// A name for people.
    pub name: String,
    /// The URL it listens on: http or https.
    pub url: String,
    /// The events it receives.
    pub events: Vec<EventKind>,
    /// Extra headers for every request.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub headers: WebhookHeaders,
    /// A description for people; may be empty.
    pub description: String,
}

impl WebhookContent {
    /// The longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 100;
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 500;
    /// The longest URL, in bytes.
    pub const MAX_URL_BYTES: usize = 2048;

    /// All problems with the configuration. Whether the address is allowed is not checked here, because that needs the
    /// network.
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
            problems.push("events must contain at least one event".to_owned());
        }
        problems.extend(self.headers.problems());
        problems
    }
}

/// Whether an endpoint receives events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookStatus {
    /// It receives events.
    Active,
    /// It receives no events that happen now; deliveries queued earlier wait.
    Paused,
}

spelled!(WebhookStatus, "status", InvalidWebhookStatus, [Active = "active", Paused = "paused",]);

/// How long all deliveries must fail before an endpoint is paused.
pub const PAUSE_AFTER: Duration = Duration::from_hours(3 * 24);

/// The health of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookHealth {
    /// Whether it receives events.
    pub status: WebhookStatus,
    /// Why it is paused; null while it is active.
    pub pause_reason: Option<String>,
    /// The time since which every delivery has failed.
    pub failing_since: Option<Timestamp>,
}

impl WebhookHealth {
    /// The health of a new or resumed endpoint: active and without failures.
    #[must_use]
    pub fn active() -> Self {
        Self { status: WebhookStatus::Active, pause_reason: None, failing_since: None }
    }

    /// The health after a person paused the endpoint. A paused endpoint stays unchanged.
    #[must_use]
    pub fn paused_by_hand(self) -> Self {
        match self.status {
            WebhookStatus::Active => self.paused("it was paused manually".to_owned()),
            WebhookStatus::Paused => self,
        }
    }

    /// The health after a person resumed the endpoint. An active endpoint stays unchanged.
    #[must_use]
    pub fn resumed(self) -> Self {
        match self.status {
            WebhookStatus::Active => self,
            WebhookStatus::Paused => Self::active(),
        }
    }

    /// The health after a delivery was acknowledged.
    #[must_use]
    pub fn after_success(self) -> Self {
        Self { failing_since: None, ..self }
    }

    /// The health after an attempt failed with that error. The endpoint is paused once all attempts have failed for
    /// [`PAUSE_AFTER`].
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
