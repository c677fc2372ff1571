//! `GET /processing-history`

use std::time::Duration;

use axum::extract::State;
use recto_domain::{BatchId, ProjectId, RecordStatus, TemplateId, Timestamp};
use recto_storage::HistoryFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::details::RecordView;
use crate::auth::{NamedProject, ProjectScope, ReadHistory};
use crate::error::{ApiError, excerpt};
use crate::json::Json;
use crate::paging::{Page, PagingQuery};
use crate::query::{Query, parsed, search_text, sent};
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 10;
const DAY: Duration = Duration::from_hours(24);

/// The query parameters of the list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    #[serde(flatten)]
    #[param(ignore)]
    paging: PagingQuery,
    /// Only records with this status.
    #[param(value_type = Option<RecordStatus>)]
    status: Option<String>,
    /// Only records that were read with this template.
    #[param(value_type = Option<TemplateId>)]
    template_id: Option<String>,
    /// Only records of this batch.
    #[param(value_type = Option<BatchId>)]
    batch_id: Option<String>,
    /// Only records that need review (`true`), or that need none (`false`).
    #[param(value_type = Option<bool>)]
    needs_review: Option<String>,
    /// Only records with this text in the name of the file or the template.
    #[param(max_length = 200)]
    search: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    days: DaysQuery,
}

/// The part of a query string that names days; both days are included.
#[derive(Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// The first UTC day.
    #[param(format = Date, example = "2026-03-01")]
    from_date: Option<String>,
    /// The last UTC day, which is included.
    #[param(format = Date, example = "2026-03-31")]
    to_date: Option<String>,
}

impl DaysQuery {
    /// The beginning of the first day and the end of the last one; problems are added to `wrong`.
    pub(super) fn settle(&self, wrong: &mut Vec<String>) -> (Option<Timestamp>, Option<Timestamp>) {
        let mut day = |name: &str, value: Option<&str>| {
            let text = sent(value)?;
            Timestamp::start_of_day(text)
                .map_err(|why| wrong.push(format!("{name}: {why}, not {}", excerpt(text))))
                .ok()
        };
        let from = day("fromDate", self.from_date.as_deref());
        let until = day("toDate", self.to_date.as_deref()).map(|day| day.plus(DAY));
        (from, until)
    }
}

impl HistoryQuery {
    fn filter(&self, project: ProjectId, wrong: &mut Vec<String>) -> HistoryFilter {
        let (from, until) = self.days.settle(wrong);
        let search = search_text(self.search.as_deref(), wrong);
        let needs_review = match sent(self.needs_review.as_deref()) {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(other) => {
                wrong.push(format!("needsReview must be true or false, not {}", excerpt(other)));
                None
            }
        };
        HistoryFilter {
            project,
            needs_review,
            status: parsed::<RecordStatus>("", self.status.as_deref(), wrong),
            template: parsed::<TemplateId>("templateId: ", self.template_id.as_deref(), wrong),
            batch: parsed::<BatchId>("batchId: ", self.batch_id.as_deref(), wrong),
            from,
            until,
            search,
        }
    }
}

/// List a project's records
///
/// Newest first, 10 per page unless `limit` says otherwise.
#[utoipa::path(get, path = "/processing-history", tag = "Processing history", operation_id = "listRecords",
    params(NamedProject, HistoryQuery, DaysQuery, PagingQuery),
    responses((status = 200, description = "A page of records", body = Page<RecordView>)))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    ProjectScope { project, .. }: ProjectScope<ReadHistory>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<Page<RecordView>>, ApiError> {
    let mut wrong = Vec::new();
    let paging = query.paging.settle(DEFAULT_LIMIT, &mut wrong);
    let filter = query.filter(project, &mut wrong);
    ApiError::unless_empty(wrong)?;
    let (records, total) = state.storage.records().list(&filter, paging.page, paging.limit).await?;
    let records = records.into_iter().map(|record| RecordView::of(&state, record)).collect();
    Ok(Json(Page::new(paging, records, total)))
}
