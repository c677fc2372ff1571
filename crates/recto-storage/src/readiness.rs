//! Readiness: whether data stored now could be read later.

use std::time::Instant;

use recto_domain::BatchId;
use sea_orm::EntityTrait;

use crate::entities::pending_delete;
use crate::erasure::pending_deletes::prefix_of;
use crate::error::{Result, StorageError};
use crate::storage::Storage;

impl Storage {
    /// Checks that an upload would be stored, by going through the steps of an upload up to the batch. It writes to the
    /// database and the blob store, reads that back as others would, and removes it.
    ///
    /// Simultaneous calls share one check, so frequent calls cost no more than one at a time.
    pub async fn ping(&self) -> Result<()> {
        let asked = Instant::now();
        let mut last = self.inner.last_proof.lock().await;
        if last.is_some_and(|begun| begun >= asked) {
            return Ok(());
        }
        let begun = Instant::now();
        self.prove().await?;
        *last = Some(begun);
        Ok(())
    }

    /// Stores test data like a batch that is being received; if the process dies, a sweep removes it.
    async fn prove(&self) -> Result<()> {
        let batch = BatchId::generate();
        let prefix = prefix_of(batch);
        self.journal_receiving(batch).await?;
        let row = pending_delete::Entity::find_by_id(&prefix).one(&self.inner.database.read).await?;
        if row.is_none() {
            return Err(StorageError::NotKept { what: "database" });
        }
        let kept = self.inner.blobs.prove(&format!("{prefix}proof")).await;
        let removed = self.remove_prefix(&prefix).await;
        kept.and(removed)
    }
}
