//! The page of a document.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use recto_domain::RecordId;
use recto_export::Format;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::record::hits::Hits;
use crate::record::viewer::{Cell, Page, Viewed};
use crate::retried::Retried;
use crate::session::Session;
use crate::words::{count, format_name, is_open, percent, plain, state_mark};

/// A record as the API returns it, without its pages.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    batch_id: Option<String>,
    file_name: String,
    status: String,
    fields: Option<Map<String, Value>>,
    field_details: Option<Value>,
    #[serde(default)]
    needs_review: bool,
    pages_failed: u64,
    template_id: Option<String>,
    reused_from: Option<String>,
    error: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(flatten)]
    viewed: Viewed,
}

impl Record {
    /// Whether a person has corrected one of the fields.
    fn is_corrected(&self) -> bool {
        let details = self.field_details.as_ref().and_then(Value::as_object);
        details.is_some_and(|details| details.values().any(|detail| detail["corrected"] == true))
    }
}

/// The query of the page's address, such as which page is shown.
#[derive(Deserialize)]
pub(crate) struct Asked {
    page: Option<u32>,
    /// The search text to mark on the page.
    #[serde(default)]
    q: String,
    /// What a retry did.
    #[serde(default)]
    retried: String,
}

/// `GET /records/:id`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<RecordId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    // The API returns tables together with words; the words are not used here.
    let path = |page: u32| format!("/processing-history/{id}?include=words&page={page}");
    let mut record: Record = web.get(&session, &path(asked.page.unwrap_or(1).max(1))).await?;
    if let (true, Some(&first)) = (record.viewed.pages.is_empty(), record.viewed.page_numbers.first()) {
        record = web.get(&session, &path(first)).await?;
    }
    let viewed = &record.viewed;
    let hits = Hits::load(&web, &session, &projects, id, &asked.q).await?;
    let link = |number: u32| format!("/records/{id}?{}", query(&[("page", &number.to_string()), ("q", &hits.query)]));
    let content = html! {
        p.trail {
            @if !asked.q.is_empty() { a href={ "/search?" (query(&[("q", &asked.q)])) } { "Search" } " / " }
            a href="/batches" { "Batches" }
            @if let Some(batch) = &record.batch_id { " / " a href={ "/batches/" (batch) } { "its batch" } }
        }
        h1 { bdi { (record.file_name) } }
        div.facts {
            (state_mark(&record.status))
            span { (count(viewed.page_numbers.len() as u64, "page")) }
            @if record.needs_review { a.doubt href={ "/review?record=" (id) } { "needs review" } }
        }
        @if let Some(retried) = Retried::parse(&asked.retried) { (retried.note()) }
        @if let Some(error) = &record.error { p.problem { (error) } }
        @for warning in &record.warnings { p.warning { (warning) } }
        @if !is_open(&record.status) { (actions(id, &record, &session)) }
        @if let Some(page) = viewed.pages.first() {
            nav.jump aria-label="Parts of this page" { a href="#viewer" { "Picture" } a href="#read" { "Text and fields" } }
            div.record {
                (viewed.picture(&web, &link, &hits.query, &hits.marks(page), &hits.pages(page.number, &link)))
                div.read id="read" {
                    (fields(id, &record, page.number, &session))
                    (page_tables(page))
                    (text(page))
                }
            }
        } @else if is_open(&record.status) {
            p.quiet { "It is being read. " a href={ "/records/" (id) } { "Reload" } }
        } @else { p.quiet { "No page was read." } }
    };
    let modules: &[&str] = if viewed.pages.is_empty() { &[] } else { &["viewer.js"] };
    let frame = Frame::new(&web, &session, &projects, Part::Batches, &record.file_name).with(modules).wide(true);
    Ok(frame.page(&content))
}

/// Links to the results of this document alone, and the button that reads it again.
fn actions(id: RecordId, record: &Record, session: &Session) -> Markup {
    html! {
        div.buttons {
            @if record.status == "completed" {
                details.download {
                    summary { "Download" }
                    div.buttons { @for format in Format::ALL {
                        a.button href={ "/records/" (id) "/export?format=" (format.name()) } download { (format_name(format)) }
                    } }
                }
            }
            @if let (Some(template), true) = (&record.template_id, record.is_corrected()) {
                form method="post" action={ "/templates/" (template) "/learn" } {
                    input type="hidden" name="code" value=(session.form_code());
                    input type="hidden" name="record" value=(id);
                    button type="submit" { "Teach the template from it" }
                }
            }
            @if record.status == "failed" || record.pages_failed > 0 || record.reused_from.is_some() {
                form method="post" action={ "/records/" (id) "/retry" } {
                    input type="hidden" name="code" value=(session.form_code());
                    button type="submit" { @if record.reused_from.is_some() { "Read it again" } @else { "Retry what failed" } }
                }
            }
        }
    }
}

/// The tables on the page.
fn page_tables(page: &Page) -> Markup {
    let last = page.tables.len();
    html! {
        @for (number, found) in (1..).zip(&page.tables) {
            section aria-labelledby={ "table-" (number) } {
                h2 id={ "table-" (number) } { "Table" @if last > 1 { " " (number) } }
                div.scroll tabindex="0" role="group" aria-labelledby={ "table-" (number) } {
                    table { tbody { @for row in &found.rows { tr { @for cell in row { (drawn(cell)) } } } } }
                }
                (copy_button())
            }
        }
    }
}

fn drawn(cell: &Cell) -> Markup {
    let (down, right) = ((cell.row_span > 1).then_some(cell.row_span), (cell.col_span > 1).then_some(cell.col_span));
    html! {
        @if cell.header { th rowspan=[down] colspan=[right] { bdi { (cell.text) } } }
        @else { td rowspan=[down] colspan=[right] { bdi { (cell.text) } } }
    }
}

/// A copy button, which the script shows when it can copy.
fn copy_button() -> Markup {
    html! { button.plain.copy-table hidden type="button" { "Copy the table" } }
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

/// The API's details of a field, besides its value.
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
                    @for reason in reasons(detail) { "; " (reason) }
                }
            }
            @if let (Some(page), Some(bbox)) = (page, bbox) {
                button.plain.live-only.show type="button" data-bbox=(bbox) data-page=(page) { "Show on page " (page) }
            }
        }
    }
}

/// Why the value was chosen.
fn reasons(detail: Option<&Value>) -> impl Iterator<Item = &str> {
    detail.and_then(|detail| detail["why"].as_array()).into_iter().flatten().filter_map(Value::as_str)
}

/// A form that corrects a field. A click on a word of the picture puts it into the form.
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
        (copy_button())
    }
}

fn text(page: &Page) -> Markup {
    html! {
        section aria-labelledby="text-title" {
            h2 id="text-title" { "Text of page " (page.number) }
            @if let Some(confidence) = page.confidence { p.quiet { (percent(confidence)) " of it is likely correct" } }
            @if let Some(error) = &page.error { p.problem { (error) } }
            @match page.text.as_deref().filter(|text| !text.is_empty()) {
                Some(text) => pre.text dir="auto" tabindex="0" { (text) },
                None => p.quiet { "There is no text on this page." },
            }
        }
    }
}
