//! A batch in the hands of the one transaction that may change it and its records.
//!
//! Every change of a batch, its records, pages and work items begins by locking the batch's row. Counters, status and
//! times therefore move together with the rows they speak of, and no two changes can wait for each other.

use recto_domain::{BatchId, BatchStatus, EventKind, RecordStatus, Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, Unchanged,
};

use crate::entities::{batch, page, record};
use crate::error::Result;
use crate::outbox;
use crate::rows::{parse, to_json};

/// Why a file that was cancelled has failed.
pub(crate) const CANCELLED: &str = "cancelled";

/// A locked batch; [`BatchRow::save`] writes what was changed.
pub(crate) struct BatchRow {
    pub(crate) row: batch::Model,
    /// The time of the change, taken under the lock, and never before the change before it.
    pub(crate) now: Timestamp,
    was_final: bool,
}

impl BatchRow {
    /// Locks a batch; `None` when it was deleted.
    pub(crate) async fn lock(tx: &impl ConnectionTrait, id: &str) -> Result<Option<Self>> {
        let Some(row) = batch::Entity::find_by_id(id).lock_exclusive().one(tx).await? else {
            return Ok(None);
        };
        let now = Timestamp::now().max(Timestamp::from_millis(row.updated_at));
        let was_final = row.counts().status().is_final();
        Ok(Some(Self { row, now, was_final }))
    }

    pub(crate) fn is_final(&self) -> bool {
        self.row.counts().status().is_final()
    }

    /// A worker takes up a record that waited.
    pub(crate) fn start_record(&mut self, record: &mut record::Model) {
        let now = Some(self.now.as_millis());
        RecordStatus::InProgress.as_str().clone_into(&mut record.status);
        record.started_at = record.started_at.or(now);
        self.row.started_at = self.row.started_at.or(now);
        self.row.rate_since = self.row.rate_since.or(now);
    }

    /// Ends a record whose last page is in, as its pages say.
    pub(crate) async fn end_if_read(&mut self, tx: &impl ConnectionTrait, record: &mut record::Model) -> Result<()> {
        let Some(pages) = record.pages else {
            return Ok(());
        };
        if record.pages_done + record.pages_failed < pages {
            return Ok(());
        }
        let read = PagesRead::of(tx, &record.id).await?;
        match RecordStatus::after_last_page(pages.unsigned_abs(), record.pages_failed.unsigned_abs()) {
            RecordStatus::Failed => self.fail_record(tx, record, &read.reason()).await,
            status => {
                record.warnings = to_json(&read.warnings());
                record.confidence = read.confidence;
                self.end_record(tx, record, status).await
            }
        }
    }

    /// Fails a record as a whole.
    pub(crate) async fn fail_record(
        &mut self,
        tx: &impl ConnectionTrait,
        record: &mut record::Model,
        reason: &str,
    ) -> Result<()> {
        record.error = Some(reason.to_owned());
        self.end_record(tx, record, RecordStatus::Failed).await
    }

    async fn end_record(
        &mut self,
        tx: &impl ConnectionTrait,
        record: &mut record::Model,
        status: RecordStatus,
    ) -> Result<()> {
        status.as_str().clone_into(&mut record.status);
        record.completed_at = Some(self.now.as_millis());
        let kind = if status == RecordStatus::Completed {
            self.row.completed_files += 1;
            EventKind::DocumentProcessed
        } else {
            self.row.failed_files += 1;
            EventKind::DocumentFailed
        };
        outbox::write(tx, kind, &self.row.to_domain()?, Some(parse(&record.id, "record")?), self.now).await
    }

    /// Puts a record that has ended back into the queue, as if it had not.
    pub(crate) fn reopen_record(&mut self, record: &mut record::Model) -> Result<()> {
        match record.record_status()? {
            RecordStatus::Completed => self.row.completed_files -= 1,
            RecordStatus::Failed => self.row.failed_files -= 1,
            RecordStatus::Pending | RecordStatus::Queued | RecordStatus::InProgress => return Ok(()),
        }
        RecordStatus::Queued.as_str().clone_into(&mut record.status);
        record.error = None;
        "[]".clone_into(&mut record.warnings);
        record.confidence = None;
        record.completed_at = None;
        Ok(())
    }

