//! What a person changes of an endpoint.

use super::{WebhookContent, WebhookHeaders, WebhookHealth, WebhookStatus};
use crate::event::EventKind;
use crate::webhook_secret::WebhookSecret;

/// A change of an endpoint: what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookChange {
    /// Another name.
    pub name: Option<String>,
    /// Another address.
    pub url: Option<String>,
    /// Other events.
    pub events: Option<Vec<EventKind>>,
    /// Other headers, all of them; a value that is [`WebhookHeaders::HIDDEN`] stays as it is.
    pub headers: Option<WebhookHeaders>,
    /// Another description.
    pub description: Option<String>,
    /// Another secret.
    pub secret: Option<WebhookSecret>,
    /// To be paused or resumed.
    pub status: Option<WebhookStatus>,
}

impl WebhookChange {
    /// What people say about the endpoint after the change.
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

    /// How it goes with the endpoint after the change.
    #[must_use]
    pub fn apply_to_health(&self, before: WebhookHealth) -> WebhookHealth {
        match self.status {
            None => before,
            Some(WebhookStatus::Active) => before.resumed(),
            Some(WebhookStatus::Paused) => before.paused_by_hand(),
        }
    }
}
