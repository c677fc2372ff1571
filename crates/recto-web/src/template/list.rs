//! The list of templates, and two ways to make one: from a built-in template, and from JSON.

use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::entry::{Content, Entry};
use crate::Web;
use crate::call::Failure;
use crate::form::{Form, query};
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::session::Session;
use crate::words::{count, time};

/// `GET /templates`
pub(crate) async fn page(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    shown(&web, &session, "", None).await
}

/// `POST /templates/import`: imports a template in the format that the API and `recto template` write.
pub(crate) async fn import(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let json = form.get("json");
    let projects = Projects::load(&web, &session).await?;
    let content = match serde_json::from_str::<Content>(json) {
        Ok(content) => content,
        Err(error) => {
            return shown(&web, &session, json, Some(&format!("this is not a valid template: {error}"))).await;
        }
    };
    let mut body = content.to_body();
    body["projectId"] = projects.id().into();
    match web.put::<Value>(&session, Method::POST, "/templates", &body).await {
        Ok(made) => {
            let id = made["templateId"].as_str().unwrap_or_default();
            Ok(Redirect::to(&format!("/templates/{id}")).into_response())
        }
        Err(failure) if failure.status == StatusCode::BAD_REQUEST => {
            shown(&web, &session, json, Some(&failure.message)).await
        }
        Err(failure) => Err(failure),
    }
}

async fn shown(web: &Web, session: &Session, json: &str, wrong: Option<&str>) -> Result<Response, Failure> {
    let projects = Projects::load(web, session).await?;
    let words = query(&[("projectId", projects.id())]);
    let all: Vec<Entry> = web.get(session, &format!("/templates?{words}")).await?;
    let builtin: Vec<Builtin> = web.get(session, "/templates/builtin").await?;
    let content = html! {
        h1 { "Templates" }
        p { "A template says which values to find in documents: totals, numbers, dates, names." }
        div.buttons { a.button.primary href="/templates/new" { "New template" } }
        @if all.is_empty() { p.quiet { "There are no templates yet." } }
        ul.batches { @for entry in &all { li { (row(entry)) } } }
        details open[all.is_empty() && wrong.is_none()] {
            summary { "Create from a built-in template" }
            ul.batches { @for entry in &builtin { li { (builtin_row(session, entry)) } } }
        }
        details open[wrong.is_some()] {
            summary { "Import from JSON" }
            form method="post" action="/templates/import" {
                input type="hidden" name="code" value=(session.form_code());
                @if let Some(wrong) = wrong { p.problem role="alert" { (wrong) } }
                label for="json" { "Template" }
                textarea id="json" name="json" rows="10" spellcheck="false" required
                    placeholder={ "{\"name\": \"Receipt\", \"templateSchema\": {\"total\": {\"type\": \"number\"}}}" } { (json) }
                div.buttons { button type="submit" { "Import" } }
            }
        }
    };
    Ok(Frame::new(web, session, &projects, Part::Templates, "Templates").page(&content))
}

fn row(entry: &Entry) -> Markup {
    html! {
        a.batch-name href={ "/templates/" (entry.id) } { bdi { (entry.content.name) } }
        div.facts {
            span { (count(entry.content.fields() as u64, "field")) }
            span { "version " (entry.version) }
            @if !entry.is_active { span.doubt { "not in use" } }
            span { "changed " (time(&entry.updated_at)) }
        }
        @if !entry.content.description.is_empty() { p.quiet { bdi { (entry.content.description) } } }
    }
}

/// A built-in template.
#[derive(Deserialize)]
struct Builtin {
    id: String,
    #[serde(flatten)]
    content: Content,
}

fn builtin_row(session: &Session, builtin: &Builtin) -> Markup {
    let content = &builtin.content;
    html! {
        div.entry {
            div {
                strong { (content.name) }
                p { (content.description) }
                p.quiet { "Fields: " (content.field_names().join(", ")) }
            }
            form method="post" action={ "/templates/builtin/" (builtin.id) } {
                input type="hidden" name="code" value=(session.form_code());
                button type="submit" { "Copy" span.hidden { " " (content.name) } }
            }
        }
    }
}

/// `POST /templates/builtin/:id`: makes a copy of a built-in template, which can then be changed.
pub(crate) async fn copy(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    // The id becomes part of an address of the API, so it is checked: ids of built-in templates are letters and
    // hyphens.
    if !id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
        return Err(Failure::missing());
    }
    let projects = Projects::load(&web, &session).await?;
    let body = json!({ "projectId": projects.id() });
    let made: Value = web.put(&session, Method::POST, &format!("/templates/builtin/{id}/copy"), &body).await?;
    let id = made["templateId"].as_str().unwrap_or_default();
    Ok(Redirect::to(&format!("/templates/{id}")).into_response())
}
