//! Where the files of a watch are: in a folder of this machine, or under a prefix of a bucket.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::bucket::Bucket;
use super::folder;
use crate::failure::advised;
use crate::umask::write_for_user;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The path relative to the watched location.
    pub(super) below: PathBuf,
    /// When the bytes, the name or the permissions last changed.
    pub(super) changed: SystemTime,
    pub(super) size: u64,
    /// The bucket's tag for exactly these bytes.
    pub(super) tag: Option<String>,
}

/// A folder, or a prefix of a bucket.
#[derive(Debug, Clone)]
pub(super) enum Location {
    Folder(PathBuf),
    Bucket(Bucket),
}

impl Location {
    /// A location that must exist.
    pub(super) fn existing(path: &Path, endpoint: Option<&str>) -> anyhow::Result<Self> {
        if let Some(bucket) = Bucket::named(path, endpoint)? {
            return Ok(Self::Bucket(bucket));
        }
        let there = path.canonicalize().map(Self::Folder);
        there.map_err(|error| advised(format!("{}: {error}", path.display()), "Specify a folder that exists."))
    }

    /// A location that is created if it does not exist.
    pub(super) fn made(path: &Path, endpoint: Option<&str>) -> anyhow::Result<Self> {
        if let Some(bucket) = Bucket::named(path, endpoint)? {
            return Ok(Self::Bucket(bucket));
        }
        let made = std::fs::create_dir_all(path).and_then(|()| path.canonicalize()).map(Self::Folder);
        made.map_err(|error| advised(format!("{} cannot be created: {error}", path.display()), "Use another folder."))
    }

    /// Whether `other` is this location or is inside it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Folder(this), Self::Folder(other)) => other.starts_with(this),
            (Self::Bucket(this), Self::Bucket(other)) => other.lies_in(this),
            _ => false,
        }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.contains(other) && other.contains(self)
    }

    pub(super) fn is_bucket(&self) -> bool {
        matches!(self, Self::Bucket(_))
    }

    /// All files except those that are hidden, unfinished, or in one of the locations `elsewhere`.
    pub(super) async fn files(&self, elsewhere: &[Self]) -> io::Result<Vec<Found>> {
        match self {
            Self::Folder(folder) => {
                let is_folder = |location: &Self| match location {
                    Self::Folder(folder) => Some(folder.clone()),
                    Self::Bucket(_) => None,
                };
                let (folder, elsewhere) = (folder.clone(), elsewhere.iter().filter_map(is_folder).collect::<Vec<_>>());
                blocking(move || folder::files(&folder, &elsewhere)).await
            }
            Self::Bucket(bucket) => {
                let inner = elsewhere.iter().filter_map(|location| match location {
                    Self::Bucket(other) => other.below(bucket),
                    Self::Folder(_) => None,
                });
                bucket.files(&inner.collect::<Vec<_>>()).await
            }
        }
    }

    /// The current contents of the location.
    pub(super) async fn contents(&self) -> io::Result<Contents> {
        match self {
            Self::Folder(folder) => Ok(Contents::Folder(folder.clone())),
            Self::Bucket(bucket) => bucket.written().await.map(Contents::Bucket),
        }
    }

    /// The path at which the bytes of a file can be read on this machine: its own path, or `spool` after a download.
    pub(super) async fn fetch(&self, file: &Found, spool: PathBuf) -> io::Result<PathBuf> {
        match self {
            Self::Folder(folder) => Ok(folder.join(&file.below)),
            Self::Bucket(bucket) => bucket.fetch(file, &spool).await.map(|()| spool),
        }
    }

    /// The path at which a file for this location is to be written: its final path, or `spool`, from which
    /// [`Location::deliver`] uploads it.
    pub(super) fn place_of(&self, below: &Path, spool: PathBuf) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(below),
            Self::Bucket(_) => spool,
        }
    }

    /// Brings what was written at [`Location::place_of`] to its final place.
    pub(super) async fn deliver(&self, below: &Path, written: &Path) -> io::Result<()> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Bucket(bucket) => bucket.put(below, written).await,
        }
    }

    /// Writes a text for the user.
    pub(super) async fn write(&self, below: &Path, text: String) -> io::Result<()> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(below);
                blocking(move || {
                    folder::make_folder_of(&path)?;
                    write_for_user(&path, &text)
                })
                .await
            }
            Self::Bucket(bucket) => bucket.put_text(below, text).await,
        }
    }

    /// Whether another file is now in the place of the one that was found. A missing file does not count.
    pub(super) async fn is_replaced(&self, file: &Found) -> io::Result<bool> {
        match self {
            Self::Folder(folder) => {
                let (path, file) = (folder.join(&file.below), file.clone());
                blocking(move || Ok(folder::is_replaced(&path, &file))).await
            }
            Self::Bucket(bucket) => bucket.is_replaced(file).await,
        }
    }

    /// Moves a file, whose bytes can be read at `local`, to another location. An existing file of that name is kept;
    /// the moved file then gets a number.
    pub(super) async fn move_to(&self, file: &Found, local: &Path, to: &Self) -> io::Result<()> {
        match to {
            Self::Folder(folder) => {
                let (local, kept) = (local.to_owned(), folder.join(&file.below));
                blocking(move || folder::move_into(&local, &kept)).await?;
            }
            Self::Bucket(bucket) => bucket.put_beside(&file.below, local).await?,
        }
        match self {
            Self::Folder(_) if !to.is_bucket() => Ok(()),
            Self::Folder(folder) => {
                let path = folder.join(&file.below);
                blocking(move || std::fs::remove_file(path)).await
            }
            Self::Bucket(bucket) => bucket.remove(file).await,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

/// The contents of a location. A folder is queried on demand; a bucket has been listed.
#[derive(Debug)]
pub(super) enum Contents {
    Folder(PathBuf),
    Bucket(HashMap<PathBuf, SystemTime>),
}

impl Contents {
    /// When a file was written, if it exists.
    pub(super) fn written(&self, below: &Path) -> Option<SystemTime> {
        match self {
            Self::Folder(folder) => {
                let about = folder.join(below).metadata().ok()?;
                about.is_file().then(|| about.modified().ok()).flatten()
            }
            Self::Bucket(written) => written.get(below).copied(),
        }
    }

    /// Whether anything of that name exists.
    pub(super) fn holds(&self, below: &Path) -> bool {
        match self {
            Self::Folder(folder) => folder.join(below).exists(),
            Self::Bucket(written) => written.contains_key(below),
        }
    }
}

/// Whether the name marks a file as unfinished or as hidden.
pub(super) fn is_unfinished(below: &Path) -> bool {
    /// The extensions of files that are still being transferred.
    const UNFINISHED: [&str; 5] = ["part", "partial", "tmp", "filepart", "crdownload"];
    let is_hidden = below.iter().any(|part| part.as_encoded_bytes().starts_with(b"."));
    let is_coming = |own: &std::ffi::OsStr| UNFINISHED.iter().any(|end| own.eq_ignore_ascii_case(end));
    is_hidden || below.extension().is_some_and(is_coming)
}

/// The path with `end` appended to its name.
pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Possible names for a file: its own, then numbered ones.
pub(super) fn names(path: &Path) -> impl Iterator<Item = PathBuf> {
    (1..).map(move |number: u32| if number == 1 { path.to_owned() } else { with_end(path, &format!(".{number}")) })
}

/// Runs file operations that may block for long, as on a network share that is unavailable.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
