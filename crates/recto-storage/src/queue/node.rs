//! A process that works on the queue.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;

use recto_domain::WorkLimits;

use crate::error::{Result, StorageError};
use crate::handles::Queue;
use crate::storage::{Storage, random_name};

/// A process that works on the queue. While it lives, no other process can work on the same data folder.
#[derive(Debug, Clone)]
pub struct Node {
    id: String,
    limits: WorkLimits,
    /// Unlocked when the last clone is dropped or the process dies.
    _folder: Option<Arc<File>>,
}

impl Node {
    /// The same node with other limits; the default is [`WorkLimits::default`].
    #[must_use]
    pub fn within(self, limits: WorkLimits) -> Self {
        Self { limits, ..self }
    }

    /// A random name, which its leases carry.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The limits on the cost of reading.
    #[must_use]
    pub fn limits(&self) -> &WorkLimits {
        &self.limits
    }
}

impl Queue<'_> {
    /// Makes this process a node that works on the queue.
    ///
    /// On SQLite it is the only node: it locks the data folder ([`StorageError::FolderInUse`] when another process
    /// holds the lock), frees the leases of an earlier process, and removes the blobs of uploads that died with it.
    pub async fn join(self) -> Result<Node> {
        let mut folder = None;
        if self.storage.inner.database.is_sqlite() {
            folder = Some(Arc::new(self.storage.lock_folder()?));
            self.storage.give_back_all_leases().await?;
            self.storage.give_back_all_deliveries().await?;
            self.storage.delete_uploads_of_dead_processes().await?;
            if let Err(error) = self.storage.erase_at_start().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "deleted data is not erased; retrying later");
            }
        }
        self.storage.sweep_blobs().await?;
        self.storage.index_in_background();
        Ok(Node { id: random_name(), limits: WorkLimits::default(), _folder: folder })
    }
}

impl Storage {
    fn lock_folder(&self) -> Result<File> {
        let path = self.inner.data_dir.join("recto.lock");
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
        let file = file.map_err(StorageError::DataFolder)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(StorageError::FolderInUse),
            Err(std::fs::TryLockError::Error(error)) => Err(StorageError::DataFolder(error)),
        }
    }
}
