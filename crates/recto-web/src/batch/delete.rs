//! Deletion of a batch. It cannot be undone, so the page asks first.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use recto_domain::BatchId;

use super::page::Details;
use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::session::Session;
use crate::words::count;

/// `GET /batches/:id/delete`
pub(crate) async fn ask(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<BatchId>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let batch: Details = web.get(&session, &format!("/batch/{id}")).await?;
    let content = html! {
        h1 { "Delete this batch?" }
        p { bdi { (batch.name) } ", " (count(batch.total_files, "file")) ": the files, their text and their fields are deleted permanently." }
        form.buttons method="post" {
            input type="hidden" name="code" value=(session.form_code());
            button.danger type="submit" { "Delete it" }
            a.button href={ "/batches/" (id) } { "Keep it" }
        }
    };
    Ok(Frame::new(&web, &session, &projects, Part::Batches, "Delete a batch").page(&content))
}

/// `POST /batches/:id/delete`
pub(crate) async fn delete(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<BatchId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    web.act(&session, Method::DELETE, &format!("/batch/{id}")).await?;
    Ok(Redirect::to("/batches").into_response())
}
