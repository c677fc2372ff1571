//! Files on their way out of a watched folder.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::umask::write_for_user;

/// The text that says why a file could not be read.
pub(super) struct ReasonFile(PathBuf);

impl ReasonFile {
    /// Of a file that lies, or would lie, at that path.
    pub(super) fn of(path: &Path) -> Self {
        Self(with_end(path, ".reason.txt"))
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.clone()
    }

    pub(super) fn write(&self, reason: &str) -> io::Result<()> {
        make_folder_of(&self.0)?;
        write_for_user(&self.0, &format!("{reason}\n"))
    }
}

/// Moves a file, across file systems too. What has the name already is left alone: the file gets a number then.
pub(super) fn move_into(file: &Path, to: &Path) -> io::Result<()> {
    make_folder_of(to)?;
    let free = (1..).map(|number| if number == 1 { to.to_owned() } else { with_end(to, &format!(".{number}")) });
    for name in free {
        // Nobody else takes the name between this and the renaming, for it is taken here.
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
            // The file is where it was; what stands in its place is empty or not whole.
            fs::remove_file(&name)?;
        }
        return moved;
    }
    Err(io::Error::other("no name is free"))
}

fn copy_over(file: &Path, to: &Path) -> io::Result<()> {
    fs::copy(file, to)?;
    fs::File::open(to)?.sync_all()?;
    match fs::remove_file(file) {
        // Somebody took it away meanwhile: this is the only one that is left.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn make_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
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
}
