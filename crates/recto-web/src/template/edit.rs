//! The page of a template: its fields as a form and as JSON, and what it finds in a chosen document.

use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use recto_domain::TemplateId;
use serde::Deserialize;
use serde_json::Value;

use super::entry::{Content, Entry, Version};
use super::rows::{self, Row};
use super::trial::Trial;
use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::session::Session;
use crate::words::{count, time};

/// The query of the page's address: the document and the page that the template is tried on.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    record: String,
    page: Option<u32>,
}

/// The content that the page shows: the stored template, or typed changes that are not stored.
struct Draft {
    /// The id of the template; empty for a new one.
    id: String,
    content: Content,
    /// `None` when the fields can only be shown as JSON.
    rows: Option<Vec<Row>>,
    record: String,
    page: u32,
    wrong: Option<String>,
}

impl Draft {
    fn new(id: String, content: Content, record: &str, page: u32) -> Self {
        let rows = rows::of_schema(&content.template_schema);
        Self { id, content, rows, record: record.to_owned(), page, wrong: None }
    }

    /// The content as it was typed. Fields that can only be shown as JSON are kept as stored.
    fn typed(id: String, stored: Content, form: &Form) -> Self {
        let rows = form.find("name:0").map(|_| rows::of_form(form));
        let content = Content {
            name: form.get("name").to_owned(),
            description: form.get("description").to_owned(),
            instructions: form.get("instructions").to_owned(),
            template_schema: rows.as_deref().map_or(stored.template_schema.clone(), rows::to_schema),
            ..stored
        };
        // Of two fields with the same name, only one would be kept.
        let twice = rows.as_deref().and_then(rows::named_twice);
        let wrong = twice.map(|name| format!("two fields are called {name}: give one of them another name"));
        Self { id, content, rows, record: form.get("record").to_owned(), page: 1, wrong }
    }
}

/// `GET /templates/new`
pub(crate) async fn new(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    shown(&web, &session, Draft::new(String::new(), Content::default(), "", 1), None).await
}

/// `GET /templates/:id`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TemplateId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let stored: Entry = web.get(&session, &format!("/templates/{id}")).await?;
    let draft = Draft::new(id.to_string(), stored.content.clone(), &asked.record, asked.page.unwrap_or(1));
    shown(&web, &session, draft, Some(stored)).await
}

/// `POST /templates/new`
pub(crate) async fn create(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let mut draft = Draft::typed(String::new(), Content::default(), &form);
    if draft.wrong.is_some() {
        return shown(&web, &session, draft, None).await;
    }
    let projects = Projects::load(&web, &session).await?;
    let mut body = draft.content.to_body();
    body["projectId"] = projects.id().into();
    match web.put::<Value>(&session, Method::POST, "/templates", &body).await {
        Ok(made) => {
            let id = made["templateId"].as_str().unwrap_or_default();
            Ok(Redirect::to(&format!("/templates/{id}")).into_response())
        }
        Err(failure) if failure.status == StatusCode::BAD_REQUEST => {
            draft.wrong = Some(failure.message);
            shown(&web, &session, draft, None).await
        }
        Err(failure) => Err(failure),
    }
}

/// `POST /templates/:id`: saves what was typed, or tries it on the chosen document.
pub(crate) async fn save(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TemplateId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let path = format!("/templates/{id}");
    let stored: Entry = web.get(&session, &path).await?;
    let mut draft = Draft::typed(id.to_string(), stored.content.clone(), &form);
    if form.get("act") == "try" {
        return shown(&web, &session, draft, Some(stored)).await;
    }
    if form.get("act") == "json" {
        match serde_json::from_str::<Content>(form.get("json")) {
            Ok(content) => draft = Draft::new(id.to_string(), content, form.get("record"), 1),
            Err(error) => {
                draft.wrong = Some(format!("this is not a valid template: {error}"));
                return shown(&web, &session, draft, Some(stored)).await;
            }
        }
    }
    if draft.wrong.is_some() {
        return shown(&web, &session, draft, Some(stored)).await;
    }
    match web.put::<Value>(&session, Method::PATCH, &path, &draft.content.to_body()).await {
        Ok(_) => {
            let record = crate::form::query(&[("record", &draft.record)]);
            Ok(Redirect::to(&format!("/templates/{id}?{record}")).into_response())
        }
        Err(failure) if failure.status == StatusCode::BAD_REQUEST => {
            draft.wrong = Some(failure.message);
            shown(&web, &session, draft, Some(stored)).await
        }
        Err(failure) => Err(failure),
    }
}

