//! A watched location in a bucket: the objects under a prefix.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use futures::{StreamExt as _, TryStreamExt as _};
use object_store::buffered::BufWriter;
use object_store::path::Path as Key;
use object_store::{Error, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt as _};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use url::Url;

use super::folder::give_to_user;
use super::location::{Found, is_unfinished, names};
use crate::failure::advised;

/// How the URL of a bucket begins.
const SCHEME: &str = "s3://";

/// The objects under a prefix of a bucket.
#[derive(Clone)]
pub(super) struct Bucket {
    /// `s3://BUCKET/PREFIX/`.
    url: String,
    store: Arc<dyn ObjectStore>,
}

impl Bucket {
    /// The bucket that a path names; `None` when it names none.
    pub(super) fn named(path: &Path, endpoint: Option<&str>) -> anyhow::Result<Option<Self>> {
        let Some(text) = path.to_str().filter(|text| text.starts_with(SCHEME)) else { return Ok(None) };
        let wrong = |why: String| advised(format!("{text}: {why}"), "Give a bucket as in s3://bucket/prefix.");
        let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
        let store = recto_storage::open_bucket(&url, endpoint, &[]).map_err(|error| wrong(error.to_string()))?;
        let url = format!("{}/", text.trim_end_matches('/'));
        Ok(Some(Self { url, store }))
    }

    pub(super) fn lies_in(&self, other: &Self) -> bool {
        self.url.starts_with(&other.url)
    }

    /// The path of this location relative to `other`; `None` when it is not inside it.
    pub(super) fn below(&self, other: &Self) -> Option<PathBuf> {
        self.url.strip_prefix(&other.url).map(PathBuf::from)
    }

    pub(super) async fn files(&self, elsewhere: &[PathBuf]) -> io::Result<Vec<Found>> {
        let found = self.objects().await?.into_iter().map(found);
        let is_wanted =
            |file: &Found| !is_unfinished(&file.below) && !elsewhere.iter().any(|other| file.below.starts_with(other));
        // Tools that show buckets as folders create empty objects for the folders.
        let is_folder = |file: &Found| file.size == 0 && file.below.extension().is_none();
        Ok(found.filter(|file| is_wanted(file) && !is_folder(file)).collect())
    }

    pub(super) async fn written(&self) -> io::Result<HashMap<PathBuf, SystemTime>> {
        Ok(self.objects().await?.into_iter().map(found).map(|file| (file.below, file.changed)).collect())
    }

    async fn objects(&self) -> io::Result<Vec<ObjectMeta>> {
        self.store.list(None).try_collect().await.map_err(in_io)
    }

    /// Copies the bytes that were found to a file. Fails with [`io::ErrorKind::NotFound`] when the object is gone.
    pub(super) async fn fetch(&self, file: &Found, to: &Path) -> io::Result<()> {
        let options = GetOptions { if_match: file.tag.clone(), ..GetOptions::default() };
        let stored = self.store.get_opts(&key(&file.below)?, options).await.map_err(in_io)?;
        let mut bytes = stored.into_stream();
        let mut copy = File::create(to).await?;
        while let Some(part) = bytes.next().await {
            copy.write_all(&part.map_err(in_io)?).await?;
        }
        copy.sync_all().await?;
        give_to_user(to)
    }

    /// Uploads a file as an object.
    pub(super) async fn put(&self, below: &Path, file: &Path) -> io::Result<()> {
        let mut file = File::open(file).await?;
        let mut writer = BufWriter::new(Arc::clone(&self.store), key(below)?);
        let written = match tokio::io::copy(&mut file, &mut writer).await {
            Ok(_) => writer.shutdown().await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            // The first error is reported. Parts that are left behind stay until the bucket's lifecycle rule removes
            // them.
            let _ = writer.abort().await;
        }
        written
    }

    /// Uploads the file under a name that no object has.
    pub(super) async fn put_beside(&self, below: &Path, file: &Path) -> io::Result<()> {
        for name in names(below) {
            match self.store.head(&key(&name)?).await {
                Ok(_) => {}
                Err(Error::NotFound { .. }) => return self.put(&name, file).await,
                Err(error) => return Err(in_io(error)),
            }
        }
        Err(io::Error::other("every name tried is already taken"))
    }

    pub(super) async fn put_text(&self, below: &Path, text: String) -> io::Result<()> {
        self.store.put(&key(below)?, text.into()).await.map(|_| ()).map_err(in_io)
    }

    pub(super) async fn is_replaced(&self, file: &Found) -> io::Result<bool> {
        match self.store.head(&key(&file.below)?).await {
            // Here the modification time has whole seconds, but a listing is more exact, so it cannot be compared.
            Ok(about) => Ok(about.size != file.size || is_other(about.e_tag.as_deref(), file.tag.as_deref())),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(in_io(error)),
        }
    }

    /// Removes the object that was found, if it has not changed since.
    pub(super) async fn remove(&self, file: &Found) -> io::Result<()> {
        if self.is_replaced(file).await? {
            return Ok(());
        }
        self.store.delete(&key(&file.below)?).await.map_err(in_io)
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.trim_end_matches('/'))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.url)
    }
}

/// Whether two tags belong to different bytes. Some servers give no tags in listings.
fn is_other(now: Option<&str>, then: Option<&str>) -> bool {
    matches!((now, then), (Some(now), Some(then)) if now != then)
}

fn found(about: ObjectMeta) -> Found {
    Found {
        below: PathBuf::from(about.location.as_ref()),
        changed: about.last_modified.into(),
        size: about.size,
        tag: about.e_tag,
    }
}

/// The object key of a path. File names in folders may hold any bytes, but keys must be text.
fn key(below: &Path) -> io::Result<Key> {
    Key::parse(below.to_string_lossy()).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

fn in_io(error: Error) -> io::Error {
    let kind = match &error {
        Error::NotFound { .. } | Error::Precondition { .. } => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
