//! Correction of a field.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use recto_domain::RecordId;
use serde_json::{Value, json};

use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::session::Session;

/// `POST /records/:id/fields`: sets the value of a field, or takes its correction back.
pub(crate) async fn correct(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<RecordId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let (name, text) = (form.get("name"), form.get("value"));
    let stored = if form.get("undo").is_empty() {
        store_text(&web, &session, id, name, text).await
    } else {
        store(&web, &session, id, name, &Value::Null).await
    };
    stored?;
    let page: u32 = form.get("page").parse().unwrap_or(1);
    Ok(Redirect::to(&format!("/records/{id}?page={page}")).into_response())
}

/// Only the API knows the field's type. If it refuses the text, the text is sent again as a number or boolean, if it is
/// one.
async fn store_text(web: &Web, session: &Session, id: RecordId, name: &str, text: &str) -> Result<(), Failure> {
    let refused = match store(web, session, id, name, &json!(text)).await {
        Err(failure) if failure.status == StatusCode::BAD_REQUEST => failure,
        stored => return stored,
    };
    match text.parse::<Value>() {
        Ok(value) if value.is_number() || value.is_boolean() => store(web, session, id, name, &value).await,
        _ => Err(refused),
    }
}

async fn store(web: &Web, session: &Session, id: RecordId, name: &str, value: &Value) -> Result<(), Failure> {
    let change = json!({ "fields": { name: value } });
    web.change(session, &format!("/processing-history/{id}"), &change).await.map(drop)
}
