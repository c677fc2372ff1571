//! Webhook endpoints: who is told of events, and when telling is paused.

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

/// An endpoint that is told of events by HTTP. Its secret is not here, so that nothing can show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// The endpoint.
    pub id: WebhookId,
    /// What it is told of and how.
    #[serde(flatten)]
    pub content: WebhookContent,
    /// Whether it is told now, and how that goes.
    #[serde(flatten)]
    pub health: WebhookHealth,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The one project whose events it is told of; null for all.
    pub project_id: Option<ProjectId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What people say about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookContent {
    /// For people.
    pub name: String,
    /// Where it listens: http or https.
    pub url: String,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// Headers that go with every request.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
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

/// Whether an endpoint is told of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookStatus {
    /// It is told of what happens.
    Active,
    /// It is not told of what happens meanwhile; what was queued before waits.
    Paused,
}

spelled!(WebhookStatus, "status", InvalidWebhookStatus, [Active = "active", Paused = "paused",]);

/// After how long with nothing but failures an endpoint is paused.
pub const PAUSE_AFTER: Duration = Duration::from_hours(3 * 24);

/// How it goes with an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
