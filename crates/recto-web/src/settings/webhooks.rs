//! The webhook endpoints.

use axum::extract::{Query, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use recto_domain::EventKind;
use serde::Deserialize;
use serde_json::{Value, json};

use super::frame::{self, problem, secret};
use crate::Web;
use crate::call::Failure;
use crate::form::{Form, query};
use crate::paging::Pagination;
use crate::project::Projects;
use crate::session::Session;
use crate::words::time;

/// An endpoint as the API returns it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) events: Vec<String>,
    pub(super) status: String,
    pub(super) pause_reason: Option<String>,
    pub(super) failing_since: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<Endpoint>,
    pagination: Pagination,
}

/// The page of a list.
#[derive(Deserialize)]
pub(crate) struct Asked {
    pub(super) page: Option<u64>,
}

impl Endpoint {
    /// The state of the endpoint.
    pub(super) fn facts(&self) -> Markup {
        html! {
            div.facts {
                @if self.status == "active" { span { "active" } } @else { span.doubt { (self.status) } }
                @if let Some(reason) = &self.pause_reason { span.fault { (reason) } }
                @if let Some(since) = &self.failing_since { span.fault { "failing since " (time(since)) } }
                span { (self.events.join(", ")) }
            }
        }
    }
}

/// `GET /settings/webhooks`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    shown(&web, &session, asked.page.unwrap_or(1), None, None).await
}

async fn shown(
    web: &Web,
    session: &Session,
    page: u64,
    new_secret: Option<&str>,
    wrong: Option<&str>,
) -> Result<Response, Failure> {
    let projects = Projects::load(web, session).await?;
    let page = page.to_string();
    let words = query(&[("projectId", projects.id()), ("limit", "25"), ("page", &page)]);
    let all: Listed = web.get(session, &format!("/webhooks?{words}")).await?;
    let content = html! {
        @if let Some(value) = new_secret { (secret("This secret signs the deliveries.", value)) }
        @if all.data.is_empty() { p.quiet { "There are no webhooks yet." } }
        ul.batches { @for endpoint in &all.data { li {
            a.batch-name href={ "/settings/webhooks/" (endpoint.id) } { bdi { (endpoint.name) } }
            p.mono.address { (endpoint.url) }
            (endpoint.facts())
        } } }
        (all.pagination.links(&|page| format!("/settings/webhooks?page={page}")))
        h2 { "New webhook" }
        (problem(wrong))
        form method="post" action="/settings/webhooks" {
            input type="hidden" name="code" value=(session.form_code());
            input type="hidden" name="projectId" value=(projects.id());
            div.row {
                div.grow { label for="name" { "Name" } input id="name" name="name" required maxlength="100"; }
                div.grow { label for="url" { "Address" } input id="url" name="url" type="url" required maxlength="2048" placeholder="https://example.com/recto"; }
            }
            fieldset { legend { "Events" }
                @for kind in EventKind::ALL { label.check {
                    input type="checkbox" name={ "event:" (kind) } value="1" checked[matches!(kind, EventKind::BatchCompleted)]; " " (kind)
                } }
            }
            div.buttons { button.primary type="submit" { "Create webhook" } }
        }
    };
    Ok(frame::page(web, session, &projects, "Webhooks", &content))
}

/// `POST /settings/webhooks`: the answer is the one page that shows the secret.
pub(crate) async fn create(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let events: Vec<&str> = form.all("event:").map(|(kind, _)| kind).collect();
    let mut body = json!({ "name": form.get("name"), "url": form.get("url"), "events": events });
    if !form.get("projectId").is_empty() {
        body["projectId"] = form.get("projectId").into();
    }
    match web.put::<Value>(&session, Method::POST, "/webhooks", &body).await {
        Ok(made) => shown(&web, &session, 1, made["secret"].as_str(), None).await,
        Err(failure) if failure.status == StatusCode::BAD_REQUEST => {
            shown(&web, &session, 1, None, Some(&failure.message)).await
        }
        Err(failure) => Err(failure),
    }
}
