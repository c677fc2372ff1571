//! A watched location in a folder.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::location::{Found, is_unfinished, names};
use crate::umask::mode_for_user;

/// All files in a folder and its subfolders, except those that are hidden, unfinished, or in one of the folders
/// `elsewhere`.
pub(super) fn files(folder: &Path, elsewhere: &[PathBuf]) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    look_into(folder, folder, elsewhere, &mut found)?;
    Ok(found)
}

fn look_into(root: &Path, folder: &Path, elsewhere: &[PathBuf], found: &mut Vec<Found>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
        if elsewhere.contains(&path) {
            continue;
        }
        // Links are not followed, because they may lead anywhere. A file that is gone by now was not complete.
        let Ok(about) = entry.metadata() else { continue };
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if about.is_dir() && !is_hidden {
            // A subfolder that is unreadable or gone hides only its own files.
            if let Err(error) = look_into(root, &path, elsewhere, found) {
                tracing::debug!(folder = %path.display(), %error, "skipping a folder that cannot be read");
            }
        } else if about.is_file() && !is_unfinished(&below) {
            found.push(Found { below, changed: changed(&about), size: about.len(), tag: None });
        }
    }
    Ok(())
}

/// Whether the file at a path is another one than was found there.
pub(super) fn is_replaced(path: &Path, file: &Found) -> bool {
    path.symlink_metadata().is_ok_and(|about| about.len() != file.size || changed(&about) != file.changed)
}

/// Moves a file, also across file systems. An existing file of that name is kept; the moved file then gets a number.
pub(super) fn move_into(file: &Path, to: &Path) -> io::Result<()> {
    make_folder_of(to)?;
    for name in names(to) {
        // Creating the file reserves the name, so nobody else takes it before the rename.
        match fs::File::create_new(&name) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
        let moved = match fs::rename(file, &name) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy_over(file, &name),
            renamed => renamed,
        };
        if moved.is_err() {
            // The file is still in its old place; the one at the new name is empty or incomplete.
            fs::remove_file(&name)?;
        }
        return moved;
    }
    Err(io::Error::other("every name tried is already taken"))
}

fn copy_over(file: &Path, to: &Path) -> io::Result<()> {
    fs::copy(file, to)?;
    fs::File::open(to)?.sync_all()?;
    match fs::remove_file(file) {
        // The original was removed meanwhile, so this copy is the only one left.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Gives a file that this process made the permissions of the user's own files.
pub(super) fn give_to_user(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode_for_user()))
}

pub(super) fn make_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

/// When the bytes, the name or the permissions of a file last changed.
fn changed(about: &Metadata) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::new(about.ctime().max(0).unsigned_abs(), about.ctime_nsec() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_no_name_that_is_taken() {
        let root = tempfile::tempdir().unwrap();
        for text in ["first", "second", "third"] {
            let file = root.path().join("scan.pdf");
            fs::write(&file, text).unwrap();
            move_into(&file, &root.path().join("done/scan.pdf")).unwrap();
            assert!(!file.exists());
        }
        let read = |name: &str| fs::read_to_string(root.path().join("done").join(name)).unwrap();
        assert_eq!([read("scan.pdf"), read("scan.pdf.2"), read("scan.pdf.3")], ["first", "second", "third"]);
    }

    #[test]
    fn a_file_that_cannot_be_moved_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        assert!(move_into(&root.path().join("gone.pdf"), &root.path().join("done/gone.pdf")).is_err());
        assert_eq!(fs::read_dir(root.path().join("done")).unwrap().count(), 0);
    }

    #[test]
    fn what_is_hidden_unfinished_or_a_result_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap();
        for name in ["a/b.tif", ".hidden.pdf", ".trash/g.pdf", "c.pdf.part", "d.TMP", "out/e.pdf", "f"] {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("f", folder.join("link")).unwrap();
        let found = files(&folder, &[folder.join("out")]).unwrap();
        let mut found: Vec<PathBuf> = found.into_iter().map(|file| file.below).collect();
        found.sort();
        assert_eq!(found, ["a/b.tif", "f"].map(PathBuf::from));
    }
}
