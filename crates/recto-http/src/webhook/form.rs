//! An endpoint in a request.

use std::collections::BTreeMap;

use recto_domain::{EventKind, ProjectId, WebhookChange, WebhookContent, WebhookHeaders, WebhookSecret};
use recto_webhooks::AddressGuard;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::member::Member;
use crate::openapi::whole;

/// An endpoint to make, or a change of one. A change leaves members unchanged that are left out or `null`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookChange)]
pub(crate) struct WebhookForm {
    /// A name for people.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    #[serde(default)]
    name: Member<String>,
    /// The URL it listens on: http or https.
    #[schema(value_type = String, max_length = 2048, format = "uri", example = "https://example.com/recto")]
    #[serde(default)]
    url: Member<String>,
    /// The events it receives.
    #[schema(value_type = Vec<EventKind>, min_items = 1, max_items = 8)]
    #[serde(default)]
    events: Member<Vec<Value>>,
    /// Extra headers for every request. A value sent back in its hidden form, `***`, stays unchanged.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    #[serde(default)]
    headers: Member<BTreeMap<String, String>>,
    /// A description for people.
    #[schema(value_type = Option<String>, max_length = 500)]
    #[serde(default)]
    description: Member<String>,
    /// The secret that signs its deliveries.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    secret: Member<String>,
    /// `paused` or `active`; only for an existing endpoint.
    #[schema(value_type = Option<recto_domain::WebhookStatus>)]
    #[serde(default)]
    status: Member<String>,
    /// The one project whose events it receives, or all projects by default; only for a new endpoint.
    #[schema(value_type = Option<ProjectId>)]
    #[serde(default)]
    pub(crate) project_id: Member<String>,
}

whole! {
    /// An endpoint to make.
    NewEndpoint = WebhookForm { "name", "url", "events" }
}

impl WebhookForm {
    /// A new endpoint and its secret, or all problems. A secret that was not sent is generated.
    pub(crate) async fn new_webhook(self, guard: AddressGuard) -> Result<(WebhookContent, WebhookSecret), ApiError> {
        let mut wrong = Vec::new();
        let name = self.name.text("name", 1..=WebhookContent::MAX_NAME_CHARS, &mut wrong);
        let url = self.url.required("url", "an http or https address", &mut wrong);
        check_url(url.as_deref(), guard, &mut wrong).await;
        let events = self.events.required("events", "a list of events", &mut wrong);
        let events = events.and_then(|events| kinds(Member::Sent(events), &mut wrong));
        let headers = headers(self.headers, &mut wrong);
        let description = description(self.description, &mut wrong);
        let secret = secret(self.secret, &mut wrong);
        ApiError::unless_empty(wrong)?;
        let content = WebhookContent {
            name: name.unwrap_or_default(),
            url: url.unwrap_or_default(),
            events: events.unwrap_or_default(),
            headers: headers.unwrap_or_default(),
            description: description.unwrap_or_default(),
        };
        Ok((content, secret.unwrap_or_else(WebhookSecret::generate)))
    }

    /// A change, or all problems with it.
    pub(crate) async fn change(self, guard: AddressGuard) -> Result<WebhookChange, ApiError> {
        let mut wrong = Vec::new();
        let change = WebhookChange {
            name: self.name.optional_text("name", 1..=WebhookContent::MAX_NAME_CHARS, &mut wrong),
            url: self.url.optional("url", "an http or https address", &mut wrong),
            events: kinds(self.events, &mut wrong),
            headers: headers(self.headers, &mut wrong),
            description: description(self.description, &mut wrong),
            secret: secret(self.secret, &mut wrong),
            status: self.status.spelled("status", &mut wrong),
        };
        check_url(change.url.as_deref(), guard, &mut wrong).await;
        ApiError::unless_empty(wrong)?;
        Ok(change)
    }
}

async fn check_url(url: Option<&str>, guard: AddressGuard, wrong: &mut Vec<String>) {
    if let Some(url) = url {
        wrong.extend(guard.check(url).await.err().map(|problem| problem.to_string()));
    }
}

fn kinds(member: Member<Vec<Value>>, wrong: &mut Vec<String>) -> Option<Vec<EventKind>> {
    member.list("events", 1..=EventKind::ALL.len(), wrong)
}

fn headers(member: Member<BTreeMap<String, String>>, wrong: &mut Vec<String>) -> Option<WebhookHeaders> {
    let headers = WebhookHeaders(member.optional("headers", "an object of header names and their values", wrong)?);
    wrong.extend(headers.problems());
    Some(headers)
}

fn description(member: Member<String>, wrong: &mut Vec<String>) -> Option<String> {
    member.optional_text("description", 0..=WebhookContent::MAX_DESCRIPTION_CHARS, wrong)
}

fn secret(member: Member<String>, wrong: &mut Vec<String>) -> Option<WebhookSecret> {
    let secret = member.optional("secret", "a string", wrong)?;
    WebhookSecret::new(secret).map_err(|problem| wrong.push(problem.to_string())).ok()
}
