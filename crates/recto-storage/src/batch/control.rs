//! What a person does to a batch: cancel it, or retry what failed.

use std::collections::BTreeSet;

use recto_domain::batch::BatchDetails;
use recto_domain::{AuditAction, BatchId, Record, RecordId, RecordStatus, WorkKind};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::batch::reuse;
use crate::batch::row::{BatchRow, CANCELLED, save_record};
use crate::changes::Change;
use crate::database::insert::insert_many;
use crate::database::transaction::Transaction;
use crate::entities::{page, record, work_item};
use crate::error::Result;
use crate::handles::{Batches, Records};
use crate::queue::claim::{new_item, rank_of_extraction, rank_of_page};
use crate::queue::extraction::asks_for_fields;
use crate::queue::turns::{self, Line};
use crate::storage::Storage;
use crate::tenant::audit::{self, Audited};
use crate::tenant::tenants::take_work;

/// What a retry queued again; nothing is counted twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retried {
    /// Files that are opened again.
    pub files: u32,
    /// Pages of completed files that are read again.
    pub pages: u32,
    /// Files whose fields are extracted again.
    pub searches: u32,
}

impl Retried {
    fn count(&mut self, again: &[WorkKind]) {
        for kind in again {
            match kind {
                WorkKind::Open => self.files += 1,
                WorkKind::Page { .. } => self.pages += 1,
                WorkKind::Extract => self.searches += 1,
            }
        }
    }
}

impl Batches<'_> {
    /// Cancels a batch: unfinished files fail with the error `cancelled`, and work on them stops. Pages that were read
    /// are kept for a retry. A batch that has ended is left unchanged; `None` when there is no such batch.
    pub async fn cancel(self, id: BatchId) -> Result<Option<BatchDetails>> {
        self.storage.making_room(|| self.storage.try_to_cancel_batch(id)).await
    }

    /// Queues again what failed: failed files are opened again, failed pages of completed files are read again, and
    /// failed extractions of fields are repeated. All of these get their full number of attempts, and pages that were
    /// read are kept.
    ///
    /// If nothing failed, nothing changes, and [`Retried`] is empty. `None` when there is no such batch.
    /// [`StorageError::ProjectInactive`](crate::StorageError::ProjectInactive) when its project accepts no new work.
    pub async fn retry(self, id: BatchId) -> Result<Option<(BatchDetails, Retried)>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(batch) = BatchRow::lock(&tx, &id.to_string()).await? else {
            return Ok(None);
        };
        let object = batch.row.id.clone();
        let retried = self.storage.retry(tx, batch, None, AuditAction::BatchRetried, &object).await?;
        Ok(self.storage.batches().details(id).await?.map(|details| (details, retried)))
    }
}

impl Records<'_> {
    /// Queues again what failed of one record, as [`Batches::retry`] does. A record that reused an earlier reading of
    /// the same file is read itself. `None` when there is no such record.
    pub async fn retry(self, id: RecordId) -> Result<Option<(Record, Retried)>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(record) = record::Entity::find_by_id(id.to_string()).one(&tx).await? else {
            return Ok(None);
        };
        let Some(batch) = BatchRow::lock(&tx, &record.batch_id).await? else {
            return Ok(None);
        };
        let retried = self.storage.retry(tx, batch, Some(&record.id), AuditAction::RecordRetried, &record.id).await?;
        Ok(self.storage.records().get(id).await?.map(|record| (record, retried)))
    }
}

impl Storage {
    async fn try_to_cancel_batch(&self, id: BatchId) -> Result<Option<BatchDetails>> {
        let tx = self.inner.database.begin().await?;
        let Some(mut batch) = BatchRow::lock(&tx, &id.to_string()).await? else {
            return Ok(None);
        };
        if batch.is_final() {
            tx.rollback().await?;
            return self.batches().details(id).await;
        }
        work_item::Entity::delete_many().filter(work_item::Column::BatchId.eq(&batch.row.id)).exec(&tx).await?;
        for mut record in records_of(&tx, &batch).await? {
            if !record.record_status()?.is_final() {
                batch.fail_record(&mut record, CANCELLED);
                save_record(&tx, &record).await?;
            }
        }
        audit::write(&tx, &self.actor, Audited::batch(&batch.row, AuditAction::BatchCancelled)).await?;
        batch.save(&tx).await?;
        tx.commit().await?;
        self.tell(Change::Stopped(id));
        self.tell(Change::Batch(id));
        self.batches().details(id).await
    }

