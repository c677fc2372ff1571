//! A file that holds nothing but its place on the disk, to be given up when there is no other.
//!
//! Other programs may fill a disk to its last byte, and SQLite must write before it can delete. What this file holds
//! is Recto's own all the same.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::FallocateFlags;

const FILE_NAME: &str = "recto.ballast";
/// The most that is put aside: room for many pages in hand and for deletions. The rest of a larger reserve is only
/// kept free of Recto's own new files.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// What `st_blocks` counts in.
const BLOCK_BYTES: u64 = 512;

/// The ballast of a data folder. Several processes may give of it; the server alone takes it in again.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    /// Two that give at the same time give twice.
    changing: Mutex<()>,
}

impl Ballast {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join(FILE_NAME), changing: Mutex::new(()) }
    }

    /// How much is put aside when there is room, of a reserve.
    pub(crate) fn wanted_bytes(reserve_bytes: u64) -> u64 {
        reserve_bytes.min(MOST_BYTES)
    }

    /// What it takes up on the disk.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.path.metadata().map_or(0, |file| file.blocks() * BLOCK_BYTES)
    }

    /// Gives up as much, or all that there is; how much it was.
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

    /// Makes it that large, which it may be already. A disk without the room leaves it as it is, or in between.
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
