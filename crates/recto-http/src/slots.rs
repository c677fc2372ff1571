//! How much heavy work runs at once, so that the memory used has a bound whoever sends what.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Uploads that are received at once; each buffers about half a megabyte on its way to the blob store.
const UPLOADS: usize = 128;
/// Exports that are written at once; each has a thread and an exporter's working memory.
const EXPORTS: usize = 16;

/// Templates that are taught at once; each has up to ten documents in memory and a thread.
const LESSONS: usize = 2;

/// Places for uploads, exports and lessons. Who finds none free waits; the body of a waiting upload stays unread.
#[derive(Clone)]
pub(crate) struct Slots {
    uploads: Arc<Semaphore>,
    exports: Arc<Semaphore>,
    lessons: Arc<Semaphore>,
}

impl Slots {
    pub(crate) fn new() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self { uploads: places(UPLOADS), exports: places(EXPORTS), lessons: places(LESSONS) }
    }

    /// A place for an upload, until the permit is dropped.
    pub(crate) async fn upload(&self) -> OwnedSemaphorePermit {
        place(&self.uploads).await
    }

    /// A place for an export, until the permit is dropped.
    pub(crate) async fn export(&self) -> OwnedSemaphorePermit {
        place(&self.exports).await
    }

    /// A place for the teaching of a template, until the permit is dropped.
    pub(crate) async fn lesson(&self) -> OwnedSemaphorePermit {
        place(&self.lessons).await
    }
}

async fn place(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(semaphore).acquire_owned().await.expect("nobody closes these semaphores")
}
