//! Requests that are passed on from the browser to the API: the results of one document, and its retry.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use recto_domain::RecordId;
use serde::Deserialize;

use crate::Web;
use crate::call::{Failure, refuse};
use crate::form::{Form, query};
use crate::retried::Retried;
use crate::session::Session;

/// The export that is asked for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    format: String,
}

/// `GET /records/:id/export`
pub(crate) async fn export(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<RecordId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let path = format!("/processing-history/{id}/export?{}", query(&[("format", &asked.format)]));
    refuse(web.send(&session, Method::GET, &path, Body::empty()).await).await
}

/// `POST /records/:id/retry`: the page of the document then says what was done.
pub(crate) async fn retry(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<RecordId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let retried = Retried::load(&web, &session, &format!("/processing-history/{id}")).await?;
    Ok(Redirect::to(&format!("/records/{id}?{}", retried.query())).into_response())
}
