//! What is kept back on the disk, so that it can be freed: results of pages in hand, deletions and the database's
//! own log fit whoever fills the rest.
//!
//! New files leave the whole reserve, and are refused before a byte of them is stored. Pages are taken up while half
//! of it is there. A part of it is really put aside ([`Ballast`]), and given up when a transaction finds the disk
//! full.

use std::path::Path;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::changes::Change;
use crate::database::obstacle::Obstacle;
use crate::disk::ballast::Ballast;
use crate::disk::space::{Disk, DiskSpace};
use crate::error::{Result, StorageError};
use crate::storage::Storage;

/// How often the disks are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The disks that are watched, and what is put aside on the database's.
///
/// The default watches nothing and keeps nothing back.
#[derive(Debug, Default)]
pub(crate) struct Reserve {
    /// The first of them is the database's, if that is a file.
    disks: Vec<Disk>,
    ballast: Option<Ballast>,
}

impl Reserve {
    /// Watches the folders of a database that is a file, and of files that lie in a folder.
    pub(crate) fn over(database: Option<&Path>, files: Option<&Path>, bytes: Option<u64>) -> Result<Self> {
        let disks = Disk::under(database, files, bytes).map_err(StorageError::DataFolder)?;
        Ok(Self { disks, ballast: database.map(Ballast::in_folder) })
    }

    /// What each of the disks has left.
    pub(crate) fn spaces(&self) -> Result<Vec<DiskSpace>> {
        let space = |(nth, disk): (usize, &Disk)| {
            let set_aside_bytes = self.ballast.as_ref().filter(|_| nth == 0).map_or(0, Ballast::held_bytes);
            Ok(DiskSpace { set_aside_bytes, ..disk.space().map_err(StorageError::file)? })
        };
        self.disks.iter().enumerate().map(space).collect()
    }

    /// Refuses new files that would take of the reserve.
    pub(crate) fn check_room(&self, wanted_bytes: u64) -> Result<()> {
        for space in self.spaces()? {
            // On a disk of its own the database takes rows only, however large the files are.
            let taken = if space.holds == "database" { 0 } else { wanted_bytes };
            if space.is_full() || taken > space.room_bytes() {
                return Err(StorageError::NoRoom { wanted_bytes, space });
            }
        }
        Ok(())
    }

    /// Whether the disk of the database has that much beside the reserve.
    pub(crate) fn has_room_for_database(&self, bytes: u64) -> bool {
        // A disk that cannot be asked is taken for a full one; without one there is nothing to fill.
        self.spaces().is_ok_and(|spaces| spaces.first().is_none_or(|space| bytes <= space.room_bytes()))
    }

    /// Whether what is taken up now can be stored. A disk that cannot be asked holds nothing up.
    pub(crate) fn is_enough_for_work(&self) -> bool {
        self.spaces().map_or(true, |spaces| spaces.iter().all(DiskSpace::is_enough_for_work))
    }

    /// How far the database's write-ahead log may grow: what it holds needs room a second time when it is moved into the
    /// database, and the reserve of a small disk is small. `None` when nothing is known.
    pub(crate) fn log_bytes(&self) -> Option<u64> {
        self.ballast.as_ref()?;
        let space = self.disks.first()?.space().ok()?;
        (space.reserve_bytes > 0).then(|| space.transaction_bytes())
    }

    /// Gives up of the ballast what a transaction needs that is about to begin; whether the disk is that full.
    pub(crate) fn make_room_for_transaction(&self) -> bool {
        let (Some(disk), Some(ballast)) = (self.disks.first(), &self.ballast) else { return false };
        // When nothing is known or given up, the transaction itself fails, and says why.
        let Ok(space) = disk.space() else { return false };
        let missing = space.transaction_bytes().saturating_sub(space.free_bytes);
        if missing > 0
            && let Err(error) = ballast.give_up(missing)
        {
            tracing::warn!(%error, "what was put aside on the disk cannot be given up");
        }
        missing > 0
    }

    /// Gives up the whole ballast; whether there was any.
    fn give_up_everything(&self) -> bool {
        self.ballast.as_ref().is_some_and(|ballast| ballast.give_up(u64::MAX).is_ok_and(|given| given > 0))
    }

    /// Puts aside again what is missing of the ballast, as far as the disk has room beside the next transactions.
    fn put_aside(&self) -> Result<()> {
        let (Some(disk), Some(ballast)) = (self.disks.first(), &self.ballast) else { return Ok(()) };
        let space = disk.space().map_err(StorageError::file)?;
        let held = ballast.held_bytes();
        let beyond = space.free_bytes.saturating_sub(2 * space.transaction_bytes());
        let wanted = Ballast::wanted_bytes(space.reserve_bytes).min(held + beyond);
        if wanted > held || Ballast::wanted_bytes(space.reserve_bytes) < held {
            ballast.hold(wanted).map_err(StorageError::file)?;
        }
        Ok(())
    }
}

impl Storage {
    /// What the file systems under the database and the files have left; none of those that are on other machines.
    pub fn disk_space(&self) -> Result<Vec<DiskSpace>> {
        self.inner.database.reserve.spaces()
    }

    /// Refuses ([`StorageError::NoRoom`]) new files of that size together, or anything new when the disk is full.
    pub fn check_room(&self, bytes: u64) -> Result<()> {
        self.inner.database.reserve.check_room(bytes)
    }

    /// Does what makes room. On a full disk, what was put aside is given up for it.
    pub(crate) async fn making_room<T, F>(&self, act: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        match act().await {
            Err(error) if error.obstacle() == Some(Obstacle::DiskFull) => {
                if self.inner.database.reserve.give_up_everything() { act().await } else { Err(error) }
            }
            done => done,
        }
    }

    /// Watches the disks for ever: puts the ballast aside when there is room for it, and tells the log and the
    /// pipeline when a disk became full and when there is room again. For the server; to be dropped at its end.
    pub async fn keep_reserve(&self) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut was_full, mut was_refused) = (false, false);
        loop {
            ticks.tick().await;
            let storage = self.clone();
            // Not on the runtime's own threads: putting aside may take a disk a while.
            let looked = tokio::task::spawn_blocking(move || {
                let put_aside = storage.inner.database.reserve.put_aside();
                storage.disk_space().map(|spaces| (put_aside, spaces))
            });
            let (put_aside, spaces) = match looked.await.map_err(StorageError::from).flatten() {
                Ok(looked) => looked,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the disk cannot be looked at");
                    continue;
                }
            };
            if let Err(error) = &put_aside
                && !was_refused
            {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, "nothing can be put aside on this disk: deleting may fail when others fill it");
            }
            was_refused = put_aside.is_err();
            let full = spaces.iter().find(|space| space.is_full());
            match full {
                Some(space) if !was_full => tracing::warn!(
                    holds = space.holds,
                    free_bytes = space.left_bytes(),
                    reserve_bytes = space.reserve_bytes,
                    "the disk is full: nothing new is taken in until there is room"
                ),
                None if was_full => {
                    tracing::info!("there is room on the disk again");
                    self.tell(Change::Work);
                }
                _ => {}
            }
            was_full = full.is_some();
        }
    }
}
