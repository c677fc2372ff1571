//! Removes all permissions that other accounts of the machine have on an installation.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::settings::Settings;

/// The permission bits of the group and of others.
const OF_OTHERS: u32 = 0o077;
/// The folders that Recto makes in its data folder, besides the files whose names begin with `recto.`.
const FOLDERS: [&str; 2] = ["blobs", "samples"];
const FILES: [&str; 4] = ["secret.key", "secret.key.former", "initial-credentials.json", "backup.lock"];

/// Removes the permissions of others from what Recto made in its data folder. Returns the paths that are still open to
/// others, because they belong to another account or are on a disk without permissions.
///
/// Other files in that folder are left alone, because the folder may be used for other things too.
pub(crate) fn close_to_others(data_dir: &Path) -> Vec<PathBuf> {
    let mut open = Vec::new();
    for path in ours(data_dir) {
        close(&path, &mut open);
    }
    open
}

/// The paths of an installation that others may read, including files outside of the data folder. Nothing is changed.
pub(crate) fn open_to_others(settings: &Settings) -> Vec<PathBuf> {
    let mut paths = ours(&settings.data_dir);
    let elsewhere = |url: &Option<String>, scheme: &str| {
        let path = url.as_ref()?.strip_prefix(scheme)?;
        Some(PathBuf::from(path.split_once('?').map_or(path, |(path, _)| path)))
    };
    paths.extend(elsewhere(&settings.blobs_url, "file://"));
    paths.extend(elsewhere(&settings.database_url, "sqlite://"));
    paths.retain(|path| fs::metadata(path).is_ok_and(|about| is_open(&about)));
    paths
}

/// What Recto made in its data folder.
fn ours(data_dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = FOLDERS.iter().chain(&FILES).map(|name| data_dir.join(name)).collect();
    // A folder that cannot be listed is reported when the database in it is opened.
    let entries = fs::read_dir(data_dir).into_iter().flatten().flatten();
    paths.extend(entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"recto.")).map(|e| e.path()));
    paths.retain(|path| path.exists());
    paths
}

fn is_open(about: &Metadata) -> bool {
    about.permissions().mode() & OF_OTHERS != 0
}

/// Removes the permissions of others from a file, or from a folder and everything in it. A folder that is closed
/// already is skipped, because nobody else can enter it.
fn close(path: &Path, open: &mut Vec<PathBuf>) {
    let closed = (|| -> io::Result<()> {
        let about = fs::metadata(path)?;
        if !is_open(&about) {
            return Ok(());
        }
        fs::set_permissions(path, Permissions::from_mode(about.permissions().mode() & !OF_OTHERS & 0o7777))?;
        if about.is_dir() {
            for entry in fs::read_dir(path)?.flatten() {
                // The target of a link does not belong to Recto.
                if !entry.file_type()?.is_symlink() {
                    close(&entry.path(), open);
                }
            }
        }
        // A disk without permissions accepts the change and ignores it.
        if is_open(&fs::metadata(path)?) { Err(io::ErrorKind::Unsupported.into()) } else { Ok(()) }
    })();
    match closed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => open.push(path.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_recto_made_is_closed_and_other_files_stay_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("blobs/batches/b")).unwrap();
        for name in ["recto.db", "secret.key", "blobs/batches/b/u", "notes.txt"] {
            fs::write(path(name), "x").unwrap();
            fs::set_permissions(path(name), Permissions::from_mode(0o644)).unwrap();
        }
        for name in ["blobs", "blobs/batches", "blobs/batches/b"] {
            fs::set_permissions(path(name), Permissions::from_mode(0o755)).unwrap();
        }
        assert_eq!(close_to_others(folder.path()), Vec::<PathBuf>::new());
        for (name, expected) in [
            ("recto.db", 0o600),
            ("secret.key", 0o600),
            ("blobs", 0o700),
            ("blobs/batches/b", 0o700),
            ("blobs/batches/b/u", 0o600),
            ("notes.txt", 0o644),
        ] {
            assert_eq!(mode(&path(name)), expected, "{name}");
        }
    }
}
