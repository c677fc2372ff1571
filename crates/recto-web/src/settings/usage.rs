//! The usage of a project: pages, storage and time, by day.

use axum::extract::State;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::chart::bars;
use super::frame;
use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::project::Projects;
use crate::session::Session;
use crate::words::{count, percent, size};

/// The number of days in a chart.
const DAYS: usize = 60;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    total: u64,
    completed: u64,
    failed: u64,
    pages: u64,
    stored_bytes: u64,
    average_confidence: Option<f64>,
    by_day: Vec<Day>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    date: String,
    pages: u64,
    stored_bytes: u64,
    worker_seconds: f64,
}

/// `GET /settings`
pub(crate) async fn page(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let words = query(&[("projectId", projects.id())]);
    let stats: Stats = web.get(&session, &format!("/processing-history/stats?{words}")).await?;
    let shown = stats.by_day.get(stats.by_day.len().saturating_sub(DAYS)..).unwrap_or_default();
    let days = |of: &dyn Fn(&Day) -> f64| shown.iter().map(|day| (day.date.clone(), of(day))).collect::<Vec<_>>();
    let earlier: u64 = stats.by_day.iter().map(|day| day.stored_bytes).sum::<u64>()
        - shown.iter().map(|day| day.stored_bytes).sum::<u64>();
    let mut kept = earlier;
    let storage: Vec<_> = shown
        .iter()
        .map(|day| {
            kept += day.stored_bytes;
            (day.date.clone(), kept as f64)
        })
        .collect();
    let content = html! {
        dl.figures {
            div { dt { "Documents" } dd { (stats.total) } }
            div { dt { "Pages" } dd { (stats.pages) } }
            div { dt { "Stored" } dd { (size(stats.stored_bytes)) } }
            @if stats.failed > 0 { div { dt { "Failed" } dd { (stats.failed) " of " (count(stats.completed + stats.failed, "document")) } } }
            @if let Some(confidence) = stats.average_confidence { div { dt { "Likely correct" } dd { (percent(confidence)) } } }
        }
        (bars("Pages per day", &days(&|day| day.pages as f64), &|pages| format!("{pages:.0}")))
        (bars("Storage used", &storage, &|bytes| size(bytes as u64)))
        (bars("Seconds per page", &days(&|day| if day.pages > 0 { day.worker_seconds / day.pages as f64 } else { 0.0 }), &|seconds| format!("{seconds:.1} s")))
        p.quiet { "Days are UTC days with documents of this project that are still stored, the last " (DAYS) " of them. Seconds are worker time; text that a PDF already contains takes almost none." }
    };
    Ok(frame::page(&web, &session, &projects, "Usage", &content))
}
