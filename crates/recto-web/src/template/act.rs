//! Teaching and deletion of a template.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use recto_domain::TemplateId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::entry::Entry;
use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::session::Session;
use crate::words::count;

/// The outcome of teaching.
#[derive(Deserialize)]
struct Taught {
    template: Value,
    lessons: Vec<Lesson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lesson {
    field: String,
    known: u64,
    right_before: u64,
    right_after: u64,
    find: Option<Value>,
}

/// `POST /templates/:id/learn`: from one document, or from all corrected ones.
pub(crate) async fn learn(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TemplateId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let body = match form.get("record") {
        "" => json!({}),
        record => json!({ "records": [record] }),
    };
    let taught: Taught = web.put(&session, Method::POST, &format!("/templates/{id}/learn"), &body).await?;
    let projects = Projects::load(&web, &session).await?;
    let name = taught.template["name"].as_str().unwrap_or_default();
    let content = html! {
        p.trail { a href="/templates" { "Templates" } " / " a href={ "/templates/" (id) } { bdi { (name) } } }
        h1 { "What was learned" }
        div.scroll tabindex="0" role="group" aria-label="What was learned of each field" {
            table {
                thead { tr { th scope="col" { "Field" } th scope="col" { "Correct before" } th scope="col" { "Correct now" } th scope="col" { "Where it is found now" } } }
                tbody { @for lesson in &taught.lessons { tr {
                    td { bdi { (lesson.field) } }
                    td { (lesson.right_before) " of " (lesson.known) }
                    td { (lesson.right_after) " of " (lesson.known) }
                    td { @match &lesson.find { Some(find) => code { (find) }, None => "as before" } }
                } } }
            }
        }
        p.quiet { "The template now has version " (taught.template["version"]) "." }
        div.buttons { a.button href={ "/templates/" (id) } { "To the template" } a.button href="/review" { "Back to review" } }
    };
    Ok(Frame::new(&web, &session, &projects, Part::Templates, "What was learned").page(&content))
}

/// `GET /templates/:id/delete`
pub(crate) async fn ask(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TemplateId>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let template: Entry = web.get(&session, &format!("/templates/{id}")).await?;
    let content = html! {
        h1 { "Delete this template?" }
        p { bdi { (template.content.name) } ", " (count(template.content.fields() as u64, "field")) ": results that were read with it stay." }
        form.buttons method="post" {
            input type="hidden" name="code" value=(session.form_code());
            button.danger type="submit" { "Delete it" }
            a.button href={ "/templates/" (id) } { "Keep it" }
        }
    };
    Ok(Frame::new(&web, &session, &projects, Part::Templates, "Delete a template").page(&content))
}

/// `POST /templates/:id/delete`
pub(crate) async fn delete(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TemplateId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    web.act(&session, Method::DELETE, &format!("/templates/{id}")).await?;
    Ok(Redirect::to("/templates").into_response())
}
