//! The page of a document.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use recto_domain::{RecordId, UploadId};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::record::hits::Hits;
use crate::session::Session;
use crate::words::{count, percent, plain, state_mark};

/// A record as the API tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    upload_id: UploadId,
    batch_id: Option<String>,
    file_name: String,
    status: String,
    fields: Option<Map<String, Value>>,
    field_details: Option<Value>,
    #[serde(default)]
    needs_review: bool,
    error: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    number: u32,
    error: Option<String>,
    width: Option<f64>,
    height: Option<f64>,
    confidence: Option<f64>,
    text: Option<String>,
}

/// Which page is shown.
#[derive(Deserialize)]
pub(crate) struct Asked {
    page: Option<u32>,
    /// What was looked for, to be marked on the page.
    #[serde(default)]
    q: String,
}

/// `GET /records/:id`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<RecordId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::of(&web, &session).await?;
    let record: Record = web.get(&session, &format!("/processing-history/{id}")).await?;
    let wanted = asked.page.unwrap_or(1);
    let shown = record.pages.iter().find(|page| page.number == wanted).or_else(|| record.pages.first());
    let hits = Hits::of(&web, &session, &projects, id, &asked.q).await?;
    let content = html! {
        p.trail {
            @if !asked.q.is_empty() { a href={ "/search?" (query(&[("q", &asked.q)])) } { "Search" } " / " }
            a href="/batches" { "Batches" }
            @if let Some(batch) = &record.batch_id { " / " a href={ "/batches/" (batch) } { "its batch" } }
        }
        h1 { bdi { (record.file_name) } }
        div.facts {
            (state_mark(&record.status))
            span { (count(record.pages.len() as u64, "page")) }
            @if record.needs_review { span.doubt { "somebody should look at it" } }
        }
        @if let Some(error) = &record.error { p.problem { (error) } }
        @for warning in &record.warnings { p.warning { (warning) } }
        @if let Some(page) = shown {
            nav.jump aria-label="Parts of this page" { a href="#viewer" { "Picture" } a href="#read" { "Text and fields" } }
            div.record {
                (picture(&web, id, &record, page, &hits))
                div.read id="read" {
                    (fields(id, &record, page.number, &session))
                    (text(page))
                }
            }
        } @else { p.quiet { "No page was read." } }
    };
    let (title, modules) = (record.file_name.as_str(), ["viewer.js"]);
    let part = Part::Batches;
    let frame = Frame { web: &web, session: &session, projects: &projects, title, part, modules: &modules, wide: true };
    Ok(frame.page(&content))
}

fn picture(web: &Web, id: RecordId, record: &Record, page: &Page, hits: &Hits) -> Markup {
    let (width, height) = (page.width.unwrap_or(595.0), page.height.unwrap_or(842.0));
    let link = |number: u32| format!("/records/{id}?{}", query(&[("page", &number.to_string()), ("q", &hits.query)]));
    let last = record.pages.last().map_or(1, |page| page.number);
    html! {
        section.viewer id="viewer" aria-label={ "Page " (page.number) } data-words={ "/records/" (id) "/pages/" (page.number) }
            data-width=(width) data-height=(height) data-page=(page.number) {
            div.tools {
                @if page.number > 1 { a.button href=(link(page.number - 1)) rel="prev" title="Previous page (k)" { "‹" span.hidden { " Previous page" } } }
                span.quiet { "page " (page.number) " of " (last) }
                @if page.number < last { a.button href=(link(page.number + 1)) rel="next" title="Next page (j)" { "›" span.hidden { " Next page" } } }
                span.live-only.tool-row {
                    button type="button" id="smaller" title="Zoom out (-)" { "−" span.hidden { " Zoom out" } }
                    button type="button" id="larger" title="Zoom in (+)" { "+" span.hidden { " Zoom in" } }
                    button type="button" id="fit" title="Fit (0)" { "Fit" }
                    button type="button" id="turn" title="Turn (r)" { "Turn" }
                    button type="button" id="heat" title="Heat map of confidence (h)" aria-pressed="false" { "Heat map" }
                    label.hidden for="find" { "Find on this page" }
                    input id="find" type="search" placeholder="Find (f)";
                    span id="found" role="status" {}
                }
            }
            div.desk id="desk" tabindex="0" role="group" aria-label="Picture of the page with its words" {
                div.sheet id="sheet" {
                    @if page.error.is_none() {
                        img src=(web.api.page_picture(record.upload_id, page.number))
                            alt={ "Page " (page.number) " of the document" } width=(width.round()) height=(height.round());
                    }
                    (hits.marks(page.number, width, height))
                    div.overlay id="overlay" {}
                }
            }
            (hits.pages(page.number, link))
            @if record.pages.len() > 1 {
                nav.thumbs aria-label="Pages" {
                    @for other in &record.pages {
                        a href=(link(other.number)) aria-current=[(other.number == page.number).then_some("page")] {
                            @if other.error.is_none() {
                                img src=(web.api.page_picture(record.upload_id, other.number)) alt="" loading="lazy" width="60" height="80";
                            }
                            span { (other.number) }
                        }
                    }
                }
            }
        }
    }
}

