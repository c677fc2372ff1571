//! The bytes of uploads, in a folder, in a bucket, or in memory.

pub(crate) mod bucket;
mod cache;
mod writer;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::error::{Result, StorageError};
use crate::storage::{Storage, StorageSettings, make_folder};
use cache::Cache;
pub(crate) use writer::BlobWriter;

/// Bytes buffered in memory while a file is received into a folder.
const FOLDER_PART_BYTES: usize = 256 * 1024;
/// The same for other stores, whose parts must have at least 5 MiB.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// The default limit for copies of files in use on the data folder's disk, in bytes.
const CACHE_BYTES: u64 = 2 << 30;

/// The blob store.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    place: Backend,
}

/// The kind of store.
#[derive(Debug, Clone)]
enum Backend {
    Folder(PathBuf),
    /// A store on another machine, with local copies of the blobs in use.
    Bucket(Arc<Cache>),
    Memory,
}

impl Blobs {
    pub(crate) fn open(settings: &StorageSettings) -> Result<Self> {
        let lasting = !settings.short_lived;
        let Some(url) = &settings.blobs_url else {
            return Self::in_folder(&settings.data_dir.join("blobs"), lasting);
        };
        let url = Url::parse(url).map_err(|_| StorageError::BlobsUrl)?;
        match url.scheme() {
            "file" => Self::in_folder(&url.to_file_path().map_err(|()| StorageError::BlobsUrl)?, lasting),
            "s3" => {
                let store = bucket::open_bucket(&url, settings.blobs_endpoint.as_deref(), &settings.blob_options)?;
                let most_bytes = settings.blob_cache_bytes.unwrap_or(CACHE_BYTES);
                let cache = Cache::new(settings.data_dir.clone(), most_bytes);
                Ok(Self { store, place: Backend::Bucket(Arc::new(cache)) })
            }
            "memory" => Ok(Self { store: Arc::new(InMemory::new()), place: Backend::Memory }),
            _ => Err(StorageError::BlobsUrl),
        }
    }

    /// Opens a folder. In a lasting one, written bytes are flushed to the disk, so that the bytes of an accepted batch
    /// survive a power cut.
    fn in_folder(folder: &Path, lasting: bool) -> Result<Self> {
        make_folder(folder).map_err(StorageError::DataFolder)?;
        let folder = folder.canonicalize().map_err(StorageError::DataFolder)?;
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_automatic_cleanup(true).with_fsync(lasting);
        Ok(Self { store: Arc::new(store), place: Backend::Folder(folder) })
    }

    /// The folder, if the store is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &self.place {
            Backend::Folder(folder) => Some(folder),
            Backend::Bucket(_) | Backend::Memory => None,
        }
    }

    /// How many bytes are buffered before they are written.
    pub(crate) fn part_bytes(&self) -> usize {
        if self.folder().is_some() { FOLDER_PART_BYTES } else { PART_BYTES }
    }

    /// Begins a blob. It is not visible until it is complete.
    pub(crate) fn write(&self, key: &str) -> BlobWriter {
        self.write_within(key, &TaskTracker::new())
    }

    /// Like [`Blobs::write`], with the writing task tracked in `tasks`. The task may go on after the writer was
    /// dropped, so whoever removes the blob must wait for it first.
    pub(crate) fn write_within(&self, key: &str, tasks: &TaskTracker) -> BlobWriter {
        BlobWriter::new(Arc::clone(&self.store), Key::from(key), tasks)
    }

    /// Opens a blob for reading from its beginning: the file itself, or an unnamed copy if the store is not a folder.
    pub(crate) async fn read(&self, key: &str) -> Result<File> {
        match &self.place {
            Backend::Folder(folder) => {
                let path = folder.join(Key::from(key).as_ref());
                tokio::task::spawn_blocking(move || File::open(path)).await?.map_err(|error| match error.kind() {
                    std::io::ErrorKind::NotFound => StorageError::NotFound { what: "file" },
                    _ => StorageError::file(error),
                })
            }
            Backend::Bucket(cache) => cache.open(key, || self.copy(key, tempfile::tempfile_in(cache.folder()))).await,
            Backend::Memory => self.copy(key, tempfile::tempfile()).await,
        }
    }

    /// The size of a blob in bytes; `None` when there is no blob with that key.
    pub(crate) async fn size_of(&self, key: &str) -> Result<Option<u64>> {
        match self.store.head(&Key::from(key)).await {
            Ok(about) => Ok(Some(about.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Copies a blob to a file, and returns the file positioned at its beginning.
    async fn copy(&self, key: &str, to: std::io::Result<File>) -> Result<File> {
        let stored = self.store.get(&Key::from(key)).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => StorageError::NotFound { what: "file" },
            other => other.into(),
        })?;
        let mut bytes = stored.into_stream();
        let mut copy = tokio::fs::File::from_std(to.map_err(StorageError::file)?);
        while let Some(part) = bytes.try_next().await? {
            copy.write_all(&part).await.map_err(StorageError::file)?;
        }
        copy.flush().await.map_err(StorageError::file)?;
        copy.rewind().await.map_err(StorageError::file)?;
        Ok(copy.into_std().await)
    }

    /// Removes everything under a prefix that ends in `/`, or otherwise the blob with that key. Finding nothing there
    /// is not an error.
    pub(crate) async fn remove(&self, prefix: &str) -> Result<()> {
        let key = Key::from(prefix);
        let is_one = !prefix.ends_with('/');
        match &self.place {
            Backend::Folder(folder) => {
                // The folder itself is removed, together with half-written files of killed processes, which a listing
                // does not show.
                let path = folder.join(key.as_ref());
                let remove = move || if is_one { std::fs::remove_file(path) } else { std::fs::remove_dir_all(path) };
                return match tokio::task::spawn_blocking(remove).await? {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StorageError::file(error)),
                    _ => Ok(()),
                };
            }
            Backend::Bucket(cache) => cache.forget(prefix),
            Backend::Memory => {}
        }
        if is_one {
            return match self.store.delete(&key).await {
                Err(error) if !matches!(error, object_store::Error::NotFound { .. }) => Err(error.into()),
                _ => Ok(()),
            };
        }
        let keys = self.store.list(Some(&key)).map_ok(|object| object.location).boxed();
        self.store.delete_stream(keys).try_for_each(|_| async { Ok(()) }).await?;
        Ok(())
    }

    /// Releases copies that nobody has asked for recently: another node may have deleted the originals.
    pub(crate) fn drop_stale_copies(&self) {
        if let Backend::Bucket(cache) = &self.place {
            cache.drop_stale();
        }
    }

    /// Writes a few bytes the way an upload does and reads them back.
    pub(crate) async fn prove(&self, key: &str) -> Result<()> {
        const PROOF: &[u8] = b"recto";
        self.write(key).finish(PROOF.to_vec()).await?;
        let mut file = self.read(key).await?;
        let mut found = Vec::new();
        let found = tokio::task::spawn_blocking(move || file.read_to_end(&mut found).map(|_| found))
            .await?
            .map_err(StorageError::file)?;
        if found == PROOF { Ok(()) } else { Err(StorageError::NotKept { what: "file store" }) }
    }
}

impl Storage {
    /// Opens the bytes of an upload for reading from their beginning.
    ///
    /// In a folder, this is the file itself; for other stores it is a copy without a name, so that nothing is left
    /// behind. Copies of blobs in a bucket are kept for a while, because the pages of a file are read one by one.
    pub async fn open_blob(&self, key: &str) -> Result<File> {
        self.inner.blobs.read(key).await
    }
}
