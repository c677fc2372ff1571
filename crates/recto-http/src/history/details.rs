//! `GET /processing-history/:id`

use axum::extract::State;
use recto_domain::{FinishedBatch, Record, RecordId, RecordStatus, UploadId};
use recto_export::{PageDetail, page_value};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::auth::ReadHistory;
use crate::error::{ApiError, excerpt};
use crate::file_link::{link, page_link};
use crate::in_scope::InScope;
use crate::json::Json;
use crate::query::{Query, sent};
use crate::state::ApiState;

/// Separates two pages in the text of a document.
const PAGE_BREAK: &str = "\u{c}";

/// A record as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinkedRecord)]
pub(crate) struct RecordView {
    #[serde(flatten)]
    record: Record,
    /// A link to the file that is valid for an hour without a key; a path on this server unless a public address is
    /// configured.
    file_url: String,
}

impl RecordView {
    /// A record with a fresh link to its file.
    pub(crate) fn of(state: &ApiState, record: Record) -> Self {
        let file_url = link(state, record.upload_id);
        Self { record, file_url }
    }
}

/// A record with its text and pages.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordDetails {
    #[serde(flatten)]
    view: RecordView,
    /// The text of all pages, or of the requested one; null until the record has completed.
    text: Option<String>,
    /// The pages as in the JSON export, each with the `imageUrl` of its picture; blocks, lines and words only with
    /// `include=words`.
    #[schema(value_type = Vec<std::collections::BTreeMap<String, Value>>)]
    pages: Vec<Value>,
    /// The numbers of all its pages; empty until it has completed.
    page_numbers: Vec<u32>,
}

/// The query parameters for a record.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DetailsQuery {
    /// `words` for the blocks, lines and words of each page.
    #[param(pattern = "^words$")]
    include: Option<String>,
    /// Only this page; it is returned as fast from a long document as from a short one.
    #[param(value_type = Option<u32>, minimum = 1)]
    page: Option<String>,
}

/// Get a record with its text and pages
#[utoipa::path(get, path = "/processing-history/{recordId}", tag = "Processing history", operation_id = "getRecord",
    params(("recordId" = RecordId, Path, description = "The id of the record or of its upload."), DetailsQuery),
    responses((status = 200, description = "The record", body = RecordDetails)))]
pub(crate) async fn record(
    State(state): State<ApiState>,
    InScope { found: record, .. }: InScope<Record, ReadHistory>,
    Query(query): Query<DetailsQuery>,
) -> Result<Json<RecordDetails>, ApiError> {
    let detail = match sent(query.include.as_deref()) {
        None => PageDetail::Text,
        Some("words") => PageDetail::Words,
        Some(other) => return Err(ApiError::invalid(format!("include must be words, not {}", excerpt(other)))),
    };
    let only = one_page(query.page.as_deref())?;
    let id = record.id;
    let upload = record.upload_id;
    let has_completed = record.status == RecordStatus::Completed;
    let page_numbers = if has_completed { state.storage.records().page_numbers(id).await? } else { Vec::new() };
    let view = RecordView::of(&state, record);
    if let Some(number) = only {
        let page = if has_completed { state.storage.records().page(id, number).await? } else { None };
        let text = page.as_ref().map(recto_domain::Page::text);
        let pages = page.iter().map(|page| shown(&state, upload, page, detail)).collect();
        return Ok(Json(RecordDetails { view, text, pages, page_numbers }));
    }
    let finished = state.storage.records().finished(id).await?;
    let Some(mut finished) = finished.filter(|finished| !finished.documents().is_empty()) else {
        return Ok(Json(RecordDetails { view, text: None, pages: Vec::new(), page_numbers }));
    };
    let links = state.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let count = finished.documents().first().map_or(0, |document| document.page_count);
        let (mut texts, mut pages) = (Vec::new(), Vec::new());
        for index in 0..count {
            let page = finished.page(id, index)?;
            texts.push(page.text());
            pages.push(shown(&links, upload, &page, detail));
        }
        Ok((texts.join(PAGE_BREAK), pages))
    });
    let read = reading.await.map_err(|error| ApiError::Internal(error.into()))?;
    let (text, pages) = read.map_err(ApiError::Internal)?;
    Ok(Json(RecordDetails { view, text: Some(text), pages, page_numbers }))
}

/// A page as in the JSON export, with the link to its picture.
fn shown(state: &ApiState, upload: UploadId, page: &recto_domain::Page, detail: PageDetail) -> Value {
    let mut value = page_value(page, detail);
    if let Some(members) = value.as_object_mut() {
        members.insert("imageUrl".to_owned(), page_link(state, upload, page.number).into());
    }
    value
}

/// The requested page.
fn one_page(asked: Option<&str>) -> Result<Option<u32>, ApiError> {
    let Some(text) = sent(asked) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (1..=i32::MAX.unsigned_abs()).contains(number));
    number
        .map(Some)
        .ok_or_else(|| ApiError::invalid(format!("page must be a whole number from 1, not {}", excerpt(text))))
}
