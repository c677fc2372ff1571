//! After a delete: the blobs of what went, and what the database still holds of its rows.
//!
//! The transaction that deletes takes rows away and journals the deletion of blobs; the rest happens here, within seconds and without the
//! caller waiting. On PostgreSQL old rows go with its own vacuum.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use crate::database::sqlite_residue::{self as residue, Residue};
use crate::error::Result;
use crate::storage::Storage;

/// Deletes of this time are erased together.
const GATHER: Duration = Duration::from_secs(1);
/// The longest pause before a log that readers need is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// A larger file is not written anew while it is in use: it would hold up writers for too long.
const LARGEST_COMPACTED: u64 = 512 << 20;
/// The same when the process is about to end.
const LARGEST_COMPACTED_AT_END: u64 = 64 << 20;
/// At most one part in so many of the time goes into writing the file anew.
const SHARE: u32 = 1000;
/// How long the end of the process waits for what still uses the database.
const END: Duration = Duration::from_secs(5);

/// What is still to be erased, and who is at it.
#[derive(Debug, Default)]
pub(crate) struct Erasure {
    is_owed: AtomicBool,
    /// Held by the one that erases; when the file may be written anew again.
    turn: Mutex<Option<Instant>>,
}

impl Storage {
    /// Removes what a delete left, without letting the caller wait.
    pub(crate) fn erase_in_background(&self) {
        self.inner.erasure.is_owed.store(true, Ordering::Release);
        let storage = self.clone();
        tokio::spawn(async move {
            if let Err(error) = storage.sweep_blobs().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "deleted files are removed later");
            }
            if storage.keeps_rows() {
                storage.erase_rows().await;
            }
        });
    }

    /// Goes on until the database file holds nothing of what was deleted before the call.
    async fn erase_rows(&self) {
        // Who waits here for its turn mostly finds its own delete erased along with that of the one before.
        let mut next_compaction = self.inner.erasure.turn.lock().await;
        let mut pause = GATHER;
        while self.inner.erasure.is_owed.load(Ordering::Acquire) {
            sleep(pause).await;
            self.inner.erasure.is_owed.store(false, Ordering::Release);
            if let Err(error) = self.compact(&mut next_compaction).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database is written anew later");
            }
            match residue::empty_log(&self.inner.database.read).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the database's log is emptied later");
                }
            }
            self.inner.erasure.is_owed.store(true, Ordering::Release);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Writes the database file anew when it is owed that, small enough, and not too soon after the last time.
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
        // It takes as much room again in the log, which is not to come from what is kept back.
        Ok(bytes <= largest && db.reserve.has_room_for_database(bytes))
    }

    /// Erases at the start of a server what deletes before it left: those of a process that was killed, and, once and
    /// whatever the file's size, those of versions that did not overwrite what they deleted.
    pub(crate) async fn erase_at_start(&self) -> Result<()> {
        let db = &self.inner.database;
        let is_old = residue::residue(&db.read).await? == Residue::Old;
        if is_old {
            tracing::info!("the database is written anew once, so that nothing deleted is left in it");
        }
        if is_old || self.wants_compaction(LARGEST_COMPACTED).await? {
            residue::compact(db).await?;
        }
        // Readers of another process may need it: then it is emptied in the background.
        if !residue::empty_log(&db.read).await? {
            self.erase_in_background();
        }
        Ok(())
    }

    /// Erases now and then what deletes of other processes left, and makes findable what they read; how many blobs or
    /// folders of blobs went.
    pub async fn upkeep(&self) -> Result<u64> {
        let swept = self.sweep_blobs().await?;
        self.erase_in_background();
        // Nodes of an earlier version store pages that nobody finds.
        self.index_in_background();
        Ok(swept)
    }

    /// Whether there is a file that outlives the process.
    fn keeps_rows(&self) -> bool {
        self.inner.database.is_sqlite() && !self.inner.short_lived
    }

    /// Ends the use of the database: what was deleted is erased, and on SQLite the file alone is then the whole
    /// database. Whatever still uses this storage is refused from then on; clones are the same storage.
    pub async fn close(&self) {
        if timeout(END, self.erase_at_end()).await.is_err() {
            tracing::warn!("what was deleted last is erased by the next start: the database was in use at the end");
        }
        let database = &self.inner.database;
        // One after the other: the last connection takes SQLite's log along, and of two that close at once none is last.
        for connections in [&database.write, &database.read] {
            match timeout(END, connections.close_by_ref()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the database was not closed in good order");
                }
                Err(_) => tracing::warn!("the database was still in use at the end"),
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
            // A server beside this command reads on, and empties it itself.
            Ok(false) => tracing::debug!("another process needs the database's log"),
            Err(error) => {
                let error: &dyn std::error::Error = &error as &crate::StorageError;
                tracing::warn!(error, "what was deleted last is erased by the next start");
            }
        }
    }
}
