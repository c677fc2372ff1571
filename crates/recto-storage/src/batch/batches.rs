//! Reading and deleting batches.

use std::collections::BTreeSet;

use recto_domain::batch::BatchDetails;
use recto_domain::{AuditAction, Batch, BatchId, BatchStatus, FileCounts, ProjectId, RecordStatus, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::changes::Change;
use crate::database::rows::{from_json, offset, parse};
use crate::database::sqlite_residue;
use crate::entities::batch::{Column, Entity, Model};
use crate::entities::{record, upload};
use crate::erasure::forget::{forget_batch, forget_versions_of};
use crate::erasure::pending_deletes::{mark_for_deletion, prefix_in};
use crate::error::{Result, StorageError};
use crate::handles::Batches;
use crate::queue::turns::paused_until;
use crate::record::history::holds;
use crate::storage::Storage;
use crate::tenant::audit::{self, Audited};

/// Selects the batches of a project for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFilter {
    /// The project.
    pub project: ProjectId,
    /// Only batches with this status.
    pub status: Option<BatchStatus>,
    /// Only batches that changed at this time or later.
    pub updated_since: Option<Timestamp>,
    /// Only batches whose name or template's name contains this text, ignoring case.
    pub search: Option<String>,
    /// The page of the list, from 1.
    pub page: u64,
    /// Batches per page.
    pub limit: u64,
}

impl Batches<'_> {
    /// One batch, as lists show it; `None` for one that was made for a file sent by itself.
    pub async fn get(self, id: BatchId) -> Result<Option<Batch>> {
        let row = Entity::find_by_id(id.to_string())
            .filter(Column::IsImplicit.eq(false))
            .one(&self.storage.inner.database.read)
            .await?;
        row.map(|row| row.to_domain()).transpose()
    }

    /// One batch with all its files.
    pub async fn details(self, id: BatchId) -> Result<Option<BatchDetails>> {
        let tx = self.storage.inner.database.snapshot().await?;
        let found = details_of(&tx, id).await?;
        tx.commit().await?;
        Ok(found.map(|found| found.details))
    }

    /// A page of a project's batches, newest first, and the total number that match the filter.
    pub async fn list(self, filter: &BatchFilter) -> Result<(Vec<Batch>, u64)> {
        let tx = self.storage.inner.database.snapshot().await?;
        let total = filter.select().count(&tx).await?;
        let rows = filter
            .select()
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(filter.limit)
            .offset(offset(filter.page, filter.limit))
            .all(&tx)
            .await?;
        tx.commit().await?;
        Ok((rows.iter().map(Model::to_domain).collect::<Result<_>>()?, total))
    }

    /// Deletes a batch with everything that belongs to it; `false` when there is no such batch. Work on it stops, and
    /// its blobs are removed in the background.
    pub async fn delete(self, id: BatchId) -> Result<bool> {
        self.storage.making_room(|| self.storage.try_to_delete_batch(id)).await
    }
}

impl Storage {
    async fn try_to_delete_batch(&self, id: BatchId) -> Result<bool> {
        let tx = self.inner.database.begin().await?;
        // The batch is locked first, as everywhere, so that a result that is being stored is complete before its rows
        // are deleted.
        let Some(row) = Entity::find_by_id(id.to_string()).lock_exclusive().one(&tx).await? else {
            return Ok(false);
        };
        self.delete_locked_batch(&tx, &row).await?;
        audit::write(&tx, &self.actor, Audited::batch(&row, AuditAction::BatchDeleted)).await?;
        tx.commit().await?;
        self.tell(Change::Stopped(id));
        self.erase_in_background();
        Ok(true)
    }

    /// Removes a batch's rows and everything that refers to it, and journals the deletion of its blobs.
    pub(crate) async fn delete_locked_batch(&self, tx: &impl ConnectionTrait, row: &Model) -> Result<()> {
        let keys: Vec<String> = upload::Entity::find()
            .select_only()
            .column(upload::Column::BlobKey)
            .filter(upload::Column::BatchId.eq(&row.id))
            .into_tuple()
            .all(tx)
            .await?;
        // Files that were added later have a prefix of their own.
        let prefixes: BTreeSet<&str> = keys.iter().map(|key| prefix_in(key)).collect();
        for prefix in prefixes {
            mark_for_deletion(tx, prefix, &self.inner.process).await?;
        }
        let templates = templates_of_batch(tx, &row.id).await?;
        Entity::delete_by_id(&row.id).exec(tx).await?;
        forget_batch(tx, &row.id).await?;
        forget_versions_of(tx, &templates).await?;
        sqlite_residue::owe(tx).await
    }
}

/// The templates of the records of a batch.
async fn templates_of_batch(tx: &impl ConnectionTrait, batch: &str) -> Result<BTreeSet<String>> {
    let ids: Vec<String> = record::Entity::find()
        .select_only()
        .column(record::Column::TemplateId)
        .filter(record::Column::BatchId.eq(batch))
        .filter(record::Column::TemplateId.is_not_null())
        .into_tuple()
        .all(tx)
        .await?;
    Ok(ids.into_iter().collect())
}