fn fields(id: RecordId, record: &Record, page: u32, session: &Session) -> Markup {
    let Some(fields) = record.fields.as_ref().filter(|fields| !fields.is_empty()) else { return html! {} };
    html! {
        section aria-labelledby="fields-title" {
            h2 id="fields-title" { "Fields" }
            dl.fields { @for (name, value) in fields { div {
                (field(name, value, detail(record, name)))
                @if !value.is_array() { (correction(id, name, value, detail(record, name), page, session)) }
            } } }
        }
    }
}

/// What the API tells of a field beside its value.
fn detail<'a>(record: &'a Record, name: &str) -> Option<&'a Value> {
    match record.field_details.as_ref()? {
        Value::Object(details) => details.get(name),
        Value::Array(details) => details.iter().find(|detail| detail["name"] == name),
        _ => None,
    }
}

fn field(name: &str, value: &Value, detail: Option<&Value>) -> Markup {
    let page = detail.and_then(|detail| detail["page"].as_u64());
    let bbox = detail.map(|detail| &detail["bbox"]).filter(|bbox| bbox.is_array()).map(Value::to_string);
    let confidence = detail.and_then(|detail| detail["confidence"].as_f64());
    let source = detail.and_then(|detail| detail["source"].as_str());
    html! {
        dt { bdi { (name) } }
        dd {
            @match value {
                Value::Null => span.quiet { "not found" },
                Value::Array(rows) if rows.iter().all(Value::is_object) && !rows.is_empty() => (table(name, rows)),
                value => bdi { (plain(value)) },
            }
            p.quiet {
                @if detail.is_some_and(|detail| detail["corrected"] == true) { "corrected by a person" } @else {
                    @if let Some(confidence) = confidence { (percent(confidence)) " sure" }
                    @if let Some(source) = source { ", " (source) }
                    @if let (Some(page), Some(bbox)) = (page, bbox) {
                        " " button.plain.live-only.show type="button" data-bbox=(bbox) data-page=(page) {
                            "Show on page " (page)
                        }
                    }
                }
            }
        }
    }
}

/// A form that corrects a field. The words of the picture can be clicked into it.
fn correction(id: RecordId, name: &str, value: &Value, detail: Option<&Value>, page: u32, session: &Session) -> Markup {
    let is_corrected = detail.is_some_and(|detail| detail["corrected"] == true);
    html! {
        dd {
            details.correct {
                summary { "Correct" span.hidden { " " (name) } }
                form method="post" action={ "/records/" (id) "/fields" } {
                    input type="hidden" name="code" value=(session.form_code());
                    input type="hidden" name="name" value=(name);
                    input type="hidden" name="page" value=(page);
                    input name="value" value=(plain(value)) aria-label=(name) dir="auto" autocomplete="off";
                    div.buttons {
                        button type="submit" { "Save" }
                        @if is_corrected { button type="submit" name="undo" value="1" { "Take back" } }
                        span.quiet.live-only { "or click the words on the page" }
                    }
                }
            }
        }
    }
}

fn table(name: &str, rows: &[Value]) -> Markup {
    let columns: Vec<&String> =
        rows.first().and_then(Value::as_object).map(|row| row.keys().collect()).unwrap_or_default();
    html! {
        div.scroll tabindex="0" role="group" aria-label=(name) {
            table {
                thead { tr { @for column in &columns { th scope="col" { bdi { (column) } } } } }
                tbody { @for row in rows { tr { @for column in &columns { td { bdi { (plain(&row[column.as_str()])) } } } } } }
            }
        }
        button.plain.live-only.copy-table type="button" { "Copy the table" }
    }
}

fn text(page: &Page) -> Markup {
    html! {
        section aria-labelledby="text-title" {
            h2 id="text-title" { "Text of page " (page.number) }
            @if let Some(confidence) = page.confidence { p.quiet { (percent(confidence)) " of it is likely right" } }
            @if let Some(error) = &page.error { p.problem { (error) } }
            @match page.text.as_deref().filter(|text| !text.is_empty()) {
                Some(text) => pre.text dir="auto" tabindex="0" { (text) },
                None => p.quiet { "There is no text on this page." },
            }
        }
    }
}
