//! What a request says about an endpoint.

use std::collections::BTreeMap;

use recto_domain::{EventKind, WebhookChange, WebhookContent, WebhookHeaders, WebhookSecret};
use recto_webhooks::AddressGuard;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;
use crate::member::Member;

/// An endpoint to be made, or what is to be changed of one. A change that leaves a member out, or sends `null`, leaves
/// it as it is.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WebhookForm {
    name: Member<String>,
    url: Member<String>,
    events: Member<Vec<Value>>,
    headers: Member<BTreeMap<String, String>>,
    description: Member<String>,
    secret: Member<String>,
    status: Member<String>,
    pub(crate) project_id: Member<String>,
}

impl WebhookForm {
    /// A new endpoint and its secret, or everything that is wrong. A secret that was not sent is made up.
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

    /// A change, or everything that is wrong with it.
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
    let headers = WebhookHeaders(member.optional("headers", "an object of names and their texts", wrong)?);
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
