//! Receiving the files of a batch: bytes first, rows later.

use bytes::Bytes;
use recto_domain::{BatchId, FileKind, Upload, UploadId};
use sha2::{Digest, Sha256};
use tokio_util::task::TaskTracker;

use crate::blobs::BlobWriter;
use crate::erasure::pending_deletes::prefix_of;
use crate::error::Result;
use crate::handles::Batches;
use crate::storage::Storage;

impl Batches<'_> {
    /// Begins to receive the files of a new batch. Nothing of it is visible until [`Batches::accept`] takes it; if it
    /// ends in any other way, the stored bytes are removed. [`StorageError::NoRoom`](crate::StorageError::NoRoom) when
    /// the disk is full, now or while files arrive.
    pub async fn begin_receiving(self) -> Result<Receiving> {
        self.storage.check_room(0)?;
        let batch = BatchId::generate();
        self.storage.journal_receiving(batch).await?;
        Ok(Receiving { storage: self.storage.clone(), batch, writing: TaskTracker::new(), is_open: true })
    }
}

/// A batch whose files are still arriving. Dropping it abandons it.
#[derive(Debug)]
pub struct Receiving {
    storage: Storage,
    batch: BatchId,
    /// The tasks that write its files.
    writing: TaskTracker,
    is_open: bool,
}

impl Receiving {
    /// The id that the batch will have.
    #[must_use]
    pub fn batch_id(&self) -> BatchId {
        self.batch
    }

    /// Begins to receive one file. The name is stored unchanged and never used as a path.
    pub fn file(&mut self, file_name: String) -> FileReceiver {
        let id = UploadId::generate();
        let blob_key = format!("{}{id}", prefix_of(self.batch));
        let blobs = &self.storage.inner.blobs;
        let upload = Upload {
            id,
            file_name,
            size_bytes: 0,
            sha256: String::new(),
            mime_type: String::new(),
            blob_key: blob_key.clone(),
        };
        FileReceiver {
            storage: self.storage.clone(),
            upload,
            writing: blobs.write_within(&blob_key, &self.writing),
            part: Vec::new(),
            part_bytes: blobs.part_bytes(),
            head: Vec::with_capacity(FileKind::SNIFF_LEN),
            hash: Sha256::new(),
        }
    }

    /// Abandons the batch and removes its stored bytes.
    pub async fn abandon(mut self) -> Result<()> {
        self.is_open = false;
        self.storage.abandon_receiving(self.batch, &self.writing).await
    }

    /// Marks the batch as stored in the database.
    pub(crate) fn accepted(mut self) {
        self.is_open = false;
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        // Without a runtime, the journal keeps the blobs until the next start or sweep.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (storage, batch, writing) = (self.storage.clone(), self.batch, self.writing.clone());
            runtime.spawn(async move {
                if let Err(error) = storage.abandon_receiving(batch, &writing).await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "an abandoned upload could not be deleted; retrying later");
                }
            });
        }
    }
}

/// A file that is still arriving. Memory use is bounded regardless of the file's size.
#[derive(Debug)]
pub struct FileReceiver {
    storage: Storage,
    upload: Upload,
    writing: BlobWriter,
    part: Vec<u8>,
    part_bytes: usize,
    head: Vec<u8>,
    hash: Sha256,
}

impl FileReceiver {
    /// Takes the next bytes; returns when the caller may discard them.
    pub async fn write(&mut self, mut chunk: Bytes) -> Result<()> {
        self.upload.size_bytes += chunk.len() as u64;
        self.hash.update(&chunk);
        let wanted = FileKind::SNIFF_LEN - self.head.len();
        self.head.extend_from_slice(&chunk[..chunk.len().min(wanted)]);
        while !chunk.is_empty() {
            let room = self.part_bytes - self.part.len();
            self.part.extend_from_slice(&chunk.split_to(chunk.len().min(room)));
            if self.part.len() == self.part_bytes {
                self.write_part().await?;
            }
        }
        Ok(())
    }

    async fn write_part(&mut self) -> Result<()> {
        self.storage.check_room(self.part.len() as u64)?;
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(self.part_bytes));
        self.writing.part(part).await
    }

    /// Number of bytes taken so far.
    #[must_use]
    pub fn bytes_written(&self) -> u64 {
        self.upload.size_bytes
    }

    /// Completes the file: its bytes are now in the blob store.
    pub async fn finish(mut self) -> Result<ReceivedFile> {
        self.storage.check_room(self.part.len() as u64)?;
        self.writing.finish(self.part).await?;
        self.upload.sha256 = hex::encode(self.hash.finalize());
        let mime_type = FileKind::sniff(&self.head).map_or("application/octet-stream", FileKind::mime_type);
        mime_type.clone_into(&mut self.upload.mime_type);
        Ok(ReceivedFile { upload: self.upload })
    }
}

/// A file whose bytes are stored, and that can be accepted with its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedFile {
    /// What its bytes show.
    pub upload: Upload,
}
