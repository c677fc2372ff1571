//! The next document of the queue: its doubtful fields, each next to its place on the page.

use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::doubts::{Found, Waiting, asked};
use super::lens::lens;
use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::layout::{Frame, Part};
use crate::paging::Pagination;
use crate::project::Projects;
use crate::record::viewer::Page;
use crate::session::Session;
use crate::words::{count, percent, plain};

/// The query of the page's address: which document of the queue is shown.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The position in the queue, from 1. The documents before it were skipped.
    at: Option<u64>,
    /// A document whose acceptance was undone, to be shown again.
    record: Option<recto_domain::RecordId>,
    /// The document that was accepted before this one, and the names of its corrected fields as JSON.
    done: Option<recto_domain::RecordId>,
    #[serde(default)]
    changed: String,
    /// The template of the accepted document, which can learn from it.
    template: Option<recto_domain::TemplateId>,
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<Named>,
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// `GET /review`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let at = asked.at.unwrap_or(1).max(1);
    let listed = listed(&web, &session, &projects, at).await?;
    let total = listed.pagination.total;
    let next = asked.record.map(|id| id.to_string()).or_else(|| listed.data.into_iter().next().map(|named| named.id));
    let content = match next {
        None => nothing_left(total),
        Some(id) => {
            let waiting = Waiting::load(&web, &session, &id).await?;
            document(&web, &session, &waiting, at, total).await?
        }
    };
    let content = html! {
        h1 { "Review" }
        (said_of_last(&session, &asked, at))
        (content)
    };
    Ok(Frame::new(&web, &session, &projects, Part::Review, "Review").with(&["review.js"]).page(&content))
}

async fn listed(web: &Web, session: &Session, projects: &Projects, at: u64) -> Result<Listed, Failure> {
    let at = at.to_string();
    let words = query(&[("projectId", projects.id()), ("needsReview", "true"), ("limit", "1"), ("page", &at)]);
    web.get(session, &format!("/processing-history?{words}")).await
}

fn nothing_left(total: u64) -> Markup {
    html! {
        @if total == 0 { p.lede { "There is nothing to review." } }
        @else {
            p.lede { "That was the last one. " (count(total, "document")) " were skipped." }
            p { a.button href="/review" { "Start again" } }
        }
    }
}

/// The outcome of the previous document, with the undo button.
fn said_of_last(session: &Session, asked: &Asked, at: u64) -> Markup {
    let Some(done) = asked.done else { return html! {} };
    let changed: Vec<String> = serde_json::from_str(&asked.changed).unwrap_or_default();
    html! {
        div.last role="status" {
            span { "Accepted" @if !changed.is_empty() { ", " (count(changed.len() as u64, "field")) " corrected" } "." }
            form method="post" action={ "/review/" (done) "/undo" } {
                input type="hidden" name="code" value=(session.form_code());
                input type="hidden" name="at" value=(at);
                input type="hidden" name="changed" value=(asked.changed);
                button id="undo" type="submit" { "Undo" kbd { "z" } }
            }
            @if let (Some(template), false) = (asked.template, changed.is_empty()) {
                form method="post" action={ "/templates/" (template) "/learn" } {
                    input type="hidden" name="code" value=(session.form_code());
                    input type="hidden" name="record" value=(done);
                    button type="submit" { "Teach the template from it" }
                }
            }
        }
    }
}

async fn document(web: &Web, session: &Session, waiting: &Waiting, at: u64, total: u64) -> Result<Markup, Failure> {
    let schema = asked(web, session, waiting.template_id.as_deref()).await?;
    let (mut doubtful, mut others): (Vec<_>, Vec<_>) =
        waiting.fields().into_iter().partition(|field| field.is_doubtful(&schema));
    if doubtful.is_empty() {
        // The reason for the review is in the warnings, so any field may be wrong.
        std::mem::swap(&mut doubtful, &mut others);
    }
    let (editable, lists): (Vec<_>, Vec<_>) = doubtful.into_iter().partition(|field| !field.value.is_array());
    let record = format!("/records/{}", waiting.id);
    Ok(html! {
        p.facts {
            span { (count(total, "document")) " left" }
            a href=(record) { bdi { (waiting.file_name) } }
            @if let Some(template) = &waiting.template_name { span { bdi { (template) } } }
            @if let Some(batch) = &waiting.batch_id { a href={ "/batches/" (batch) } { "its batch" } }
        }
        @for warning in &waiting.warnings { p.warning { (warning) } }
        form.review id="review" method="post" action={ "/review/" (waiting.id) } {
            input type="hidden" name="code" value=(session.form_code());
            input type="hidden" name="at" value=(at);
            input type="hidden" name="template" value=(waiting.template_id.as_deref().unwrap_or_default());
            ol.doubts { @for (index, field) in editable.iter().enumerate() { li { (doubt(web, waiting, field, index == 0)) } } }
            @for field in &lists {
                p.doubt { bdi { (field.name) } ": " a href=(record) { "check the table on the document's page" } }
            }
            div.buttons.acts {
                button.primary type="submit" { "Accept and next" kbd { "Enter" } }
                button.live-only id="edit" type="button" { "Edit" kbd { "e" } }
                a.button id="skip" href={ "/review?at=" (at + 1) } { "Skip" kbd { "s" } }
            }
        }
        @if !others.is_empty() {
            details {
                summary { "The other fields" }
                dl.fields { @for field in &others { div { dt { bdi { (field.name) } } dd { bdi { (plain(field.value)) } } } } }
            }
        }
    })
}

/// A field to check: its place on the page, and its value, which can be corrected. A field without a place is shown
/// with the whole page, if it is the first.
fn doubt(web: &Web, waiting: &Waiting, field: &Found<'_>, is_first: bool) -> Markup {
    let text = plain(field.value);
    let shown = field.page.or_else(|| waiting.pages.iter().find(|page| page.error.is_none()).map(|page| page.number));
    let page = waiting.pages.iter().find(|page| Some(page.number) == shown);
    let size = page.filter(|_| field.bbox.is_some() || is_first).map(Page::size);
    let id = format!("field-{}", field.name);
    html! {
        div.place {
            @if let (Some(number), Some(size)) = (shown, size) {
                (lens(&web.api.page_picture(waiting.upload_id, number), size, field.bbox, &format!("{} on page {number}", field.name)))
            }
        }
        div.value {
            label for=(id) { bdi { (field.name) } }
            input.answer id=(id) name={ "field:" (field.name) } value=(text) dir="auto" autocomplete="off" aria-describedby={ (id) "-why" };
            input type="hidden" name={ "was:" (field.name) } value=(text);
            p.quiet id={ (id) "-why" } {
                @match (field.value, field.confidence) {
                    (Value::Null, _) => "not found, but required by the template",
                    (_, Some(confidence)) => { (percent(confidence)) " sure" },
                    _ => "not reviewed yet",
                }
                @if let Some(raw) = field.raw.filter(|raw| *raw != text) { ", printed as “" bdi { (raw) } "”" }
                @if let Some(page) = field.page { ", page " (page) }
                @for reason in &field.why { "; " (reason) }
            }
        }
    }
}
