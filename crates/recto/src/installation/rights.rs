//! Checks that this account may use the contents of the data folder. SQLite would only report that it cannot open a
//! file.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use crate::commands::backup::RESTORING;
use crate::failure::advised;

/// The entries that every start reads and writes, if they exist: the folder itself, and these in it.
const USED: [&str; 7] = ["", "recto.db", "recto.db-wal", "recto.db-shm", "recto.lock", "secret.key", "blobs"];

/// Fails when something in the data folder cannot be read or written, or when a restore into it was not completed.
pub(crate) fn check(data_dir: &Path) -> anyhow::Result<()> {
    if data_dir.join(RESTORING).exists() {
        return Err(advised(
            format!("a backup is being restored into {}, or an earlier restore was not completed", data_dir.display()),
            "Wait until `recto restore` has finished, or empty the folder and restore again.",
        ));
    }
    for name in USED {
        let path = if name.is_empty() { data_dir.to_owned() } else { data_dir.join(name) };
        let wanted = if path.is_dir() { Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK } else { access(name) };
        match accessat(CWD, &path, wanted, AtFlags::EACCESS) {
            Err(Errno::ROFS) => {
                return Err(advised(
                    format!("{} cannot be written to: its disk is mounted read-only", path.display()),
                    "Mount the disk read-write, or specify another data folder with --data-dir or data_dir.",
                ));
            }
            Err(Errno::ACCESS | Errno::PERM) => return Err(foreign(&path, data_dir)),
            // It may be used, it does not exist, or whoever opens it will report the problem.
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// The access that a start needs. The secret is never changed.
fn access(name: &str) -> Access {
    if name == "secret.key" { Access::READ_OK } else { Access::READ_OK | Access::WRITE_OK }
}

/// The error for an existing entry that cannot be used, with advice.
fn foreign(path: &Path, data_dir: &Path) -> anyhow::Error {
    let (what, folder) = (path.display(), data_dir.display());
    let account = rustix::process::geteuid().as_raw();
    // Nothing is known about the contents of a folder that may not be entered.
    match path.metadata().ok().map(|about| about.uid()) {
        Some(owner) if owner == account => advised(
            format!("{what} cannot be used: this account (user {account}) owns it but lacks permission"),
            format!("Restore the permission: chmod -R u+rwX {folder}"),
        ),
        owner => {
            let owner = owner.map_or_else(|| "another account".to_owned(), |owner| format!("user {owner}"));
            advised(
                format!("{what} cannot be used by this account (user {account}): it belongs to {owner}"),
                format!(
                    "Run Recto as its owner, change the owner (`chown -R {account} {folder}`), or specify another data \
                     folder with --data-dir or data_dir."
                ),
            )
        }
    }
}
