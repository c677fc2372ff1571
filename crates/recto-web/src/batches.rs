//! The list of batches, with the form that sends files.

use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::layout::{Frame, Part};
use crate::paging::Pagination;
use crate::project::Projects;
use crate::ribbon::{cells, ribbon};
use crate::session::Session;
use crate::upload::{Choices, send_form};
use crate::words::{count, is_open, state, state_mark, time};

const STATES: [&str; 4] = ["processing", "completed", "partially_failed", "failed"];

/// The filters of the list.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    status: String,
    page: Option<u64>,
    #[serde(default)]
    name: String,
}

/// One page of the API's list.
#[derive(Deserialize)]
struct Listed {
    data: Vec<Batch>,
    pagination: Pagination,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    id: String,
    name: String,
    template_name: Option<String>,
    total_files: u64,
    completed_files: u64,
    failed_files: u64,
    status: String,
    created_at: String,
}

/// `GET /batches`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let page = asked.page.unwrap_or(1).to_string();
    let status = if STATES.contains(&asked.status.as_str()) { asked.status.as_str() } else { "" };
    let name: String = asked.name.trim().chars().take(200).collect();
    let words = [("projectId", projects.id()), ("status", status), ("search", &name), ("page", &page), ("limit", "20")];
    let words = query(&words);
    let listed: Listed = web.get(&session, &format!("/batch?{words}")).await?;
    let choices = Choices::load(&web, &session, &projects).await?;
    let is_empty = listed.pagination.total == 0 && status.is_empty() && name.is_empty();
    let content = html! {
        h1 { "Batches" }
        (send_form(&web, &session, &projects, &choices, is_empty))
        @if !is_empty { (filters(status, &name)) }
        (list(&listed, status, &name))
    };
    let frame = Frame::new(&web, &session, &projects, Part::Batches, "Batches").with(&["upload.js", "live.js"]);
    Ok(frame.page(&content))
}

fn filters(chosen: &str, name: &str) -> Markup {
    let link = |status: &str| format!("/batches?{}", query(&[("status", status), ("name", name)]));
    html! {
        div.narrow {
        nav.filters aria-label="State of the batches" {
            a href=(link("")) aria-current=[chosen.is_empty().then_some("true")] { "all" }
            @for status in STATES {
                a href=(link(status)) aria-current=[(chosen == status).then_some("true")] {
                    (state(status))
                }
            }
        }
        form.by-name action="/batches" role="search" {
            input type="hidden" name="status" value=(chosen);
            label.hidden for="by-name" { "Find batches" }
            input id="by-name" name="name" type="search" value=(name) maxlength="200" placeholder="Name";
            button type="submit" { "Find" }
        }
        }
    }
}

fn list(listed: &Listed, status: &str, name: &str) -> Markup {
    let open = listed.data.iter().find(|batch| is_open(&batch.status));
    html! {
        section id="list" data-live="" data-events=[open.map(|batch| format!("/batches/{}/events", batch.id))] {
            @if listed.data.is_empty() && !(status.is_empty() && name.is_empty()) {
                p.quiet { "No batches match." }
            }
            ul.batches { @for batch in &listed.data { li id={ "b" (batch.id) } data-part="" { (row(batch)) } } }
            (listed.pagination.links(&|page| format!("/batches?{}", turned(status, name, page))))
        }
    }
}

fn turned(status: &str, name: &str, page: u64) -> String {
    query(&[("status", status), ("name", name), ("page", &page.to_string())])
}

fn row(batch: &Batch) -> Markup {
    let is_working = batch.status == "processing";
    let all = cells(batch.total_files, batch.completed_files, batch.failed_files, is_working);
    let said = format!(
        "{} of {} read, {} failed",
        batch.completed_files,
        count(batch.total_files, "file"),
        batch.failed_files
    );
    html! {
        a.batch-name href={ "/batches/" (batch.id) } { bdi { (batch.name) } }
        div.facts {
            (state_mark(&batch.status))
            span { (count(batch.total_files, "file")) }
            @if batch.failed_files > 0 { span.fault { (batch.failed_files) " failed" } }
            @if let Some(template) = &batch.template_name { span { bdi { (template) } } }
            (time(&batch.created_at))
        }
        (ribbon(&all, &said))
    }
}
