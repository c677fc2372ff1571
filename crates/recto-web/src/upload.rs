//! The upload of files.

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use recto_domain::FileKind;
use serde::Deserialize;

use crate::Web;
use crate::call::{Failure, read};
use crate::form::query;
use crate::project::Projects;
use crate::session::Session;
use crate::words::size;

/// The file extensions that the browser's file dialog offers.
const ACCEPTED: &str =
    ".pdf,.png,.jpg,.jpeg,.tif,.tiff,.webp,.heic,.heif,.avif,.jp2,.j2k,.bmp,.gif,.pbm,.pgm,.ppm,.pnm";
/// The most files in one batch.
const MOST_FILES: u32 = 50;

/// The options for reading a batch.
pub(crate) struct Choices {
    templates: Vec<Template>,
    engines: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    template_id: String,
    name: String,
}

impl Choices {
    /// Asks the API for the templates. A key that may not see templates has none to choose from.
    pub(crate) async fn load(web: &Web, session: &Session, projects: &Projects) -> Result<Self, Failure> {
        let words = query(&[("projectId", projects.id())]);
        let templates = match web.get(session, &format!("/templates?{words}")).await {
            Err(failure) if failure.status == StatusCode::FORBIDDEN => Vec::new(),
            templates => templates?,
        };
        Ok(Self { templates, engines: web.api.engines() })
    }
}

/// The upload form. A module turns it into a drop zone that shows the progress of each file.
pub(crate) fn send_form(
    web: &Web,
    session: &Session,
    projects: &Projects,
    choices: &Choices,
    is_first: bool,
) -> Markup {
    let limit = web.api.settings().max_file_bytes;
    html! {
        form.send id="send" method="post" enctype="multipart/form-data" data-limit=(limit) data-most=(MOST_FILES)
            data-types=(ACCEPTED) action={ "/upload?code=" (session.form_code()) } {
            input type="hidden" name="projectId" value=(projects.id());
            @if is_first {
                p.lede { "Send scans, photos or PDFs. Recto reads them on this machine and returns text, "
                    "searchable PDFs or spreadsheets." }
            }
            div.drop id="drop" {
                label for="files" { "Files to read" }
                input id="files" type="file" name="files" multiple required accept=(ACCEPTED);
                p.quiet { (FileKind::NAMES) ", each up to " (size(limit)) "."
                    span.live-only { " Drop or paste them anywhere on this page; more than 50 go into several batches." } }
                div.buttons {
                    button.primary type="submit" { "Send" }
                    button.live-only id="folder" type="button" { "Choose a folder" }
                    button.live-only.touch-only id="camera" type="button" { "Take a photo" }
                }
            }
            details {
                summary { "How they are read" }
                div.grid {
                    div { label for="name" { "Name" }
                        input id="name" name="name" maxlength="200" placeholder="Batch of today"; }
                    div { label for="template" { "Template" }
                        select id="template" name="templateId" {
                            option value="" { "none: text only" }
                            @for template in &choices.templates { option value=(template.template_id) { (template.name) } }
                        } }
                    div { label for="languages" { "Languages" }
                        input id="languages" name="languages" placeholder="server default" aria-describedby="lang-help";
                        p.quiet id="lang-help" { "such as eng+deu, or auto" } }
                    div { label for="engine" { "Engine" }
                        select id="engine" name="engine" {
                            option value="" { "server default" }
                            option value="auto" { "auto" }
                            @for engine in &choices.engines { option value=(engine) { (engine) } }
                        } }
                    div { label for="password" { "Password" }
                        input id="password" name="password" type="password" autocomplete="off" maxlength="512" aria-describedby="password-help";
                        p.quiet id="password-help" { "for protected PDFs; kept only until they are opened" } }
                }
            }
            @if is_first && !web.samples.is_empty() {
                p { "No files at hand? " button type="submit" form="samples" { "Read the sample documents" } }
            }
            ul.sending id="sending" aria-label="Files being sent" {}
            p id="said" role="status" {}
        }
        @if is_first {
            form id="samples" method="post" action="/samples" {
                input type="hidden" name="code" value=(session.form_code());
            }
        }
    }
}

/// The code of the form. It is in the address because the body is streamed to the API unchanged.
#[derive(Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    code: String,
}

/// The API's answer to an upload.
#[derive(Deserialize)]
struct Accepted {
    id: String,
}

/// `POST /upload`: streams the form to the API. The answer to a script is JSON, the answer to a form is the page of the
/// batch.
pub(crate) async fn upload(
    State(web): State<Web>,
    session: Session,
    Query(sent): Query<Sent>,
    request: Request,
) -> Result<Response, Failure> {
    session.check(&sent.code)?;
    let wants_json = asks_for_json(request.headers());
    let answer = web.forward(&session, "/batch/upload", request).await;
    if wants_json {
        return Ok(answer);
    }
    let accepted: Accepted = read(answer).await?;
    Ok(Redirect::to(&format!("/batches/{}", accepted.id)).into_response())
}

fn asks_for_json(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"))
}
