//! Where files of a watch lie: a folder that this machine reaches, or the objects under a prefix of a bucket.

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
    /// Below the watched location.
    pub(super) below: PathBuf,
    /// When its bytes, its name or its rights last changed.
    pub(super) changed: SystemTime,
    pub(super) size: u64,
    /// What a bucket calls these very bytes.
    pub(super) tag: Option<String>,
}

/// A folder, or a prefix of a bucket.
#[derive(Debug, Clone)]
pub(super) enum Location {
    Folder(PathBuf),
    Bucket(Bucket),
}

impl Location {
    /// A location that is to be there.
    pub(super) fn existing(path: &Path, endpoint: Option<&str>) -> anyhow::Result<Self> {
        if let Some(bucket) = Bucket::named(path, endpoint)? {
            return Ok(Self::Bucket(bucket));
        }
        let there = path.canonicalize().map(Self::Folder);
        there.map_err(|error| advised(format!("{}: {error}", path.display()), "Name a folder that is there."))
    }

    /// A location that is made where it is not there.
    pub(super) fn made(path: &Path, endpoint: Option<&str>) -> anyhow::Result<Self> {
        if let Some(bucket) = Bucket::named(path, endpoint)? {
            return Ok(Self::Bucket(bucket));
        }
        let made = std::fs::create_dir_all(path).and_then(|()| path.canonicalize()).map(Self::Folder);
        made.map_err(|error| advised(format!("{} cannot be made: {error}", path.display()), "Name another folder."))
    }

    /// Whether the other one is this one, or lies in it.
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

    /// All files but those that are hidden, unfinished, or in one of the other locations.
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

    /// What it holds now.
    pub(super) async fn contents(&self) -> io::Result<Contents> {
        match self {
            Self::Folder(folder) => Ok(Contents::Folder(folder.clone())),
            Self::Bucket(bucket) => bucket.written().await.map(Contents::Bucket),
        }
    }

    /// Where the bytes of a file can be read on this machine: where they lie, or in `spool`, which they are brought to.
    pub(super) async fn fetch(&self, file: &Found, spool: PathBuf) -> io::Result<PathBuf> {
        match self {
            Self::Folder(folder) => Ok(folder.join(&file.below)),
            Self::Bucket(bucket) => bucket.fetch(file, &spool).await.map(|()| spool),
        }
    }

    /// Where a file for this location is to be written: where it is to lie, or in `spool`, from which
    /// [`Location::deliver`] takes it.
    pub(super) fn place_of(&self, below: &Path, spool: PathBuf) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(below),
            Self::Bucket(_) => spool,
        }
    }

    /// Brings what was written at [`Location::place_of`] to where it is to lie.
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

    /// Whether another file is where one was found. That one is gone is no such thing.
    pub(super) async fn is_replaced(&self, file: &Found) -> io::Result<bool> {
        match self {
            Self::Folder(folder) => {
                let (path, file) = (folder.join(&file.below), file.clone());
                blocking(move || Ok(folder::is_replaced(&path, &file))).await
            }
            Self::Bucket(bucket) => bucket.is_replaced(file).await,
        }
    }

    /// Moves a file, whose bytes can be read at `local`, to another location. What has the name there already is left
    /// alone: the file gets a number then.
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

/// What a location holds: a folder is asked when it matters, a bucket was listed.
#[derive(Debug)]
pub(super) enum Contents {
    Folder(PathBuf),
    Bucket(HashMap<PathBuf, SystemTime>),
}

impl Contents {
    /// When a file was written, if there is one.
    pub(super) fn written(&self, below: &Path) -> Option<SystemTime> {
        match self {
            Self::Folder(folder) => {
                let about = folder.join(below).metadata().ok()?;
                about.is_file().then(|| about.modified().ok()).flatten()
            }
            Self::Bucket(written) => written.get(below).copied(),
        }
    }

    /// Whether anything has the name.
    pub(super) fn holds(&self, below: &Path) -> bool {
        match self {
            Self::Folder(folder) => folder.join(below).exists(),
            Self::Bucket(written) => written.contains_key(below),
        }
    }
}

/// Whether a name says that the file is on its way, or not meant for others.
pub(super) fn is_unfinished(below: &Path) -> bool {
    /// How names end while their files are on their way.
    const UNFINISHED: [&str; 5] = ["part", "partial", "tmp", "filepart", "crdownload"];
    let is_hidden = below.iter().any(|part| part.as_encoded_bytes().starts_with(b"."));
    let is_coming = |own: &std::ffi::OsStr| UNFINISHED.iter().any(|end| own.eq_ignore_ascii_case(end));
    is_hidden || below.extension().is_some_and(is_coming)
}

/// The path with something after its end.
pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Names for a file: its own, and then with numbers.
pub(super) fn names(path: &Path) -> impl Iterator<Item = PathBuf> {
    (1..).map(move |number: u32| if number == 1 { path.to_owned() } else { with_end(path, &format!(".{number}")) })
}

/// Work with files that may take its time: a share on another machine may be away.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
