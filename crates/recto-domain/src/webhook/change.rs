//! Changes that a person makes to an endpoint.

use super::{WebhookContent, WebhookHeaders, WebhookHealth, WebhookStatus};
use crate::event::EventKind;
use crate::webhook_secret::WebhookSecret;

/// A change of an endpoint; `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookChange {
    /// The new name.
    pub name: Option<String>,
    /// The new URL.
    pub url: Option<String>,
    /// The new events.
    pub events: Option<Vec<EventKind>>,
    /// The new headers, which replace all old ones; a value that is [`WebhookHeaders::HIDDEN`] keeps the old value.
    pub headers: Option<WebhookHeaders>,
    /// The new description.
    pub description: Option<String>,
    /// The new secret.
    pub secret: Option<WebhookSecret>,
    /// The new status: paused or active.
    pub status: Option<WebhookStatus>,
}

impl WebhookChange {
    /// The endpoint's configuration after the change.
    #[must_use]
    pub fn apply(&self, before: WebhookContent) -> WebhookContent {
        let headers = self.headers.clone().map(|headers| headers.or_as_before(&before.headers));
        WebhookContent {
            name: self.name.clone().unwrap_or(before.name),
            url: self.url.clone().unwrap_or(before.url),
            events: self.events.clone().unwrap_or(before.events),
            headers: headers.unwrap_or(before.headers),
            description: self.description.clone().unwrap_or(before.description),
        }
    }

    /// The endpoint's health after the change.
    #[must_use]
    pub fn apply_to_health(&self, before: WebhookHealth) -> WebhookHealth {
        match self.status {
            None => before,
            Some(WebhookStatus::Active) => before.resumed(),
            Some(WebhookStatus::Paused) => before.paused_by_hand(),
        }
    }
}
