//! Requests that are passed on from the browser to the API: events, exports, retry and cancel.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use recto_domain::BatchId;
use serde::Deserialize;

use crate::Web;
use crate::call::{Failure, refuse};
use crate::form::{Form, query};
use crate::retried::Retried;
use crate::session::Session;

/// `GET /batches/:id/events`
pub(crate) async fn events(State(web): State<Web>, session: Session, Path(id): Path<BatchId>) -> Response {
    web.send(&session, Method::GET, &format!("/batch/{id}/events"), Body::empty()).await
}

/// The export that is asked for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    format: String,
}

/// `GET /batches/:id/export`
pub(crate) async fn export(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<BatchId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let words = query(&[("format", &asked.format)]);
    refuse(web.send(&session, Method::GET, &format!("/batch/{id}/export?{words}"), Body::empty()).await).await
}

/// `POST /batches/:id/retry`: the page of the batch then says what was done.
pub(crate) async fn retry(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<BatchId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let retried = Retried::load(&web, &session, &format!("/batch/{id}")).await?;
    Ok(Redirect::to(&format!("/batches/{id}?{}", retried.query())).into_response())
}

/// `POST /batches/:id/cancel`
pub(crate) async fn cancel(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<BatchId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    web.act(&session, Method::POST, &format!("/batch/{id}/cancel")).await?;
    Ok(Redirect::to(&format!("/batches/{id}")).into_response())
}
