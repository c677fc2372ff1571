//! The keys of a session, one for each organization that the person works for, and the switch between them.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::frame::{self, problem};
use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::held_key::HeldKey;
use crate::project::Projects;
use crate::session::{Session, begin, end, remember_project};
use crate::sign_in::{exchange, in_words};

/// `GET /settings/session`
pub(crate) async fn page(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    shown(&web, &session, None).await
}

async fn shown(web: &Web, session: &Session, wrong: Option<&str>) -> Result<Response, Failure> {
    let projects = Projects::load(web, session).await?;
    let content = html! {
        p { "This browser is signed in with these keys until an hour after the last page view. Signing out ends all of these sign-ins." }
        ul.batches { @for key in session.keys() { li { (row(session, key)) } } }
        h2 { "Add a key" }
        (problem(wrong))
        form.row method="post" action="/settings/session" {
            input type="hidden" name="code" value=(session.form_code());
            div.grow { label for="key" { "API key, for example one of another organization" }
                input.mono id="key" name="key" type="password" autocomplete="off" required placeholder="ocr_…" spellcheck="false"; }
            button.primary type="submit" { "Add key" }
        }
    };
    Ok(frame::page(web, session, &projects, "Session", &content))
}

fn row(session: &Session, key: &HeldKey) -> Markup {
    let is_used = key.id == session.key.id;
    html! {
        div.entry {
            div {
                strong { bdi { (key.organization) } }
                div.facts {
                    span { "key " bdi { (key.name) } }
                    span { @if key.project.is_empty() { "all projects" } @else { "one project" } }
                    @if is_used { span { "in use" } }
                }
            }
            @if !is_used { (switch_to(session, key)) }
            form method="post" action={ "/settings/session/" (key.id) "/leave" } {
                input type="hidden" name="code" value=(session.form_code());
                button type="submit" { "Leave" span.hidden { " " (key.organization) } }
            }
        }
    }
}

/// A button that switches to another key of the session.
pub(crate) fn switch_to(session: &Session, key: &HeldKey) -> Markup {
    html! {
        form method="post" action="/organization" {
            input type="hidden" name="code" value=(session.form_code());
            input type="hidden" name="key" value=(key.id);
            button type="submit" { "Go to " bdi { (key.organization) } }
        }
    }
}

/// `POST /settings/session`: adds a key, which is then in use.
pub(crate) async fn add(
    State(web): State<Web>,
    session: Session,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let signed_in = match exchange(&web, &session.extensions, &headers, form.get("key")).await {
        Ok(signed_in) => signed_in,
        Err(failure) => return shown(&web, &session, Some(&in_words(&failure))).await,
    };
    let seconds = signed_in.expires_in;
    let added = HeldKey::from(signed_in);
    let others = session.keys().filter(|key| key.id != added.id).cloned();
    let held: Vec<HeldKey> = std::iter::once(added.clone()).chain(others).collect();
    match begin(&web, &held, seconds) {
        Some(cookie) => Ok(with(&web, Redirect::to("/batches").into_response(), cookie, &added.project)),
        None => shown(&web, &session, Some("A browser cannot keep more keys. Leave one of these first.")).await,
    }
}

/// `POST /organization`: switches to another key of the session, unless that key has ended.
pub(crate) async fn switch(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let changed = session.with_key(form.get("key")).ok_or_else(Failure::missing)?;
    let works = web.works(&changed).await;
    let Some(cookie) = changed.renewed(&web).filter(|_| works) else {
        let ended = format!("The key for {} is no longer valid. Add another one.", changed.key.organization);
        return shown(&web, &session, Some(&ended)).await;
    };
    Ok(with(&web, Redirect::to("/batches").into_response(), cookie, &changed.key.project))
}

/// `POST /settings/session/:id/leave`: forgets a key; the next one is then in use.
pub(crate) async fn leave(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let held: Vec<HeldKey> = session.keys().filter(|key| key.id != id).cloned().collect();
    let was_used = session.key.id == id;
    let next = held.first().cloned().unwrap_or_default();
    let cookie = match web.api.renew(&next.access_token) {
        Some((_, seconds)) => begin(&web, &held, seconds),
        None => end(&web),
    };
    let cookie = cookie.ok_or_else(Failure::missing)?;
    let mut response = Redirect::to("/settings/session").into_response();
    if was_used {
        return Ok(with(&web, response, cookie, &next.project));
    }
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// An answer that switches to another key. It also sets the project, because the previous choice no longer applies.
fn with(web: &Web, mut response: Response, cookie: HeaderValue, project: &str) -> Response {
    for cookie in std::iter::once(cookie).chain(remember_project(web, project)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
