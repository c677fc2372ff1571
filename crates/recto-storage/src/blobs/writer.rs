//! A blob on its way into the store, in one request when it is small and in parts when it is not.

use std::sync::Arc;

use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, UploadPart};
use tokio::task::JoinSet;

use crate::error::Result;

/// How many parts are on their way while the next one is collected.
const PARTS_ON_THEIR_WAY: usize = 2;

/// A blob that is being written. One that is dropped before it is finished leaves nothing.
#[derive(Debug)]
pub(crate) struct BlobWriter {
    store: Arc<dyn ObjectStore>,
    key: Key,
    /// From the first part on.
    upload: Option<Box<dyn MultipartUpload>>,
    on_their_way: JoinSet<object_store::Result<()>>,
}

impl BlobWriter {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, key: Key) -> Self {
        Self { store, key, upload: None, on_their_way: JoinSet::new() }
    }

    /// Takes the next bytes, all parts but the last of the same length; returns when there is room for more.
    pub(crate) async fn part(&mut self, bytes: Vec<u8>) -> Result<()> {
        while self.on_their_way.len() >= PARTS_ON_THEIR_WAY {
            self.one_arrived().await?;
        }
        let sent = self.begin_part(bytes).await?;
        self.on_their_way.spawn(sent);
        Ok(())
    }

    async fn begin_part(&mut self, bytes: Vec<u8>) -> Result<UploadPart> {
        let upload = match &mut self.upload {
            Some(begun) => begun,
            None => self.upload.insert(self.store.put_multipart(&self.key).await?),
        };
        Ok(upload.put_part(PutPayload::from(bytes)))
    }

    async fn one_arrived(&mut self) -> Result<()> {
        if let Some(arrived) = self.on_their_way.join_next().await {
            arrived??;
        }
        Ok(())
    }

    /// Takes the last bytes, which may be none; the blob is in the store now.
    pub(crate) async fn finish(mut self, rest: Vec<u8>) -> Result<()> {
        if self.upload.is_none() {
            self.store.put(&self.key, PutPayload::from(rest)).await?;
            return Ok(());
        }
        if !rest.is_empty() {
            self.part(rest).await?;
        }
        while !self.on_their_way.is_empty() {
            self.one_arrived().await?;
        }
        if let Some(upload) = &mut self.upload {
            upload.complete().await?;
        }
        self.upload = None;
        Ok(())
    }
}

impl Drop for BlobWriter {
    /// A store on another machine keeps the parts of what was begun until it is told that nothing comes of it.
    fn drop(&mut self) {
        let Some(mut upload) = self.upload.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = upload.abort().await {
                    tracing::debug!(error = &error as &dyn std::error::Error, "parts of an upload stay in the store");
                }
            });
        }
    }
}
