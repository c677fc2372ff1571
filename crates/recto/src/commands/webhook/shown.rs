//! Endpoints and deliveries, worded for people.

use std::io;

use recto_domain::{Delivery, EventKind, Webhook};

use crate::commands::print;

pub(super) fn made(webhook: &Webhook, secret: &str) -> io::Result<()> {
    one(webhook)?;
    print::fields(&[("secret", format!("{secret}  (shown only once)"))])
}

pub(super) fn one(webhook: &Webhook) -> io::Result<()> {
    let headers: Vec<String> =
        webhook.content.headers.shown().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut fields = vec![
        ("id", webhook.id.to_string()),
        ("name", webhook.content.name.clone()),
        ("url", webhook.content.url.clone()),
        ("events", names(&webhook.content.events)),
        ("organization", webhook.organization_id.to_string()),
        ("project", project(webhook)),
        ("status", webhook.health.status.to_string()),
    ];
    fields.extend(webhook.health.pause_reason.clone().map(|reason| ("because", reason)));
    if !headers.is_empty() {
        fields.push(("headers", headers.join(", ")));
    }
    print::fields(&fields)
}

pub(super) fn all(webhooks: &[Webhook]) -> io::Result<()> {
    let row = |webhook: &Webhook| {
        vec![
            webhook.id.to_string(),
            webhook.organization_id.to_string(),
            project(webhook),
            webhook.health.status.to_string(),
            webhook.content.name.clone(),
            webhook.content.url.clone(),
        ]
    };
    let head = ["ID", "ORGANIZATION", "PROJECT", "STATUS", "NAME", "URL"];
    print::table(&head, webhooks.iter().map(row).collect(), "no webhooks yet: create one with `recto webhook create`")
}

pub(super) fn deliveries(deliveries: &[Delivery]) -> io::Result<()> {
    let row = |delivery: &Delivery| {
        let last = delivery.attempts.last();
        let outcome = last.map_or_else(
            || "not sent yet".to_owned(),
            |attempt| match (&attempt.error, attempt.response_status) {
                (Some(error), _) => error.clone(),
                (None, Some(status)) => format!("answered {status}"),
                (None, None) => "acknowledged".to_owned(),
            },
        );
        vec![
            delivery.id.to_string(),
            delivery.created_at.to_string(),
            delivery.event_type.clone(),
            delivery.status.to_string(),
            delivery.attempts.len().to_string(),
            outcome,
        ]
    };
    let head = ["ID", "QUEUED", "EVENT", "STATUS", "ATTEMPTS", "LAST"];
    print::table(&head, deliveries.iter().map(row).collect(), "no deliveries for this webhook yet")
}

fn names(events: &[EventKind]) -> String {
    events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ")
}

fn project(webhook: &Webhook) -> String {
    webhook.project_id.map_or_else(|| "all".to_owned(), |id| id.to_string())
}
