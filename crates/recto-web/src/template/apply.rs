//! Applies a template again to stored documents, after a preview of the changes.

use axum::extract::{Path, Query, State};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use recto_domain::{BatchId, TemplateId};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::entry::Entry;
use crate::Web;
use crate::call::Failure;
use crate::form::{Form, query};
use crate::layout::{Frame, Part};
use crate::paging::Pagination;
use crate::project::Projects;
use crate::session::Session;
use crate::words::{count, plain};

/// The number of documents on a page, which is also the limit of a dry run.
const ON_A_PAGE: &str = "20";

/// The query of the page's address: which documents are previewed.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The batch whose documents are shown; without it, those that were read with this template.
    #[serde(default)]
    batch: String,
    page: Option<u64>,
    /// The number of documents that the template was just applied to.
    applied: Option<u64>,
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<Document>,
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Document {
    id: String,
}

/// The batches that can be chosen.
#[derive(Deserialize)]
struct Batches {
    data: Vec<Batch>,
}

#[derive(Deserialize)]
struct Batch {
    id: String,
    name: String,
}

/// The API's answer to a dry run.
#[derive(Deserialize)]
struct Answer {
    found: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    record_id: String,
    file_name: String,
    before: Map<String, Value>,
    fields: Map<String, Value>,
    changed: Vec<String>,
}

/// `GET /templates/:id/apply`: the documents, each with the changes that would result.
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TemplateId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let template: Entry = web.get(&session, &format!("/templates/{id}")).await?;
    let batches: Batches =
        web.get(&session, &format!("/batch?{}", query(&[("projectId", projects.id()), ("limit", "50")]))).await?;
    // A value that is not a batch id is ignored.
    let batch = asked.batch.parse::<BatchId>().map(|id| id.to_string()).unwrap_or_default();
    let (number, own) = (asked.page.unwrap_or(1).to_string(), id.to_string());
    let of = if batch.is_empty() { ("templateId", own.as_str()) } else { ("batchId", batch.as_str()) };
    let words = [("projectId", projects.id()), ("status", "completed"), of, ("limit", ON_A_PAGE), ("page", &number)];
    let listed: Listed = web.get(&session, &format!("/processing-history?{}", query(&words))).await?;
    let ids: Vec<&str> = listed.data.iter().map(|document| document.id.as_str()).collect();
    let found = match ids.as_slice() {
        [] => Vec::new(),
        ids => {
            let body = json!({ "records": ids, "dryRun": true });
            web.put::<Answer>(&session, Method::POST, &format!("/templates/{id}/apply"), &body).await?.found
        }
    };
    let link =
        |page: u64| format!("/templates/{id}/apply?{}", query(&[("batch", &batch), ("page", &page.to_string())]));
    let content = html! {
        p.trail { a href="/templates" { "Templates" } " / " a href={ "/templates/" (id) } { bdi { (template.content.name) } } }
        h1 { "Apply again" }
        @if let Some(applied) = asked.applied {
            p.last role="status" { "The fields of " (count(applied, "document")) " are being extracted again." }
        }
        p { "Fields are extracted from the text that was read before; no page is read again. Manual corrections stay." }
        (chooser(id, &batches.data, &batch))
        (preview(&session, id, &batch, &found))
        (listed.pagination.links(&link))
    };
    Ok(Frame::new(&web, &session, &projects, Part::Templates, "Apply again").page(&content))
}

fn chooser(id: TemplateId, batches: &[Batch], chosen: &str) -> Markup {
    html! {
        form.try action={ "/templates/" (id) "/apply" } {
            div.grow { label for="batch" { "Documents" }
                select id="batch" name="batch" {
                    option value="" { "read with this template" }
                    @for batch in batches { option value=(batch.id) selected[batch.id == chosen] { "of the batch " (batch.name) } }
                } }
            button type="submit" { "Look" }
        }
    }
}

/// The documents with the resulting changes, as a form that applies the template to the selected ones.
fn preview(session: &Session, id: TemplateId, batch: &str, found: &[Found]) -> Markup {
    let changing = found.iter().filter(|document| !document.changed.is_empty()).count();
    html! {
        @if found.is_empty() { p.quiet { "There are no documents that have been read." } } @else {
            h2 { @if changing == 0 { "Nothing would change" } @else { (count(changing as u64, "document")) " of " (found.len()) " would change" } }
            form method="post" action={ "/templates/" (id) "/apply" } {
                input type="hidden" name="code" value=(session.form_code());
                input type="hidden" name="batch" value=(batch);
                ul.batches { @for document in found { li { (changes(document)) } } }
                div.buttons { button.primary type="submit" { "Apply to the chosen documents" } }
            }
        }
    }
}

fn changes(document: &Found) -> Markup {
    let shown = |fields: &Map<String, Value>, name: &str| match fields.get(name).unwrap_or(&Value::Null) {
        Value::Null => html! { span.quiet { "nothing" } },
        Value::Array(rows) => html! { (count(rows.len() as u64, "row")) },
        value => html! { bdi { (plain(value)) } },
    };
    html! {
        label.check {
            input type="checkbox" name={ "record:" (document.record_id) } value="1" checked[!document.changed.is_empty()];
            " " bdi { (document.file_name) }
        }
        @if document.changed.is_empty() { p.quiet { "stays as it is" } } @else {
            div.scroll tabindex="0" role="group" aria-label={ "What would change in " (document.file_name) } {
                table {
                    thead { tr { th scope="col" { "Field" } th scope="col" { "Now" } th scope="col" { "Then" } } }
                    tbody { @for name in &document.changed { tr {
                        th scope="row" { bdi { (name) } }
                        td { (shown(&document.before, name)) }
                        td { (shown(&document.fields, name)) }
                    } } }
                }
            }
        }
    }
}

/// `POST /templates/:id/apply`: to the selected documents, or to the one on the template's page.
pub(crate) async fn apply(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<TemplateId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let one = form.get("record");
    let records: Vec<&str> = match one {
        "" => form.all("record:").map(|(record, _)| record).collect(),
        one => vec![one],
    };
    if !records.is_empty() {
        let body = json!({ "records": records });
        web.put::<Value>(&session, Method::POST, &format!("/templates/{id}/apply"), &body).await?;
    }
    let next = match one {
        "" => {
            let applied = records.len().to_string();
            format!("/templates/{id}/apply?{}", query(&[("batch", form.get("batch")), ("applied", &applied)]))
        }
        one => format!("/records/{one}"),
    };
    Ok(Redirect::to(&next).into_response())
}