async fn shown(web: &Web, session: &Session, draft: Draft, stored: Option<Entry>) -> Result<Response, Failure> {
    let projects = Projects::load(web, session).await?;
    let place = (draft.record.as_str(), draft.page);
    let trial = Trial::load(web, session, &projects, &draft.id, place, &draft.content.template_schema).await?;
    let versions: Vec<Version> = match &stored {
        Some(stored) => web.get(session, &format!("/templates/{}/versions", stored.id)).await?,
        None => Vec::new(),
    };
    let content = html! {
        p.trail { a href="/templates" { "Templates" } }
        h1 { @if stored.is_some() { bdi { (draft.content.name) } } @else { "New template" } }
        @if let Some(stored) = &stored {
            div.facts {
                span { "version " (stored.version) }
                span { (count(stored.content.fields() as u64, "field")) }
                @if !stored.is_active { span.doubt { "not in use" } }
            }
        }
        div.template.trying[trial.viewed.is_some()] {
            div { (form(session, &draft, &trial)) }
            @if stored.is_some() { div.trial { (trial.chooser()) (trial.picture(web, &draft.id)) } }
        }
        @if let Some(stored) = &stored { (further(session, stored, &draft, &trial, &versions)) }
    };
    let title = if stored.is_some() { draft.content.name.as_str() } else { "New template" };
    let modules: &[&str] = if trial.viewed.is_some() { &["template.js", "viewer.js"] } else { &["template.js"] };
    let frame = Frame::new(web, session, &projects, Part::Templates, title).with(modules).wide(trial.viewed.is_some());
    Ok(frame.page(&content))
}

fn form(session: &Session, draft: &Draft, trial: &Trial) -> Markup {
    let content = &draft.content;
    let action = if draft.id.is_empty() { "/templates/new".to_owned() } else { format!("/templates/{}", draft.id) };
    html! {
        form id="template" method="post" action=(action) {
            input type="hidden" name="code" value=(session.form_code());
            @if let Some(wrong) = &draft.wrong { p.problem role="alert" { (wrong) } }
            div.grid {
                div { label for="name" { "Name" }
                    input id="name" name="name" value=(content.name) required maxlength="200"; }
                div { label for="description" { "Description" }
                    input id="description" name="description" value=(content.description) maxlength="2000"; }
            }
            h2 { "Fields" }
            @match &draft.rows {
                Some(rows) => (rows::table(rows, |name| trial.value(name))),
                None => p.quiet { "These fields are a JSON Schema: edit them below as JSON." },
            }
            details {
                summary { "Instructions for a language model" }
                label for="instructions" { "Instructions" }
                textarea id="instructions" name="instructions" rows="4" { (content.instructions) }
            }
            div.buttons { button.primary type="submit" { "Save" } }
        }
    }
}

/// The other actions on a stored template.
fn further(session: &Session, stored: &Entry, draft: &Draft, trial: &Trial, versions: &[Version]) -> Markup {
    let code = session.form_code();
    let path = format!("/templates/{}", stored.id);
    let json = |content: &Content| serde_json::to_string_pretty(&content.to_body()).unwrap_or_default();
    html! {
        section aria-labelledby="further" {
            h2 id="further" { "Use it" }
            div.buttons {
                @if !trial.chosen().is_empty() {
                    form method="post" action={ (path) "/apply" } {
                        input type="hidden" name="code" value=(code);
                        input type="hidden" name="record" value=(trial.chosen());
                        button type="submit" { "Apply the saved template to this document" }
                    }
                }
                a.button href={ (path) "/apply" } { "Apply to stored documents" }
                form method="post" action={ (path) "/learn" } {
                    input type="hidden" name="code" value=(code);
                    button type="submit" { "Learn from corrected documents" }
                }
                a.button.danger href={ (path) "/delete" } { "Delete" }
            }
        }
        details {
            summary { "As JSON" }
            form method="post" action=(path) {
                input type="hidden" name="code" value=(code);
                label for="json" { "Template" }
                textarea id="json" name="json" rows="16" spellcheck="false" { (json(&draft.content)) }
                div.buttons { button type="submit" name="act" value="json" { "Save the JSON" } }
            }
        }
        details {
            summary { (count(versions.len() as u64, "version")) }
            ol.versions { @for version in versions { li {
                details {
                    summary { "version " (version.number) ", " (time(&version.created_at)) }
                    pre tabindex="0" { code { (json(&version.content)) } }
                    @if version.number != stored.version {
                        form method="post" action=(path) {
                            input type="hidden" name="code" value=(code);
                            input type="hidden" name="json" value=(json(&version.content));
                            button type="submit" name="act" value="json" { "Restore this version" }
                        }
                    }
                }
            } } }
        }
    }
}
