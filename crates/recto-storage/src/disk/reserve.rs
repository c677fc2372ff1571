//! The disk reserve: space for the results of pages in flight, for deletions and for the database's own log, even if
//! something else fills the rest of the disk.
//!
//! New files must leave the whole reserve free, and are otherwise refused before any byte is stored. Pages are claimed
//! while half of the reserve is free. Part of the reserve is actually occupied ([`Ballast`]) and released when a
//! transaction finds the disk full.

use std::path::Path;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::changes::Change;
use crate::database::obstacle::Obstacle;
use crate::disk::ballast::Ballast;
use crate::disk::space::{Disk, DiskSpace};
use crate::error::{Result, StorageError};
use crate::storage::Storage;

/// How often the disks are checked.
const LOOK: Duration = Duration::from_secs(1);

/// The monitored disks, and the ballast on the database's disk.
///
/// The default monitors nothing and reserves nothing.
#[derive(Debug, Default)]
pub(crate) struct Reserve {
    /// If the database is a file, its disk comes first.
    disks: Vec<Disk>,
    ballast: Option<Ballast>,
}

impl Reserve {
    /// Monitors the disks of a database file and of a folder of files.
    pub(crate) fn over(database: Option<&Path>, files: Option<&Path>, bytes: Option<u64>) -> Result<Self> {
        let disks = Disk::under(database, files, bytes).map_err(StorageError::DataFolder)?;
        Ok(Self { disks, ballast: database.map(Ballast::in_folder) })
    }

    /// The free space of each disk.
    pub(crate) fn spaces(&self) -> Result<Vec<DiskSpace>> {
        let space = |(nth, disk): (usize, &Disk)| {
            let look = |set_aside_bytes| disk.space().map(|space| DiskSpace { set_aside_bytes, ..space });
            let space = match self.ballast.as_ref().filter(|_| nth == 0) {
                Some(ballast) => ballast.while_unchanged(look),
                None => look(0),
            };
            space.map_err(StorageError::file)
        };
        self.disks.iter().enumerate().map(space).collect()
    }

    /// Refuses new files that would use part of the reserve.
    pub(crate) fn check_room(&self, wanted_bytes: u64) -> Result<()> {
        for space in self.spaces()? {
            // On a disk of its own, the database stores only rows, regardless of the size of the files.
            let taken = if space.holds == "database" { 0 } else { wanted_bytes };
            if space.is_full() || taken > space.room_bytes() {
                return Err(StorageError::NoRoom { wanted_bytes, space });
            }
        }
        Ok(())
    }

    /// Whether the database's disk has that much space besides the reserve.
    pub(crate) fn has_room_for_database(&self, bytes: u64) -> bool {
        // A disk whose space is unknown counts as full; without a disk nothing can fill up.
        self.spaces().is_ok_and(|spaces| spaces.first().is_none_or(|space| bytes <= space.room_bytes()))
    }

    /// Whether results of work that is claimed now can be stored. A disk whose space is unknown does not stop work.
    pub(crate) fn is_enough_for_work(&self) -> bool {
        self.spaces().map_or(true, |spaces| spaces.iter().all(DiskSpace::is_enough_for_work))
    }

    /// The size to which the database's write-ahead log may grow; `None` when the space is unknown. The log's content
    /// needs space a second time when it is moved into the database, and the reserve of a small disk is small.
    pub(crate) fn log_bytes(&self) -> Option<u64> {
        self.ballast.as_ref()?;
        let space = self.disks.first()?.space().ok()?;
        (space.reserve_bytes > 0).then(|| space.transaction_bytes())
    }

    /// Releases as much ballast as the next transaction needs; returns whether the disk is that full.
    pub(crate) fn make_room_for_transaction(&self) -> bool {
        let (Some(disk), Some(ballast)) = (self.disks.first(), &self.ballast) else { return false };
        // If the space is unknown or nothing can be released, the transaction itself fails and reports why.
        let Ok(space) = disk.space() else { return false };
        let missing = space.transaction_bytes().saturating_sub(space.free_bytes);
        if missing > 0
            && let Err(error) = ballast.give_up(missing)
        {
            tracing::warn!(%error, "reserved disk space could not be released");
        }
        missing > 0
    }

    /// Releases the whole ballast; returns whether there was any.
    fn give_up_everything(&self) -> bool {
        self.ballast.as_ref().is_some_and(|ballast| ballast.give_up(u64::MAX).is_ok_and(|given| given > 0))
    }

    /// Restores the ballast as far as the disk has space besides the next transactions.
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
    /// The free space of the file systems that hold the database and the files. Databases and files on other machines
    /// are not included.
    pub fn disk_space(&self) -> Result<Vec<DiskSpace>> {
        self.inner.database.reserve.spaces()
    }

    /// Refuses ([`StorageError::NoRoom`]) new files of that total size, or anything new when the disk is full.
    pub fn check_room(&self, bytes: u64) -> Result<()> {
        self.inner.database.reserve.check_room(bytes)
    }

    /// Runs an operation that frees space. If the disk is full, the ballast is released for it.
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

    /// Monitors the disks forever: restores the ballast when there is space for it, and notifies the log and the
    /// pipeline when a disk becomes full and when it has space again. The server runs it and drops it when it stops.
    pub async fn keep_reserve(&self) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut was_full, mut was_refused) = (false, false);
        loop {
            ticks.tick().await;
            let storage = self.clone();
            // This runs outside the runtime's own threads, because a disk may take a while to allocate the ballast.
            let looked = tokio::task::spawn_blocking(move || {
                let put_aside = storage.inner.database.reserve.put_aside();
                storage.disk_space().map(|spaces| (put_aside, spaces))
            });
            let (put_aside, spaces) = match looked.await.map_err(StorageError::from).flatten() {
                Ok(looked) => looked,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the free disk space is unknown");
                    continue;
                }
            };
            if let Err(error) = &put_aside
                && !was_refused
            {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, "no disk space can be reserved: deleting may fail if others fill the disk");
            }
            was_refused = put_aside.is_err();
            let full = spaces.iter().find(|space| space.is_full());
            match full {
                Some(space) if !was_full => tracing::warn!(
                    holds = space.holds,
                    free_bytes = space.left_bytes(),
                    reserve_bytes = space.reserve_bytes,
                    "the disk is full: new files are refused until space is freed"
                ),
                None if was_full => {
                    tracing::info!("the disk has free space again");
                    self.tell(Change::Work);
                }
                _ => {}
            }
            was_full = full.is_some();
        }
    }
}
