//! The bytes of uploads, in a folder or another object store.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use url::Url;

use crate::error::{Result, StorageError};
use crate::storage::{Storage, StorageSettings, make_folder};

/// Bytes kept in memory while a file is received into a folder.
const FOLDER_PART_BYTES: usize = 256 * 1024;
/// The same for other stores, which take no smaller parts than 5 MiB.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// The blob store.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The folder, when the store is one.
    folder: Option<PathBuf>,
}

impl Blobs {
    pub(crate) fn open(settings: &StorageSettings) -> Result<Self> {
        let lasting = !settings.short_lived;
        match &settings.blobs_url {
            None => Self::in_folder(&settings.data_dir.join("blobs"), lasting),
            Some(url) => {
                let url = Url::parse(url).map_err(|_| StorageError::BlobsUrl)?;
                match url.scheme() {
                    "file" => Self::in_folder(&url.to_file_path().map_err(|()| StorageError::BlobsUrl)?, lasting),
                    "memory" => Ok(Self { store: Arc::new(InMemory::new()), folder: None }),
                    _ => Err(StorageError::BlobsUrl),
                }
            }
        }
    }

    /// What is written to a lasting one is on the disk: a batch that was accepted has its bytes there, also after a
    /// power cut.
    fn in_folder(folder: &Path, lasting: bool) -> Result<Self> {
        make_folder(folder).map_err(StorageError::DataFolder)?;
        let folder = folder.canonicalize().map_err(StorageError::DataFolder)?;
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_automatic_cleanup(true).with_fsync(lasting);
        Ok(Self { store: Arc::new(store), folder: Some(folder) })
    }

    /// The folder, when the store is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// How many bytes are collected before they are written.
    pub(crate) fn part_bytes(&self) -> usize {
        if self.folder.is_some() { FOLDER_PART_BYTES } else { PART_BYTES }
    }

    pub(crate) async fn write(&self, key: &str) -> Result<Box<dyn MultipartUpload>> {
        Ok(self.store.put_multipart(&Key::from(key)).await?)
    }

    /// Opens the bytes for reading: the file itself, or a nameless copy of what another store holds.
    pub(crate) async fn read(&self, key: &str) -> Result<File> {
        if let Some(folder) = &self.folder {
            let path = folder.join(Key::from(key).as_ref());
            return tokio::task::spawn_blocking(move || File::open(path)).await?.map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => StorageError::NotFound { what: "file" },
                _ => StorageError::file(error),
            });
        }
        let stored = self.store.get(&Key::from(key)).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => StorageError::NotFound { what: "file" },
            other => other.into(),
        })?;
        let mut bytes = stored.into_stream();
        let mut copy = tempfile::tempfile().map_err(StorageError::file)?;
        while let Some(part) = bytes.try_next().await? {
            copy = tokio::task::spawn_blocking(move || copy.write_all(&part).map(|()| copy))
                .await?
                .map_err(StorageError::file)?;
        }
        copy.seek(SeekFrom::Start(0)).map_err(StorageError::file)?;
        Ok(copy)
    }

    /// Removes everything under a prefix that ends in `/`, or else the one blob of that key; that nothing is there is
    /// no error.
    pub(crate) async fn remove(&self, prefix: &str) -> Result<()> {
        let key = Key::from(prefix);
        let is_one = !prefix.ends_with('/');
        if let Some(folder) = &self.folder {
            // The folder itself goes, and with it what a killed process left half-written, which a listing hides.
            let path = folder.join(key.as_ref());
            let remove = move || if is_one { std::fs::remove_file(path) } else { std::fs::remove_dir_all(path) };
            return match tokio::task::spawn_blocking(remove).await? {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StorageError::file(error)),
                _ => Ok(()),
            };
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

    /// Writes a few bytes as an upload does and reads them back.
    pub(crate) async fn prove(&self, key: &str) -> Result<()> {
        const PROOF: &[u8] = b"recto";
        let mut writer = self.write(key).await?;
        writer.put_part(PutPayload::from_static(PROOF)).await?;
        writer.complete().await?;
        let mut file = self.read(key).await?;
        let mut found = Vec::new();
        let found = tokio::task::spawn_blocking(move || file.read_to_end(&mut found).map(|_| found))
            .await?
            .map_err(StorageError::file)?;
        if found == PROOF { Ok(()) } else { Err(StorageError::NotKept { what: "file store" }) }
    }
}

impl Storage {
    /// The bytes of an upload, open for reading from their beginning.
    ///
    /// In a folder this is the file itself; what another store holds is copied to a temporary file that has no name,
    /// so that nothing is left behind.
    pub async fn open_blob(&self, key: &str) -> Result<File> {
        self.inner.blobs.read(key).await
    }
}
