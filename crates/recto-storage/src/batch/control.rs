//! What a person does to a batch that runs or ran: cancel it, or try again what failed.

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

/// What a retry queued again; nothing of it is said twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retried {
    /// Files that are opened again.
    pub files: u32,
    /// Pages of completed files that are read again.
    pub pages: u32,
    /// Files whose fields are looked for again.
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
    /// Ends a batch now: files that are not done fail with the error `cancelled`, and work on them stops. What was
    /// read of them is kept for a retry. A batch that has ended is left as it is; `None` when there is none.
    pub async fn cancel(self, id: BatchId) -> Result<Option<BatchDetails>> {
        self.storage.making_room(|| self.storage.try_to_cancel_batch(id)).await
    }

    /// Queues again what failed: failed files are opened again, failed pages of completed files are read again, and
    /// fields that could not be looked for are looked for again, each with all its attempts. What was read is kept.
    /// Nothing changes when nothing failed, which the [`Retried`] tells; `None` when there is no such batch.
    /// [`StorageError::ProjectInactive`](crate::StorageError::ProjectInactive) when its project takes no new work.
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
    /// Queues again what failed of one record, as [`Batches::retry`] does; a record that took over what was read
    /// of the same file before is read itself. `None` when there is no such record.
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

    /// Queues again what failed of a batch, or of one of its records.
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
            // Who asks for this one record, though nothing of it failed, wants it read itself.
            if again.is_empty() && only.is_some() && is_meant && reuse::give_back(&tx, &mut record).await? {
                again = vec![WorkKind::Open];
            }
            pages_kept += record.pages_done + record.pages_failed;
            if again.is_empty() {
                continue;
            }
            retried.count(&again);
            for (k, kind) in (1..).zip(again) {
                // What failed once may take long, or no time: it has no place among the others of its turn.
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
        // The rate of the work to come says how long it takes; the time since the batch ended does not.
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

/// What is to be done again for a record that has ended; the pages of it that could not be read are forgotten.
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

/// Forgets the pages of a record that could not be read; their numbers.
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