impl BatchFilter {
    fn select(&self) -> Select<Entity> {
        let mut select =
            Entity::find().filter(Column::ProjectId.eq(self.project.to_string())).filter(Column::IsImplicit.eq(false));
        if let Some(status) = self.status {
            select = select.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(since) = self.updated_since {
            select = select.filter(Column::UpdatedAt.gte(since.as_millis()));
        }
        if let Some(text) = &self.search {
            let name = |column| holds(Expr::col((Entity, column)), text);
            select = select.filter(Condition::any().add(name(Column::Name)).add(name(Column::TemplateName)));
        }
        select
    }
}

/// A batch with its rows, for callers that need more than the details.
pub(crate) struct FoundBatch {
    pub(crate) details: BatchDetails,
    /// In upload order.
    pub(crate) files: Vec<(record::Model, upload::Model)>,
}

impl FoundBatch {
    /// Removes all other files, so that the details describe one record.
    pub(crate) fn keep_only(&mut self, record: &str) {
        let is_it = |id: &dyn ToString| id.to_string() == record;
        self.files.retain(|(row, _)| row.id == record);
        let details = &mut self.details;
        details.files.retain(|file| is_it(&file.processing_history_id));
        details.upload_ids = details.files.iter().map(|file| file.upload_id).collect();
        details.processing_history_ids.retain(|id| is_it(id));
        let files = &details.files;
        details.batch.total_files = files.len() as u32;
        details.batch.completed_files =
            files.iter().filter(|file| file.status == RecordStatus::Completed).count() as u32;
        details.batch.failed_files = files.iter().filter(|file| file.status == RecordStatus::Failed).count() as u32;
        details.total_pages = files.iter().filter_map(|file| file.pages).sum();
        details.completed_pages = files.iter().map(|file| file.pages_done).sum();
        details.failed_pages = files.iter().map(|file| file.pages_failed).sum();
        let counts = FileCounts {
            total: details.batch.total_files,
            completed: details.batch.completed_files,
            failed: details.batch.failed_files,
        };
        (details.batch.status, details.batch.progress) = (counts.status(), counts.progress());
    }
}

/// Reads a batch with its files, in one snapshot, so that counters and files agree.
pub(crate) async fn details_of(db: &impl ConnectionTrait, id: BatchId) -> Result<Option<FoundBatch>> {
    let Some(row) = Entity::find_by_id(id.to_string()).one(db).await? else {
        return Ok(None);
    };
    let files = files_of(db, &row.id).await?;
    let mut details = assemble(&row, &files, Timestamp::now())?;
    if !details.batch.status.is_final() {
        details.waiting_until = paused_until(db, &row.organization_id).await?;
    }
    Ok(Some(FoundBatch { details, files }))
}

async fn files_of(db: &impl ConnectionTrait, batch: &str) -> Result<Vec<(record::Model, upload::Model)>> {
    record::Entity::find()
        .filter(record::Column::BatchId.eq(batch))
        .order_by_asc(record::Column::Position)
        .find_also_related(upload::Entity)
        .all(db)
        .await?
        .into_iter()
        .map(|(record, upload)| Ok((record, upload.ok_or(StorageError::Unreadable { what: "record" })?)))
        .collect()
}

fn assemble(row: &Model, files: &[(record::Model, upload::Model)], now: Timestamp) -> Result<BatchDetails> {
    let sum = |of: fn(&record::Model) -> i32| files.iter().map(|(record, _)| of(record).unsigned_abs()).sum::<u32>();
    let (completed_pages, failed_pages) = (sum(|r| r.pages_done), sum(|r| r.pages_failed));
    Ok(BatchDetails {
        batch: row.to_domain()?,
        upload_ids: files.iter().map(|(_, upload)| parse(&upload.id, "upload")).collect::<Result<_>>()?,
        processing_history_ids: files.iter().map(|(record, _)| parse(&record.id, "record")).collect::<Result<_>>()?,
        metadata: row.metadata.as_deref().map(|json| from_json(json, "batch")).transpose()?,
        files: files.iter().map(|(record, upload)| record.to_batch_file(upload)).collect::<Result<_>>()?,
        total_pages: sum(|r| r.pages.unwrap_or(0)),
        completed_pages,
        failed_pages,
        eta_seconds: eta_seconds(row, files, now)?,
        waiting_until: None,
        started_at: row.started_at.map(Timestamp::from_millis),
        completed_at: row.completed_at.map(Timestamp::from_millis),
    })
}

/// Seconds left: the remaining pages divided by the pages per second since work last started. A file that is not opened
/// yet counts as one page, because it has at least one.
fn eta_seconds(row: &Model, files: &[(record::Model, upload::Model)], now: Timestamp) -> Result<Option<u64>> {
    let (mut ended, mut left) = (0i64, 0i64);
    for (record, _) in files {
        let read = i64::from(record.pages_done) + i64::from(record.pages_failed);
        ended += read;
        if !record.record_status()?.is_final() {
            left += record.pages.map_or(1, |pages| i64::from(pages) - read);
        }
    }
    let measured = ended - i64::from(row.rate_pages);
    let elapsed_ms = row.rate_since.map_or(0, |since| now.as_millis() - since);
    if left <= 0 || measured <= 0 || elapsed_ms <= 0 {
        return Ok(None);
    }
    let milliseconds = i128::from(left) * i128::from(elapsed_ms) / i128::from(measured);
    Ok(u64::try_from((milliseconds + 999) / 1000).ok())
}
