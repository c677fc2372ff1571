//! The page of a batch: the state and the first page of every file, any errors, and the results.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use recto_domain::{BatchId, UploadId};
use recto_export::Format;
use serde::Deserialize;

use crate::Web;
use crate::call::Failure;
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::retried::Retried;
use crate::ribbon::{Cell, cells, ribbon};
use crate::session::Session;
use crate::words::{count, format_name, is_open, left, state_mark, time};

/// A batch as the API returns it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    pub(super) name: String,
    pub(super) total_files: u64,
    failed_files: u64,
    status: String,
    template_name: Option<String>,
    created_at: String,
    files: Vec<FileState>,
    total_pages: u64,
    completed_pages: u64,
    failed_pages: u64,
    eta_seconds: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileState {
    upload_id: UploadId,
    processing_history_id: String,
    file_name: String,
    status: String,
    pages: Option<u64>,
    pages_done: u64,
    pages_failed: u64,
    error: Option<String>,
    warnings: Vec<String>,
    #[serde(default)]
    needs_review: bool,
}

/// The query of the page's address.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// What a retry did.
    #[serde(default)]
    retried: String,
}

/// `GET /batches/:id`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<BatchId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let batch: Details = web.get(&session, &format!("/batch/{id}")).await?;
    let content = html! {
        p.trail { a href="/batches" { "Batches" } }
        h1 { bdi { (batch.name) } }
        @if let Some(retried) = Retried::parse(&asked.retried) { (retried.note()) }
        div id="batch" data-live="" data-events=[is_open(&batch.status).then(|| format!("/batches/{id}/events"))] {
            div id="progress" data-part="" { (progress(&batch)) }
            div id="actions" data-part="" { (actions(id, &batch, &session)) }
            ul.files id="files-of-batch" {
                @for file in &batch.files { li id={ "f" (file.upload_id) } data-part="" { (file_row(&web, file)) } }
            }
        }
        (by_curl(&web, id))
    };
    let frame = Frame::new(&web, &session, &projects, Part::Batches, &batch.name).with(&["live.js"]);
    Ok(frame.page(&content))
}

fn progress(batch: &Details) -> Markup {
    let said = format!(
        "{} of {} read, {} failed",
        batch.completed_pages,
        count(batch.total_pages, "page"),
        batch.failed_pages
    );
    html! {
        div.facts {
            (state_mark(&batch.status))
            span { (count(batch.total_files, "file")) }
            span { (batch.completed_pages) " of " (count(batch.total_pages, "page")) " read" }
            @if batch.failed_files > 0 { span.fault { (count(batch.failed_files, "file")) " failed" } }
            @if let Some(seconds) = batch.eta_seconds { span { (left(seconds.max(0.0).round() as u64)) } }
            @if let Some(template) = &batch.template_name { span { "template " bdi { (template) } } }
            span { "sent " (time(&batch.created_at)) }
        }
        (ribbon(&cells_of(&batch.files), &said))
    }
}

/// A cell for each page. A file whose pages are not counted yet has one cell.
fn cells_of(files: &[FileState]) -> Vec<Cell> {
    let of = |file: &FileState| match file.pages {
        Some(pages) if file.needs_review => {
            let failed = usize::try_from(file.pages_failed).unwrap_or_default();
            let doubtful = usize::try_from(pages).unwrap_or_default().saturating_sub(failed);
            [vec![Cell::Doubtful; doubtful], vec![Cell::Failed; failed]].concat()
        }
        Some(pages) => cells(
            pages,
            file.pages_done,
            file.pages_failed,
            file.status == "in_progress" || file.status == "processing",
        ),
        None if file.status == "failed" => vec![Cell::Failed],
        None => vec![Cell::Waiting],
    };
    files.iter().flat_map(of).collect()
}

fn actions(id: BatchId, batch: &Details, session: &Session) -> Markup {
    let code = session.form_code();
    let act = |what: &str, label: &str| {
        html! {
            form method="post" action={ "/batches/" (id) "/" (what) } {
                input type="hidden" name="code" value=(code);
                button type="submit" { (label) }
            }
        }
    };
    html! {
        @if !is_open(&batch.status) && batch.status != "failed" {
            section aria-labelledby="results" {
                h2 id="results" { "Results" }
                div.buttons {
                    @for format in Format::ALL {
                        a.button href={ "/batches/" (id) "/export?format=" (format.name()) } download { (format_name(format)) }
                    }
                }
            }
        }
        div.buttons {
            @if is_open(&batch.status) { (act("cancel", "Cancel")) }
            @if !is_open(&batch.status) && (batch.failed_files > 0 || batch.failed_pages > 0) {
                (act("retry", "Retry what failed"))
            }
            a.button.danger href={ "/batches/" (id) "/delete" } { "Delete" }
        }
    }
}

fn file_row(web: &Web, file: &FileState) -> Markup {
    let is_shown = !is_open(&file.status) && file.pages_done > 0;
    let link = format!("/records/{}", file.processing_history_id);
    html! {
        @if is_shown && file.pages_failed == 0 {
            a.thumb href=(link) tabindex="-1" aria-hidden="true" {
                img src=(web.api.page_picture(file.upload_id, 1)) alt="" loading="lazy" width="72" height="96";
            }
        } @else { div.thumb.none aria-hidden="true" {} }
        div.file {
            @if is_shown { a.file-name href=(link) { bdi { (file.file_name) } } }
            @else { span.file-name { bdi { (file.file_name) } } }
            div.facts {
                (state_mark(&file.status))
                @if let Some(pages) = file.pages { span { (file.pages_done) " of " (count(pages, "page")) } }
                @if file.needs_review { a.doubt href={ "/review?record=" (file.processing_history_id) } { "to review" } }
                @if file.pages_failed > 0 { span.fault { (count(file.pages_failed, "page")) " failed" } }
            }
            @if let Some(error) = &file.error { p.problem { (error) } }
            @for warning in &file.warnings { p.warning { (warning) } }
        }
    }
}

/// The curl commands that do the same without a browser.
fn by_curl(web: &Web, id: BatchId) -> Markup {
    let base = web.api.settings().public_url.as_deref().unwrap_or("$RECTO_URL").trim_end_matches('/');
    let root = web.api.root();
    html! {
        details.curl {
            summary { "Do the same with curl" }
            pre tabindex="0" { code {
                "curl -H \"X-API-Key: $RECTO_KEY\" " (base) (root) "/batch/" (id) "\n"
                "curl -H \"X-API-Key: $RECTO_KEY\" -OJ \"" (base) (root) "/batch/" (id) "/export?format=xlsx\""
            } }
            p { a href="/start" { "How to set the address and the key" } }
        }
    }
}
