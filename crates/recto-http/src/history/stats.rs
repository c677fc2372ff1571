//! `GET /processing-history/stats`

use axum::extract::State;
use recto_domain::{RecordStatus, TemplateId};
use recto_storage::{HistoryFilter, HistoryStats};
use serde::Serialize;
use utoipa::ToSchema;

use super::list::DaysQuery;
use crate::auth::{NamedProject, ProjectScope, ReadHistory};
use crate::error::ApiError;
use crate::json::Json;
use crate::query::Query;
use crate::state::ApiState;

/// Statistics of a project's history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryStats)]
pub(crate) struct Stats {
    total: u64,
    pending: u64,
    queued: u64,
    in_progress: u64,
    completed: u64,
    failed: u64,
    /// Percentage of ended records that completed, rounded to two decimals; null when none has ended.
    success_rate: Option<f64>,
    /// Pages that were read.
    pages: u64,
    /// Bytes of the files.
    stored_bytes: u64,
    average_processing_time_ms: Option<u64>,
    /// From 0 to 1.
    average_confidence: Option<f64>,
    by_day: Vec<Day>,
    by_template: Vec<OfTemplate>,
}

/// A UTC day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryDay)]
struct Day {
    date: String,
    completed: u64,
    failed: u64,
    pages: u64,
    /// Bytes of the files.
    stored_bytes: u64,
    /// Worker time used, in seconds; the text that a PDF carries takes almost none.
    worker_seconds: f64,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryTemplate)]
struct OfTemplate {
    template_id: TemplateId,
    template_name: String,
    total: u64,
    completed: u64,
    failed: u64,
    pages: u64,
}

impl From<HistoryStats> for Stats {
    fn from(stats: HistoryStats) -> Self {
        let of = |status: RecordStatus| {
            stats.by_status.iter().filter(|(other, _)| *other == status).map(|(_, count)| count).sum::<u64>()
        };
        let (completed, failed) = (of(RecordStatus::Completed), of(RecordStatus::Failed));
        let rounded = |value: f64, parts: f64| (value * parts).round() / parts;
        Self {
            total: stats.by_status.iter().map(|(_, count)| count).sum(),
            pending: of(RecordStatus::Pending),
            queued: of(RecordStatus::Queued),
            in_progress: of(RecordStatus::InProgress),
            completed,
            failed,
            success_rate: (completed + failed > 0)
                .then(|| rounded(completed as f64 / (completed + failed) as f64 * 100.0, 100.0)),
            pages: stats.pages,
            stored_bytes: stats.stored_bytes,
            average_processing_time_ms: stats.average_processing_time_ms.map(|ms| ms.max(0.0).round() as u64),
            average_confidence: stats.average_confidence.map(|confidence| rounded(confidence, 10_000.0)),
            by_day: stats
                .by_day
                .into_iter()
                .map(|day| Day {
                    date: day.day.day(),
                    completed: day.completed,
                    failed: day.failed,
                    pages: day.pages,
                    stored_bytes: day.stored_bytes,
                    worker_seconds: day.worker_ms as f64 / 1000.0,
                })
                .collect(),
            by_template: stats
                .by_template
                .into_iter()
                .map(|template| OfTemplate {
                    template_id: template.template,
                    template_name: template.name,
                    total: template.total,
                    completed: template.completed,
                    failed: template.failed,
                    pages: template.pages,
                })
                .collect(),
        }
    }
}

/// Get statistics of a project's history
#[utoipa::path(get, path = "/processing-history/stats", tag = "Processing history", operation_id = "getHistoryStats",
    params(NamedProject, DaysQuery),
    responses((status = 200, description = "The statistics", body = Stats)))]
pub(crate) async fn stats(
    State(state): State<ApiState>,
    ProjectScope { project, .. }: ProjectScope<ReadHistory>,
    Query(days): Query<DaysQuery>,
) -> Result<Json<Stats>, ApiError> {
    let mut wrong = Vec::new();
    let (from, until) = days.settle(&mut wrong);
    ApiError::unless_empty(wrong)?;
    let filter = HistoryFilter { from, until, ..HistoryFilter::of(project) };
    Ok(Json(state.storage.records().stats(&filter).await?.into()))
}
