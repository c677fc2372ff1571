//! A file that only occupies disk space, which is released when no other space is left.
//!
//! Other programs may fill a disk to the last byte, and SQLite must write before it can delete. The space of this file
//! remains available to Recto.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::FallocateFlags;

const FILE_NAME: &str = "recto.ballast";
/// The largest ballast: enough for the pages in flight and for deletions. The rest of a larger reserve is only kept
/// free of Recto's own new files.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// The unit of `st_blocks`, in bytes.
const BLOCK_BYTES: u64 = 512;

/// The ballast of a data folder. Several processes may release parts of it; only the server takes it back.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    /// Without this lock, two simultaneous releases would each release the same part.
    changing: Mutex<()>,
}

impl Ballast {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join(FILE_NAME), changing: Mutex::new(()) }
    }

    /// The wanted size of the ballast for a reserve of that size.
    pub(crate) fn wanted_bytes(reserve_bytes: u64) -> u64 {
        reserve_bytes.min(MOST_BYTES)
    }

    /// The bytes that it occupies on the disk.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.path.metadata().map_or(0, |file| file.blocks() * BLOCK_BYTES)
    }

    /// Looks at something while the ballast keeps its size, which is passed in bytes. Free space that is read while a part
    /// is being released would count that part twice.
    pub(crate) fn while_unchanged<T>(&self, look: impl FnOnce(u64) -> T) -> T {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        look(self.held_bytes())
    }

    /// Releases that many bytes, or all if there are fewer; returns how many.
    pub(crate) fn give_up(&self, bytes: u64) -> io::Result<u64> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held_bytes();
        if held == 0 {
            return Ok(0);
        }
        let left = held.saturating_sub(bytes);
        File::options().write(true).open(&self.path)?.set_len(left)?;
        Ok(held - left)
    }

    /// Grows the ballast to that size, or leaves it when it has that size. If the disk lacks the space, the size stays
    /// or ends in between.
    pub(crate) fn hold(&self, bytes: u64) -> io::Result<()> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held_bytes();
        if bytes == 0 {
            return match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&self.path)?;
        if held > bytes {
            file.set_len(bytes)?;
        } else if held < bytes {
            rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, bytes)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: u64 = 1024 * 1024;

    #[test]
    fn it_holds_real_room_and_gives_it_up_piece_by_piece() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::in_folder(folder.path());
        assert_eq!(ballast.give_up(MEGABYTE).unwrap(), 0);
        ballast.hold(4 * MEGABYTE).unwrap();
        ballast.hold(4 * MEGABYTE).unwrap();
        assert_eq!(ballast.held_bytes(), 4 * MEGABYTE);
        assert_eq!(ballast.give_up(MEGABYTE).unwrap(), MEGABYTE);
        assert_eq!(ballast.held_bytes(), 3 * MEGABYTE);
        assert_eq!(ballast.give_up(u64::MAX).unwrap(), 3 * MEGABYTE);
        assert_eq!(ballast.held_bytes(), 0);
        ballast.hold(2 * MEGABYTE).unwrap();
        ballast.hold(MEGABYTE).unwrap();
        assert_eq!(ballast.held_bytes(), MEGABYTE);
        ballast.hold(0).unwrap();
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}
