//! `GET /search`

use axum::extract::State;
use recto_domain::{BatchId, RecordId, Rect, UploadId};
use recto_storage::{ExcerptPart, FoundPage, Hit, SearchFilter, SearchQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::{NamedProject, ProjectScope, ReadHistory};
use crate::error::ApiError;
use crate::file_link::page_link;
use crate::json::Json;
use crate::paging::{Page, PagingQuery};
use crate::query::{Query, parsed, sent};
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;
const MAX_QUERY_CHARS: usize = 200;

/// What to search for, and where.
#[derive(Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    #[serde(flatten)]
    #[param(ignore)]
    paging: PagingQuery,
    /// Words that a page must contain, all of them; `"in quotes"` for consecutive words, `begin*` for words that begin
    /// so. Case, accents and punctuation do not matter.
    #[param(required = true, value_type = String, max_length = 200, example = "invoice \"amount due\" 2024*")]
    q: Option<String>,
    /// Only pages of this record.
    #[param(value_type = Option<RecordId>)]
    record_id: Option<String>,
}

/// A page that matches the whole query.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchHit {
    record_id: RecordId,
    upload_id: UploadId,
    /// Null when the file was sent by itself.
    batch_id: Option<BatchId>,
    file_name: String,
    /// The page number, from 1.
    page: u32,
    /// Number of pages of the record.
    page_count: Option<u32>,
    /// Width of the upright page in points.
    width: f32,
    /// Height of the upright page in points.
    height: f32,
    /// A link to its picture that is valid for an hour without a key.
    image_url: String,
    /// The text around the first hit, split into hits and other text.
    excerpt: Vec<ExcerptPiece>,
    /// The hits in reading order; at most two hundred.
    hits: Vec<HitOnPage>,
    /// Total number of hits.
    hit_count: u64,
}

/// A part of an excerpt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ExcerptPiece {
    text: String,
    /// Whether it is a hit.
    is_hit: bool,
}

/// A hit on a page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HitOnPage {
    /// The text of the hit.
    text: String,
    /// `[x, y, width, height]` in points from the top left of the upright page, one for each line it touches.
    boxes: Vec<[f64; 4]>,
}

/// The pages that were found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchAnswer {
    #[serde(flatten)]
    page: Page<SearchHit>,
    /// False while pages read by an earlier version are still being indexed.
    is_complete: bool,
}

impl SearchHit {
    fn of(state: &ApiState, found: FoundPage) -> Self {
        let piece = |ExcerptPart { text, is_hit }| ExcerptPiece { text, is_hit };
        let place = |Hit { text, boxes }| HitOnPage { text, boxes: boxes.iter().map(rounded).collect() };
        Self {
            record_id: found.record,
            upload_id: found.upload,
            batch_id: found.batch,
            file_name: found.file_name,
            page: found.page,
            page_count: found.page_count,
            width: found.size.width,
            height: found.size.height,
            image_url: page_link(state, found.upload, found.page),
            excerpt: found.excerpt.into_iter().map(piece).collect(),
            hits: found.hits.into_iter().map(place).collect(),
            hit_count: found.hit_count,
        }
    }
}

/// Rounded to a hundredth of a point, which is finer than any scan.
fn rounded(place: &Rect) -> [f64; 4] {
    [place.x, place.y, place.width, place.height].map(|length| (f64::from(length) * 100.0).round() / 100.0)
}

impl SearchParams {
    fn query(&self, wrong: &mut Vec<String>) -> Option<SearchQuery> {
        let Some(text) = sent(self.q.as_deref()) else {
            wrong.push("q must not be empty".to_owned());
            return None;
        };
        if text.chars().count() > MAX_QUERY_CHARS {
            wrong.push(format!("q must have at most {MAX_QUERY_CHARS} characters"));
            return None;
        }
        text.parse().map_err(|why| wrong.push(format!("q: {why}"))).ok()
    }
}

/// Search the recognised text
///
/// Finds the pages of a project that match the whole query, newest record first, 20 per page unless `limit` says
/// otherwise. In scripts that write words together, any part of a word is found.
#[utoipa::path(get, path = "/search", tag = "Processing history", operation_id = "search",
    params(NamedProject, SearchParams, PagingQuery),
    responses((status = 200, description = "A page of search results", body = SearchAnswer)))]
pub(crate) async fn search(
    State(state): State<ApiState>,
    ProjectScope { project, .. }: ProjectScope<ReadHistory>,
    Query(params): Query<SearchParams>,
) -> Result<Json<SearchAnswer>, ApiError> {
    let mut wrong = Vec::new();
    let paging = params.paging.settle(DEFAULT_LIMIT, &mut wrong);
    let record = parsed::<RecordId>("recordId: ", params.record_id.as_deref(), &mut wrong);
    let query = params.query(&mut wrong);
    ApiError::unless_empty(wrong)?;
    let Some(query) = query else { return Err(ApiError::invalid("q must not be empty")) };
    let filter = SearchFilter { project, record, query };
    let found = state.storage.search(&filter, paging.page, paging.limit).await?;
    let data = found.pages.into_iter().map(|page| SearchHit::of(&state, page)).collect();
    Ok(Json(SearchAnswer { page: Page::new(paging, data, found.total), is_complete: found.is_complete }))
}
