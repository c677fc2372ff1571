//! Free space on the file systems of the database and the files.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The default reserve on a large disk, in bytes.
const MOST_RESERVED_BYTES: u64 = 200_000_000;
/// The default reserve on a small disk: one fiftieth of it.
const RESERVED_PART: u64 = 50;
/// The bytes that one transaction of ordinary size may write.
const TRANSACTION_BYTES: u64 = 4 * 1024 * 1024;

/// A file system in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    folder: PathBuf,
    device: u64,
    holds: &'static str,
    /// The configured reserve; `None` for a default that depends on the disk's size.
    reserve_bytes: Option<u64>,
}

/// The space of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// What it holds: `database`, `files`, or `database and files`.
    pub holds: &'static str,
    /// The size of the file system.
    pub total_bytes: u64,
    /// The bytes that any program may still use.
    pub free_bytes: u64,
    /// The bytes of the ballast, which only Recto can use.
    pub set_aside_bytes: u64,
    /// The bytes that new files must leave free; the ballast counts towards it.
    pub reserve_bytes: u64,
}

impl Disk {
    /// The disks of the database and the files: one if both are on the same disk.
    pub(crate) fn under(
        database: Option<&Path>,
        files: Option<&Path>,
        reserve_bytes: Option<u64>,
    ) -> io::Result<Vec<Self>> {
        let disk = |folder: &Path, holds| -> io::Result<Self> {
            let device = folder.metadata()?.dev();
            Ok(Self { folder: folder.to_owned(), device, holds, reserve_bytes })
        };
        let database = database.map(|folder| disk(folder, "database")).transpose()?;
        let files = files.map(|folder| disk(folder, "files")).transpose()?;
        Ok(match (database, files) {
            (Some(database), Some(files)) if database.device == files.device => {
                vec![Self { holds: "database and files", ..database }]
            }
            (database, files) => database.into_iter().chain(files).collect(),
        })
    }

    /// Asks the system; the answer takes microseconds on a local disk.
    pub(crate) fn space(&self) -> io::Result<DiskSpace> {
        let now = rustix::fs::statvfs(&self.folder)?;
        let total_bytes = now.f_blocks * now.f_frsize;
        Ok(DiskSpace {
            holds: self.holds,
            total_bytes,
            free_bytes: now.f_bavail * now.f_frsize,
            set_aside_bytes: 0,
            reserve_bytes: self.reserve_bytes.unwrap_or_else(|| MOST_RESERVED_BYTES.min(total_bytes / RESERVED_PART)),
        })
    }
}

impl DiskSpace {
    /// The space left for Recto: free space plus ballast.
    #[must_use]
    pub fn left_bytes(&self) -> u64 {
        self.free_bytes.saturating_add(self.set_aside_bytes)
    }

    /// The bytes that new files may still use.
    #[must_use]
    pub fn room_bytes(&self) -> u64 {
        self.left_bytes().saturating_sub(self.reserve_bytes).saturating_sub(self.transaction_bytes())
    }

    /// Whether nothing new is accepted.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.room_bytes() == 0
    }

    /// Whether a page that is claimed now can surely be stored. Half of the reserve is for pages in flight and for
    /// operations that free space.
    pub(crate) fn is_enough_for_work(&self) -> bool {
        self.left_bytes() > self.reserve_bytes / 2
    }

    /// The bytes that must be free before a transaction begins; on a small disk, part of the small reserve.
    pub(crate) fn transaction_bytes(&self) -> u64 {
        TRANSACTION_BYTES.min(self.reserve_bytes / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: u64 = 1_000_000;

    fn space(free: u64, set_aside: u64) -> DiskSpace {
        DiskSpace {
            holds: "files",
            total_bytes: 10_000 * MEGABYTE,
            free_bytes: free * MEGABYTE,
            set_aside_bytes: set_aside * MEGABYTE,
            reserve_bytes: 200 * MEGABYTE,
        }
    }

    #[test]
    fn new_files_leave_the_reserve_and_work_goes_on_into_its_upper_half() {
        assert_eq!(space(1000, 60).room_bytes(), 860 * MEGABYTE - TRANSACTION_BYTES);
        assert!(space(140, 60).is_full() && space(140, 60).is_enough_for_work());
        assert!(!space(39, 60).is_enough_for_work());
        assert!(space(0, 0).is_full());
    }

    #[test]
    fn the_reserve_is_the_smaller_of_a_fiftieth_and_200_megabytes() {
        let folder = tempfile::tempdir().unwrap();
        let disk = |reserve| Disk::under(Some(folder.path()), None, reserve).unwrap().remove(0).space().unwrap();
        let default = disk(None);
        assert_eq!(default.reserve_bytes, (default.total_bytes / 50).min(200 * MEGABYTE));
        assert_eq!(disk(Some(7)).reserve_bytes, 7);
    }

    #[test]
    fn one_disk_under_both_is_counted_once() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let disks = Disk::under(Some(folder.path()), Some(other.path()), None).unwrap();
        assert_eq!(disks.iter().map(|disk| disk.holds).collect::<Vec<_>>(), ["database and files"]);
    }
}
