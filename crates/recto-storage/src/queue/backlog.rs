//! The amount of waiting work, for monitoring and for clients that would add to it.

use std::time::{Duration, Instant};

use recto_domain::{Timestamp, WorkItemId};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, ExprTrait, QuerySelect};

use crate::database::rows::parse;
use crate::entities::work_item::{Column, Entity};
use crate::error::Result;
use crate::handles::Queue;
use crate::queue::turns::Line;
use crate::storage::Storage;

/// A count is reused for at least this long, and for a multiple of the time that counting took, so that counting stays
/// cheap for any backlog.
const GOOD_FOR: Duration = Duration::from_secs(1);
const TIMES_ITS_COST: u32 = 20;

/// The outstanding work, including items in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Files to be opened and pages to be read.
    pub to_read: u64,
    /// Documents whose fields are to be extracted.
    pub to_extract: u64,
    /// When the oldest item was created, to the second; `None` when nothing is left to do.
    pub oldest: Option<Timestamp>,
}

/// The last count, and the time until which it is reused.
#[derive(Debug, Default)]
pub(crate) struct LastCount(tokio::sync::Mutex<Option<(Backlog, Instant)>>);

impl Queue<'_> {
    /// The outstanding work, as of a moment ago.
    pub async fn backlog(self) -> Result<Backlog> {
        let mut last = self.storage.inner.backlog.0.lock().await;
        if let Some((backlog, good_until)) = *last
            && Instant::now() < good_until
        {
            return Ok(backlog);
        }
        let begun = Instant::now();
        let backlog = self.storage.count_backlog().await?;
        *last = Some((backlog, Instant::now() + GOOD_FOR.max(begun.elapsed() * TIMES_ITS_COST)));
        Ok(backlog)
    }
}

impl Storage {
    async fn count_backlog(&self) -> Result<Backlog> {
        // Ids sort by creation time.
        let lines: Vec<(i32, i64, String)> = Entity::find()
            .select_only()
            .column(Column::Line)
            .column_as(Expr::col(Column::Id).count(), "items")
            .column_as(Expr::col(Column::Id).min(), "oldest")
            .group_by(Column::Line)
            .into_tuple()
            .all(&self.inner.database.read)
            .await?;
        let mut backlog = Backlog::default();
        for (line, items, oldest) in lines {
            let oldest = parse::<WorkItemId>(&oldest, "work item")?.created_at();
            backlog.oldest = Some(backlog.oldest.map_or(oldest, |other| other.min(oldest)));
            if line == Line::Extraction.code() {
                backlog.to_extract += items.unsigned_abs();
            } else {
                backlog.to_read += items.unsigned_abs();
            }
        }
        Ok(backlog)
    }
}