    /// Retries a batch, or one of its records.
    async fn retry(
        &self,
        tx: Transaction,
        mut batch: BatchRow,
        only: Option<&str>,
        action: AuditAction,
        object: &str,
    ) -> Result<Retried> {
        let mut retried = Retried::default();
        let now = turns::rank_now(&tx, &batch.row.project_id).await?;
        let mut pages_kept = 0;
        let (mut items, mut lines) = (Vec::new(), BTreeSet::new());
        for mut record in records_of(&tx, &batch).await? {
            let is_meant = only.is_none_or(|id| id == record.id);
            let mut again = if is_meant { work_again(&tx, &mut record).await? } else { Vec::new() };
            // Nothing of this record failed, so the request to retry it means that the record shall be read itself.
            if again.is_empty() && only.is_some() && is_meant && reuse::give_back(&tx, &mut record).await? {
                again = vec![WorkKind::Open];
            }
            pages_kept += record.pages_done + record.pages_failed;
            if again.is_empty() {
                continue;
            }
            retried.count(&again);
            for (k, kind) in (1..).zip(again) {
                // An item that failed once may take long or no time at all, so it is not sorted by size within its
                // turn.
                let rank = match kind {
                    WorkKind::Open => now,
                    WorkKind::Page { .. } => rank_of_page(now, k, 0),
                    WorkKind::Extract => rank_of_extraction(batch.now),
                };
                lines.insert(Line::of(kind));
                items.push(new_item(&batch.row, &record.id, kind, rank));
            }
            batch.reopen_record(&mut record)?;
            reuse::forbid(&mut record)?;
            save_record(&tx, &record).await?;
        }
        if items.is_empty() {
            tx.rollback().await?;
            return Ok(retried);
        }
        take_work(&tx, &batch.row.project_id).await?;
        insert_many(&tx, items).await?;
        // The time left follows from the rate of the coming work; the time since the batch ended must not count.
        (batch.row.rate_since, batch.row.rate_pages) = (None, pages_kept);
        let (organization, project) = (batch.row.organization_id.clone(), batch.row.project_id.clone());
        let id = batch.save(&tx).await?;
        let about = Audited { organization: &organization, project: Some(&project), action, object };
        audit::write(&tx, &self.actor, about).await?;
        for line in lines {
            turns::join(&tx, line, &organization, &project).await?;
        }
        tx.commit().await?;
        self.tell(Change::Work);
        self.tell(Change::Batch(id));
        Ok(retried)
    }
}

/// The work to repeat for a record that has ended. Its failed pages are removed.
async fn work_again(tx: &impl ConnectionTrait, record: &mut record::Model) -> Result<Vec<WorkKind>> {
    Ok(match record.record_status()? {
        RecordStatus::Failed => {
            drop_failed_pages(tx, record).await?;
            vec![WorkKind::Open]
        }
        RecordStatus::Completed if record.pages_failed > 0 => {
            let numbers = drop_failed_pages(tx, record).await?;
            numbers.into_iter().map(|number| WorkKind::Page { number }).collect()
        }
        RecordStatus::Completed if record.fields.is_none() && asks_for_fields(tx, record).await? => {
            vec![WorkKind::Extract]
        }
        _ => Vec::new(),
    })
}

async fn records_of(tx: &impl ConnectionTrait, batch: &BatchRow) -> Result<Vec<record::Model>> {
    Ok(record::Entity::find()
        .filter(record::Column::BatchId.eq(&batch.row.id))
        .order_by_asc(record::Column::Position)
        .all(tx)
        .await?)
}

/// Removes the failed pages of a record, and returns their numbers.
async fn drop_failed_pages(tx: &impl ConnectionTrait, record: &mut record::Model) -> Result<Vec<u32>> {
    let failed = page::Entity::find()
        .select_only()
        .column(page::Column::Number)
        .filter(page::Column::RecordId.eq(&record.id))
        .filter(page::Column::Error.is_not_null())
        .order_by_asc(page::Column::Number)
        .into_tuple::<i32>()
        .all(tx)
        .await?;
    page::Entity::delete_many()
        .filter(page::Column::RecordId.eq(&record.id))
        .filter(page::Column::Error.is_not_null())
        .exec(tx)
        .await?;
    record.pages_failed = 0;
    Ok(failed.into_iter().map(i32::unsigned_abs).collect())
}
