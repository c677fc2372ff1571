//! A person's decision on a document of the review queue: to accept it with these corrections, or to undo that.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use recto_domain::{FieldSchema, FieldType, RecordId};
use serde_json::{Map, Value, json};

use super::doubts::asked;
use crate::Web;
use crate::call::Failure;
use crate::form::{Form, query};
use crate::session::Session;

/// `POST /review/:id`: accepts the document. Fields whose text was changed count as corrected.
pub(crate) async fn accept(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<RecordId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let template = Some(form.get("template")).filter(|id| !id.is_empty());
    let schema = asked(&web, &session, template).await?;
    let mut fields = Map::new();
    for (name, text) in form.all("field:") {
        if on_one_line(text) != on_one_line(form.get(&format!("was:{name}"))) {
            fields.insert(name.to_owned(), typed(&schema, name, text)?);
        }
    }
    let changed: Vec<&String> = fields.keys().collect();
    let changed = json!(changed).to_string();
    web.change(&session, &format!("/processing-history/{id}"), &json!({ "fields": fields })).await?;
    let (at, done) = (form.get("at"), id.to_string());
    let words = [("at", at), ("done", &done), ("changed", &changed), ("template", template.unwrap_or_default())];
    Ok(Redirect::to(&format!("/review?{}", query(&words))).into_response())
}

/// A value as a single-line field sends it back: browsers strip line breaks from it.
fn on_one_line(value: &str) -> String {
    value.replace(['\r', '\n'], "")
}

/// `POST /review/:id/undo`: takes the corrections of the last acceptance back, and returns the document to the queue.
pub(crate) async fn undo(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<RecordId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let changed: Vec<String> = serde_json::from_str(form.get("changed")).unwrap_or_default();
    let fields: Map<String, Value> = changed.into_iter().map(|name| (name, Value::Null)).collect();
    let change = json!({ "fields": fields, "needsReview": true });
    web.change(&session, &format!("/processing-history/{id}"), &change).await?;
    let id = id.to_string();
    Ok(Redirect::to(&format!("/review?{}", query(&[("at", form.get("at")), ("record", &id)]))).into_response())
}

/// The text parsed as a value of the field's type.
fn typed(schema: &[FieldSchema], name: &str, text: &str) -> Result<Value, Failure> {
    let kind = schema.iter().find(|field| field.name == name).map_or(FieldType::String, |field| field.kind);
    let value = match kind {
        FieldType::String | FieldType::Date => return Ok(json!(text)),
        _ => serde_json::from_str::<Value>(text).ok(),
    };
    value.filter(|value| !value.is_null()).ok_or_else(|| Failure {
        status: StatusCode::BAD_REQUEST,
        message: format!(
            "{name} must be of type {kind}, such as 12.50 for a number, not “{text}”: go back and correct it"
        ),
    })
}