    /// Writes the batch. Its status follows from its counters; when they end it, the event is written too.
    pub(crate) async fn save(mut self, tx: &impl ConnectionTrait) -> Result<BatchId> {
        let status: BatchStatus = self.row.counts().status();
        status.as_str().clone_into(&mut self.row.status);
        if !status.is_final() {
            self.row.completed_at = None;
        } else if !self.was_final {
            self.row.completed_at = Some(self.now.as_millis());
            outbox::write(tx, EventKind::BatchCompleted, &self.row.to_domain()?, None, self.now).await?;
        }
        let id = parse(&self.row.id, "batch")?;
        batch::ActiveModel {
            id: Unchanged(self.row.id),
            completed_files: Set(self.row.completed_files),
            failed_files: Set(self.row.failed_files),
            status: Set(self.row.status),
            updated_at: Set(self.now.as_millis()),
            started_at: Set(self.row.started_at),
            completed_at: Set(self.row.completed_at),
            rate_since: Set(self.row.rate_since),
            rate_pages: Set(self.row.rate_pages),
            ..Default::default()
        }
        .update_without_returning(tx)
        .await?;
        Ok(id)
    }
}

/// Writes what a change may have changed of a record.
pub(crate) async fn save_record(tx: &impl ConnectionTrait, record: &record::Model) -> Result<()> {
    record::ActiveModel {
        id: Unchanged(record.id.clone()),
        status: Set(record.status.clone()),
        error: Set(record.error.clone()),
        warnings: Set(record.warnings.clone()),
        pages: Set(record.pages),
        pages_done: Set(record.pages_done),
        pages_failed: Set(record.pages_failed),
        confidence: Set(record.confidence),
        started_at: Set(record.started_at),
        completed_at: Set(record.completed_at),
        ..Default::default()
    }
    .update_without_returning(tx)
    .await?;
    Ok(())
}

/// What the pages of a record tell when the last one is in.
struct PagesRead {
    pages: usize,
    /// Numbers and reasons of those that could not be read.
    failed: Vec<(i32, String)>,
    /// Mean over the words, weighted by their length.
    confidence: Option<f64>,
}

impl PagesRead {
    async fn of(tx: &impl ConnectionTrait, record: &str) -> Result<Self> {
        let rows: Vec<(i32, Option<String>, Option<f64>, i64)> = page::Entity::find()
            .select_only()
            .columns([page::Column::Number, page::Column::Error, page::Column::Confidence, page::Column::Characters])
            .filter(page::Column::RecordId.eq(record))
            .order_by_asc(page::Column::Number)
            .into_tuple()
            .all(tx)
            .await?;
        let (mut sum, mut characters) = (0.0, 0);
        for (_, _, confidence, n) in &rows {
            if let Some(confidence) = confidence {
                sum += confidence * *n as f64;
                characters += n;
            }
        }
        Ok(Self {
            pages: rows.len(),
            failed: rows.into_iter().filter_map(|(number, error, ..)| Some((number, error?))).collect(),
            confidence: (characters > 0).then(|| sum / characters as f64),
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.failed.iter().map(|(number, reason)| format!("page {number} could not be read: {reason}")).collect()
    }

    /// Why a record without a readable page has failed.
    fn reason(&self) -> String {
        match self.failed.as_slice() {
            [] => "there is no page to read: the file has none, or none of those asked for".to_owned(),
            [(_, first), others @ ..] if others.iter().all(|(_, reason)| reason == first) => first.clone(),
            [(number, first), ..] => {
                format!("none of {} pages could be read; page {number}: {first}", self.pages)
            }
        }
    }
}
