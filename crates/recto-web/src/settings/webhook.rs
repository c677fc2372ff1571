//! One endpoint: the log of its deliveries, and the buttons to test, pause and delete it.

use axum::extract::{Path, Query, State};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use recto_domain::{DeliveryId, WebhookId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::frame;
use super::webhooks::{Asked, Endpoint};
use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::paging::Pagination;
use crate::project::Projects;
use crate::session::Session;
use crate::words::{count, time};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    id: String,
    event_type: String,
    status: String,
    attempts: Vec<Attempt>,
    next_attempt_at: Option<String>,
    created_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    sent_at: String,
    duration_ms: u64,
    response_status: Option<u16>,
    response_body: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<Delivery>,
    pagination: Pagination,
}

/// `GET /settings/webhooks/:id`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<WebhookId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let endpoint: Endpoint = web.get(&session, &format!("/webhooks/{id}")).await?;
    let page = asked.page.unwrap_or(1);
    let log: Listed = web.get(&session, &format!("/webhooks/{id}/deliveries?limit=25&page={page}")).await?;
    let act = |what: &str, label: &str, class: &str| {
        html! {
            form method="post" action={ "/settings/webhooks/" (id) "/" (what) } {
                input type="hidden" name="code" value=(session.form_code());
                button class=(class) type="submit" { (label) }
            }
        }
    };
    let content = html! {
        h2 { bdi { (endpoint.name) } }
        p.mono.address { (endpoint.url) }
        (endpoint.facts())
        div.buttons {
            (act("test", "Send a test", ""))
            @if endpoint.status == "active" { (act("pause", "Pause", "")) } @else { (act("resume", "Resume", "")) }
            (act("delete", "Delete", "danger"))
        }
        h2 { "Deliveries" }
        @if log.data.is_empty() { p.quiet { "Nothing yet." } }
        ul.batches { @for delivery in &log.data { li { (row(delivery, &session)) } } }
        (log.pagination.links(&|page| format!("/settings/webhooks/{id}?page={page}")))
    };
    Ok(frame::page(&web, &session, &projects, "Webhooks", &content))
}

fn row(delivery: &Delivery, session: &Session) -> Markup {
    let last = delivery.attempts.last();
    html! {
        div.entry {
            div {
                strong { (delivery.event_type) }
                div.facts {
                    span class=[(delivery.status == "failed").then_some("fault")] { (delivery.status) }
                    @match last.map(|attempt| (&attempt.error, attempt.response_status)) {
                        Some((Some(error), _)) => span.fault { (error) },
                        Some((None, Some(status))) => span { "answered " (status) },
                        _ => {}
                    }
                    span { (count(delivery.attempts.len() as u64, "attempt")) }
                    @if let Some(next) = &delivery.next_attempt_at { span { "again " (time(next)) } }
                    (time(&delivery.created_at))
                }
            }
            form method="post" action={ "/settings/webhooks/deliveries/" (delivery.id) "/again" } {
                input type="hidden" name="code" value=(session.form_code());
                button type="submit" { "Send again" }
            }
        }
        @if !delivery.attempts.is_empty() {
            details {
                summary { "Attempts" span.hidden { " of " (delivery.event_type) } }
                ol { @for attempt in &delivery.attempts { li {
                    (time(&attempt.sent_at)) ", " (attempt.duration_ms) " ms"
                    @if let Some(status) = attempt.response_status { ", " (status) }
                    @if let Some(error) = &attempt.error { ", " (error) }
                    @if let Some(body) = attempt.response_body.as_ref().filter(|body| !body.is_empty()) { pre tabindex="0" { (body) } }
                } } }
            }
        }
    }
}

/// `POST /settings/webhooks/:id/:what`
pub(crate) async fn act(
    State(web): State<Web>,
    session: Session,
    Path((id, what)): Path<(WebhookId, String)>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let path = format!("/webhooks/{id}");
    match what.as_str() {
        "test" => web.act(&session, Method::POST, &format!("{path}/test")).await?,
        "pause" => web.change(&session, &path, &json!({ "status": "paused" })).await.map(drop)?,
        "resume" => web.change(&session, &path, &json!({ "status": "active" })).await.map(drop)?,
        "delete" => {
            web.act(&session, Method::DELETE, &path).await?;
            return Ok(Redirect::to("/settings/webhooks").into_response());
        }
        _ => return Err(Failure::missing()),
    }
    Ok(Redirect::to(&format!("/settings/webhooks/{id}")).into_response())
}

/// `POST /settings/webhooks/deliveries/:id/again`
pub(crate) async fn again(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<DeliveryId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let path = format!("/webhooks/deliveries/{id}/redeliver");
    let sent: Value = web.put(&session, Method::POST, &path, &json!({})).await?;
    let endpoint = sent["webhookId"].as_str().unwrap_or_default();
    Ok(Redirect::to(&format!("/settings/webhooks/{endpoint}")).into_response())
}
