//! API keys: their tokens, and the one page that shows a new key.

use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use recto_domain::{Permission, Scope, TokenId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::frame::{self, problem, secret};
use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::paging::Pagination;
use crate::project::Projects;
use crate::session::Session;
use crate::words::time;

/// The number of keys on a page of the list.
const ON_A_PAGE: u32 = 25;

/// The page of the list.
#[derive(Deserialize)]
pub(crate) struct Asked {
    page: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    hint: String,
    permissions: Vec<String>,
    scopes: Vec<String>,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<Entry>,
    pagination: Pagination,
}

/// `GET /settings/keys`
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
    new_key: Option<&str>,
    wrong: Option<&str>,
) -> Result<Response, Failure> {
    let projects = Projects::load(web, session).await?;
    let all: Listed = web.get(session, &format!("/tokens?limit={ON_A_PAGE}&page={page}")).await?;
    let content = html! {
        @if let Some(key) = new_key { (secret("This is the new key.", key)) }
        ul.batches { @for entry in &all.data { li { (row(entry, session)) } } }
        (all.pagination.links(&|page| format!("/settings/keys?page={page}")))
        h2 { "New key" }
        (problem(wrong))
        (form(session, &projects))
    };
    Ok(frame::page(web, session, &projects, "Keys", &content))
}

fn row(entry: &Entry, session: &Session) -> Markup {
    html! {
        div.entry {
            div {
                strong { bdi { (entry.name) } } " " span.mono.quiet { (entry.hint) }
                div.facts {
                    span { @if entry.kind == "project" { "of a project" } @else { "of the organization" } }
                    span { (entry.permissions.join(", ")) " in " (if entry.scopes.iter().any(|scope| scope == "*") { "everything".to_owned() } else { entry.scopes.join(", ") }) }
                    @if let Some(at) = &entry.expires_at { span { "expires " (time(at)) } } @else { span { "never expires" } }
                    @if let Some(at) = &entry.last_used_at { span { "used " (time(at)) } } @else { span { "never used" } }
                }
            }
            form method="post" action={ "/settings/keys/" (entry.id) "/revoke" } {
                input type="hidden" name="code" value=(session.form_code());
                button.danger type="submit" { "Revoke" span.hidden { " " (entry.name) } }
            }
        }
    }
}

fn form(session: &Session, projects: &Projects) -> Markup {
    html! {
        form method="post" action="/settings/keys" {
            input type="hidden" name="code" value=(session.form_code());
            div.row {
                div.grow { label for="name" { "Name" } input id="name" name="name" required maxlength="100"; }
                div { label for="project-of-key" { "Works in" }
                    select id="project-of-key" name="projectId" {
                        @for project in &projects.all { option value=(project.id) selected[Some(&project.id) == projects.chosen.as_ref()] { (project.name) } }
                        option value="" { "the whole organization" }
                    } }
                div { label for="days" { "Expires after" }
                    select id="days" name="days" {
                        option value="30" { "30 days" } option value="365" selected { "a year" } option value="" { "never" }
                    } }
            }
            fieldset { legend { "Permissions" }
                @for permission in Permission::ALL { label.check {
                    input type="checkbox" name={ "permission:" (permission) } value="1" checked[permission != Permission::Admin]; " " (permission)
                } }
            }
            fieldset { legend { "Scopes" }
                @for scope in Scope::ALL { label.check {
                    input type="checkbox" name={ "scope:" (scope) } value="1" checked[scope == Scope::Batches || scope == Scope::History];
                    " " @if scope == Scope::All { "everything" } @else { (scope) }
                } }
            }
            div.buttons { button.primary type="submit" { "Create key" } }
        }
    }
}

/// `POST /settings/keys`: the answer is the one page that shows the key.
pub(crate) async fn create(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let named = |start: &str| form.all(start).map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    let project = form.get("projectId");
    let mut body = json!({
        "name": form.get("name"),
        "type": if project.is_empty() { "organization" } else { "project" },
        "permissions": named("permission:"),
        "scopes": named("scope:"),
    });
    if !project.is_empty() {
        body["projectId"] = project.into();
    }
    match form.get("days").parse::<u64>() {
        Ok(days) => body["expiresInDays"] = days.into(),
        Err(_) => body["expiresAt"] = Value::Null,
    }
    match web.put::<Value>(&session, Method::POST, "/tokens", &body).await {
        Ok(made) => shown(&web, &session, 1, made["apiKey"].as_str(), None).await,
        Err(failure) if matches!(failure.status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN) => {
            shown(&web, &session, 1, None, Some(&failure.message)).await
        }
        Err(failure) => Err(failure),
    }
}

/// `POST /settings/keys/:id/revoke`
pub(crate) async fn revoke(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TokenId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    match web.act(&session, Method::DELETE, &format!("/tokens/{id}")).await {
        Ok(()) => Ok(Redirect::to("/settings/keys").into_response()),
        Err(failure) if failure.status != StatusCode::UNAUTHORIZED => {
            shown(&web, &session, 1, None, Some(&failure.message)).await
        }
        Err(failure) => Err(failure),
    }
}
