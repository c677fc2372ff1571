//! Erasure after a delete: the blobs of deleted objects, and the residue of their rows in the database.
//!
//! The deleting transaction removes rows and journals the deletion of blobs. The rest happens here, within seconds and
//! without making the caller wait. On PostgreSQL, its own vacuum removes old rows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use crate::database::sqlite_residue::{self as residue, Residue};
use crate::error::Result;
use crate::storage::Storage;

/// Deletions within this time are erased together.
const GATHER: Duration = Duration::from_secs(1);
/// The longest pause before another attempt to empty a log that readers still need.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// A larger file is not rewritten while it is in use: that would block writers for too long.
const LARGEST_COMPACTED: u64 = 512 << 20;
/// The same limit when the process is about to end.
const LARGEST_COMPACTED_AT_END: u64 = 64 << 20;
/// Rewriting the file takes at most one part in this many of the time.
const SHARE: u32 = 1000;
/// How long the end of the process waits for other users of the database.
const END: Duration = Duration::from_secs(5);

/// The state of outstanding erasures.
#[derive(Debug, Default)]
pub(crate) struct Erasure {
    is_owed: AtomicBool,
    /// Held by the task that erases. The value is the earliest time at which the file may be rewritten again.
    turn: Mutex<Option<Instant>>,
}

impl Storage {
    /// Erases what a delete left, without making the caller wait.
    pub(crate) fn erase_in_background(&self) {
        self.inner.erasure.is_owed.store(true, Ordering::Release);
        let storage = self.clone();
        tokio::spawn(async move {
            if let Err(error) = storage.sweep_blobs().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "deleted files could not be removed from the store; retrying later");
            }
            if storage.keeps_rows() {
                storage.erase_rows().await;
            }
        });
    }

    /// Continues until the database file holds nothing that was deleted before the call.
    async fn erase_rows(&self) {
        // While this task waits for the lock, the task before it usually erases this delete too.
        let mut next_compaction = self.inner.erasure.turn.lock().await;
        let mut pause = GATHER;
        while self.inner.erasure.is_owed.load(Ordering::Acquire) {
            sleep(pause).await;
            self.inner.erasure.is_owed.store(false, Ordering::Release);
            if let Err(error) = self.compact(&mut next_compaction).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "database not compacted yet; retrying later");
            }
            match residue::empty_log(&self.inner.database.read).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "the database's write-ahead log could not be emptied; retrying later");
                }
            }
            self.inner.erasure.is_owed.store(true, Ordering::Release);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Rewrites the database file if that is due, the file is small enough, and the last rewrite was long enough ago.
    async fn compact(&self, next: &mut Option<Instant>) -> Result<()> {
        if next.is_some_and(|next| Instant::now() < next) || !self.wants_compaction(LARGEST_COMPACTED).await? {
            return Ok(());
        }
        let begun = Instant::now();
        let result = residue::compact(&self.inner.database).await;
        *next = Some(Instant::now() + begun.elapsed() * SHARE);
        result
    }

    async fn wants_compaction(&self, largest: u64) -> Result<bool> {
        let db = &self.inner.database;
        if residue::residue(&db.read).await? == Residue::None {
            return Ok(false);
        }
        let bytes = residue::bytes(&db.read).await?;
        // Rewriting needs as much space again in the log, which must not come from the reserve.
        Ok(bytes <= largest && db.reserve.has_room_for_database(bytes))
    }

    /// Erases, when a server starts, what earlier deletes left: deletes of a process that was killed and, once and
    /// regardless of the file's size, deletes of versions that did not overwrite deleted rows.
    pub(crate) async fn erase_at_start(&self) -> Result<()> {
        let db = &self.inner.database;
        let is_old = residue::residue(&db.read).await? == Residue::Old;
        if is_old {
            tracing::info!("compacting the database once, so that no deleted data is left in it");
        }
        if is_old || self.wants_compaction(LARGEST_COMPACTED).await? {
            residue::compact(db).await?;
        }
        // If readers of another process need the log, it is emptied in the background.
        if !residue::empty_log(&db.read).await? {
            self.erase_in_background();
        }
        Ok(())
    }

    /// Periodic clean-up: erases what deletes of other processes left, and indexes the pages that they read. Returns
    /// how many blobs or folders of blobs were removed.
    pub async fn upkeep(&self) -> Result<u64> {
        let swept = self.sweep_blobs().await?;
        self.erase_in_background();
        // Nodes of an earlier version store pages without indexing them.
        self.index_in_background();
        Ok(swept)
    }

    /// Whether there is a database file that outlives the process.
    fn keeps_rows(&self) -> bool {
        self.inner.database.is_sqlite() && !self.inner.short_lived
    }

    /// Closes the database: deleted data is erased, and on SQLite the single file is then the whole database. Later use
    /// of this storage is refused, also through clones.
    pub async fn close(&self) {
        if timeout(END, self.erase_at_end()).await.is_err() {
            tracing::warn!("the database was still in use; the data deleted last will be erased on the next start");
        }
        let database = &self.inner.database;
        // The pools are closed one after the other: the last connection removes SQLite's log, and if two closed at
        // once, neither would be the last.
        for connections in [&database.write, &database.read] {
            match timeout(END, connections.close_by_ref()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the database was not closed cleanly");
                }
                Err(_) => tracing::warn!("the database was still in use when it was closed"),
            }
        }
    }

    async fn erase_at_end(&self) {
        let was_owed = self.inner.erasure.is_owed.load(Ordering::Acquire);
        let erased = async {
            if was_owed {
                self.sweep_blobs().await?;
            }
            if !self.keeps_rows() {
                return Ok(true);
            }
            if self.wants_compaction(LARGEST_COMPACTED_AT_END).await? {
                residue::compact(&self.inner.database).await?;
            }
            residue::empty_log(&self.inner.database.read).await
        };
        match erased.await {
            Ok(true) => {}
            // A server that runs beside this command still reads the log, and empties it itself.
            Ok(false) => tracing::debug!("another process is using the database's write-ahead log"),
            Err(error) => {
                let error: &dyn std::error::Error = &error as &crate::StorageError;
                tracing::warn!(error, "the data deleted last could not be erased; the next start will erase it");
            }
        }
    }
}
