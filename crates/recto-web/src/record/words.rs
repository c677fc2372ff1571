//! The words of one page with their boxes, for the viewer.

use axum::Json;
use axum::extract::{Path, State};
use recto_domain::RecordId;
use serde::Deserialize;
use serde_json::Value;

use crate::Web;
use crate::call::Failure;
use crate::session::Session;

/// A record as the API returns it, down to its words.
#[derive(Deserialize)]
struct Detailed {
    #[serde(default)]
    pages: Vec<Value>,
}

/// `GET /records/:id/pages/:number`: the page as the API describes it, with words; `null` when there is none.
pub(crate) async fn words(
    State(web): State<Web>,
    session: Session,
    Path((id, number)): Path<(RecordId, u32)>,
) -> Result<Json<Value>, Failure> {
    let record: Detailed = web.get(&session, &format!("/processing-history/{id}?include=words&page={number}")).await?;
    let page = record.pages.into_iter().find(|page| page["number"] == number);
    Ok(Json(page.unwrap_or(Value::Null)))
}
