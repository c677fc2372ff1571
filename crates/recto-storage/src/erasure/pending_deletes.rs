//! The journal of pending deletes: blobs that no row of the database refers to.
//!
//! A prefix is journalled before the first byte is stored under it, and removed from the journal by the transaction
//! that makes the batch. What stays in the journal was never accepted, or was deleted, and is swept when it is due. No
//! crash therefore leaves unknown bytes behind.

use std::time::Duration;

use recto_domain::{BatchId, Timestamp};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set};
use tokio_util::task::TaskTracker;

use crate::database::insert::insert_if_new;
use crate::entities::pending_delete::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::storage::Storage;

/// How long an upload may take.
const RECEIVING_TIME: Duration = Duration::from_hours(24);
/// How long after a sweep that died or was incomplete the next attempt is made.
const SWEEP_AGAIN: Duration = Duration::from_mins(10);
const SWEPT_AT_ONCE: u64 = 100;

/// The prefix of a batch's blobs.
pub(crate) fn prefix_of(batch: BatchId) -> String {
    format!("batches/{batch}/")
}

/// The prefix of a blob's key.
pub(crate) fn prefix_in(key: &str) -> &str {
    key.rfind('/').map_or("", |at| &key[..=at])
}

impl Storage {
    /// Removes the blobs that are due: those of uploads that died, and those of deleted batches. Returns for how many
    /// batches blobs were removed.
    ///
    /// Any number of processes may sweep at the same time. Nothing is removed while a backup is being made.
    pub async fn sweep_blobs(&self) -> Result<u64> {
        self.inner.blobs.drop_stale_copies();
        let mut swept = 0;
        loop {
            let Some(_removal) = self.removal()? else { return Ok(swept) };
            let prefixes = self.take_due_prefixes().await?;
            if prefixes.is_empty() {
                return Ok(swept);
            }
            for prefix in prefixes {
                match self.remove_prefix(&prefix).await {
                    Ok(()) => swept += 1,
                    // It stays in the journal, so the next sweep tries again; the others need not wait for it.
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "blobs could not be removed");
                    }
                }
            }
        }
    }

    async fn take_due_prefixes(&self) -> Result<Vec<String>> {
        let now = Timestamp::now();
        let tx = self.inner.database.begin().await?;
        let mut due = Entity::find().filter(Column::DueAt.lte(now.as_millis())).limit(SWEPT_AT_ONCE);
        QueryTrait::query(&mut due).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let prefixes: Vec<String> = due.all(&tx).await?.into_iter().map(|row| row.prefix).collect();
        if !prefixes.is_empty() {
            Entity::update_many()
                .col_expr(Column::IsSwept, Expr::value(true))
                .col_expr(Column::DueAt, Expr::value(now.plus(SWEEP_AGAIN).as_millis()))
                .filter(Column::Prefix.is_in(&prefixes))
                .exec(&tx)
                .await?;
        }
        tx.commit().await?;
        Ok(prefixes)
    }

    pub(crate) async fn remove_prefix(&self, prefix: &str) -> Result<()> {
        self.inner.blobs.remove(prefix).await?;
        let tx = self.inner.database.begin().await?;
        Entity::delete_by_id(prefix).exec(&tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Journals a batch's blobs before the first of them is stored.
    pub(crate) async fn journal_receiving(&self, batch: BatchId) -> Result<()> {
        self.journal_blob(&prefix_of(batch)).await
    }

    /// Journals a single blob, or a prefix, before anything is stored there.
    pub(crate) async fn journal_blob(&self, key: &str) -> Result<()> {
        let tx = self.inner.database.begin().await?;
        ActiveModel {
            prefix: Set(key.to_owned()),
            owner: Set(self.inner.process.clone()),
            due_at: Set(Timestamp::now().plus(RECEIVING_TIME).as_millis()),
            is_swept: Set(false),
        }
        .insert(&tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes the blobs of an upload that did not become a batch, once nothing writes them any more. The blobs of a
    /// batch are no longer in the journal and therefore safe.
    pub(crate) async fn abandon_receiving(&self, batch: BatchId, writing: &TaskTracker) -> Result<()> {
        let prefix = prefix_of(batch);
        let tx = self.inner.database.begin().await?;
        let abandoned = Entity::update_many()
            .col_expr(Column::IsSwept, Expr::value(true))
            .col_expr(Column::DueAt, Expr::value(Timestamp::now().plus(SWEEP_AGAIN).as_millis()))
            .filter(Column::Prefix.eq(&prefix))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        if abandoned.rows_affected == 0 {
            return Ok(());
        }
        writing.close();
        writing.wait().await;
        self.remove_prefix(&prefix).await
    }

    /// Makes the uploads of other processes due for deletion: whoever owns the data folder knows that those processes
    /// are dead.
    pub(crate) async fn delete_uploads_of_dead_processes(&self) -> Result<()> {
        let tx = self.inner.database.begin().await?;
        Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(Timestamp::now().as_millis()))
            .filter(Column::Owner.ne(&self.inner.process))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Removes a batch's blobs from the journal; `false` when a sweep has already taken them.
pub(crate) async fn keep_blobs(tx: &impl ConnectionTrait, batch: BatchId) -> Result<bool> {
    keep_blob(tx, &prefix_of(batch)).await
}

/// Removes the entry with that prefix from the journal; `false` when a sweep has already taken it.
pub(crate) async fn keep_blob(tx: &impl ConnectionTrait, prefix: &str) -> Result<bool> {
    let kept =
        Entity::delete_many().filter(Column::Prefix.eq(prefix)).filter(Column::IsSwept.eq(false)).exec(tx).await?;
    Ok(kept.rows_affected == 1)
}

/// Journals deleted blobs as due at once: all under a prefix that ends in `/`, or otherwise the blob with that key.
pub(crate) async fn mark_for_deletion(tx: &impl ConnectionTrait, prefix: &str, process: &str) -> Result<()> {
    let row = ActiveModel {
        prefix: Set(prefix.to_owned()),
        owner: Set(process.to_owned()),
        due_at: Set(Timestamp::now().as_millis()),
        is_swept: Set(false),
    };
    insert_if_new(tx, row).await?;
    Ok(())
}
