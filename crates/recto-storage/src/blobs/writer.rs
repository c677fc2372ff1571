//! Writing a blob to the store: in one request when it is small, in parts when it is large.

use std::sync::Arc;

use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::task::TaskTracker;

use crate::error::Result;

/// How many parts may be in flight while the next one is collected.
const PARTS_ON_THEIR_WAY: usize = 2;

/// A blob that is being written. If it is dropped before it is finished, nothing remains of it.
///
/// A separate task does the writing and always runs to its end. If a call to the store were abandoned, the store might
/// still carry it out after the clean-up. Once the task has ended, nothing more happens to the blob.
#[derive(Debug)]
pub(crate) struct BlobWriter {
    parts: mpsc::Sender<Part>,
    written: JoinHandle<Result<()>>,
}

#[derive(Debug)]
enum Part {
    Next(Vec<u8>),
    Last(Vec<u8>),
}

impl BlobWriter {
    /// `tasks` tracks the writing task.
    pub(crate) fn new(store: Arc<dyn ObjectStore>, key: Key, tasks: &TaskTracker) -> Self {
        let (parts, arriving) = mpsc::channel(1);
        Self { parts, written: tasks.spawn(write(store, key, arriving)) }
    }

    /// Takes the next part; returns when there is room for more. All parts except the last must have the same length.
    pub(crate) async fn part(&mut self, bytes: Vec<u8>) -> Result<()> {
        if self.parts.send(Part::Next(bytes)).await.is_ok() {
            return Ok(());
        }
        // If the task ends before the last part, the store has refused something.
        (&mut self.written).await?
    }

    /// Takes the last bytes, possibly none; afterwards the blob is in the store.
    pub(crate) async fn finish(self, rest: Vec<u8>) -> Result<()> {
        // If the task does not take them, it has ended and its result says why.
        let _ = self.parts.send(Part::Last(rest)).await;
        self.written.await?
    }
}

/// Writes the parts as they arrive.
async fn write(store: Arc<dyn ObjectStore>, key: Key, mut arriving: mpsc::Receiver<Part>) -> Result<()> {
    match arriving.recv().await {
        None => Ok(()),
        Some(Part::Last(all)) => {
            store.put(&key, PutPayload::from(all)).await?;
            Ok(())
        }
        Some(Part::Next(first)) => write_in_parts(store.as_ref(), &key, first, arriving).await,
    }
}

/// A remote store keeps the parts of an unfinished upload until the upload is explicitly aborted.
async fn write_in_parts(
    store: &dyn ObjectStore,
    key: &Key,
    first: Vec<u8>,
    arriving: mpsc::Receiver<Part>,
) -> Result<()> {
    let mut upload = store.put_multipart(key).await?;
    let mut on_their_way = JoinSet::new();
    let mut written = send_parts(upload.as_mut(), &mut on_their_way, first, arriving).await;
    if matches!(written, Ok(true)) {
        written = upload.complete().await.map(|_| true).map_err(Into::into);
    }
    if !matches!(written, Ok(true)) {
        while on_their_way.join_next().await.is_some() {}
        if let Err(error) = upload.abort().await {
            tracing::debug!(error = &error as &dyn std::error::Error, "parts of an upload remain in the store");
        }
    }
    written.map(|_| ())
}

/// Sends parts to the store; returns whether the last one was among them.
async fn send_parts(
    upload: &mut dyn MultipartUpload,
    on_their_way: &mut JoinSet<object_store::Result<()>>,
    first: Vec<u8>,
    mut arriving: mpsc::Receiver<Part>,
) -> Result<bool> {
    on_their_way.spawn(upload.put_part(PutPayload::from(first)));
    let is_whole = loop {
        let (bytes, is_last) = match arriving.recv().await {
            None => break false,
            Some(Part::Next(bytes)) => (bytes, false),
            Some(Part::Last(bytes)) => (bytes, true),
        };
        if !bytes.is_empty() {
            on_their_way.spawn(upload.put_part(PutPayload::from(bytes)));
        }
        if is_last {
            break true;
        }
        while on_their_way.len() >= PARTS_ON_THEIR_WAY
            && let Some(arrived) = on_their_way.join_next().await
        {
            arrived??;
        }
    };
    while let Some(arrived) = on_their_way.join_next().await {
        arrived??;
    }
    Ok(is_whole)
}
