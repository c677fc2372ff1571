//! Sends files into a storage as batches and follows them to their end. The storage is that of a run or of a server.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::BytesMut;
use recto_domain::{BatchDetails, BatchId, Organization, Project, ReadOptions};
use recto_http::{DrawnBatch, PagePictures};
use recto_pipeline::PoolStatus;
use recto_storage::{Accepted, Change, Idempotency, NewBatch, Receiving, Storage, TemplateUse};
use tokio::io::AsyncReadExt;
use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;

use super::inputs::{STDIN, is_stdin};
use crate::failure::{advised, in_words};

/// Bytes of a file that are in memory at a time while it is copied in.
const CHUNK_BYTES: usize = 256 * 1024;

/// The batches in a storage whose pages are being read.
pub(crate) struct Batches {
    pub(super) storage: Storage,
    changes: broadcast::Receiver<Change>,
    status: watch::Receiver<PoolStatus>,
    pictures: Arc<dyn PagePictures>,
    /// The task that reads the pages, if this process runs it for these batches alone.
    work: Option<AbortHandle>,
}

/// A file that could not be taken in: its index among those given, and the reason.
pub(crate) type Refused = (usize, String);

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    /// The name of the file in the batch.
    pub(crate) name: String,
}

impl Input {
    /// A file named by its path, or stdin.
    pub(crate) fn at(path: &Path) -> Self {
        let name = if is_stdin(path) { STDIN.to_owned() } else { path.to_string_lossy().into_owned() };
        Self { path: path.to_owned(), name }
    }
}

/// What a batch is made with, besides its files.
pub(crate) struct BatchScope<'a> {
    pub(crate) organization: &'a Organization,
    pub(crate) project: &'a Project,
    pub(crate) name: String,
    pub(crate) template: Option<TemplateUse>,
    /// Identifies the batch, so that one that was sent before is recognised.
    pub(crate) idempotency: Option<Idempotency>,
}

impl Batches {
    /// For a storage, with pictures of its pages. `status` is the status of its workers.
    pub(crate) fn new(
        storage: Storage,
        status: watch::Receiver<PoolStatus>,
        pictures: Arc<dyn PagePictures>,
        work: Option<AbortHandle>,
    ) -> Self {
        let changes = storage.changes();
        Self { storage, changes, status, pictures, work }
    }

    /// Takes the files in as one batch. `None` when none of them could be taken in. If the same batch was sent before,
    /// the earlier batch is returned.
    pub(crate) async fn accept(
        &self,
        files: &[Input],
        options: &ReadOptions,
        scope: BatchScope<'_>,
    ) -> anyhow::Result<(Option<BatchId>, Vec<Refused>)> {
        let mut receiving = self.storage.batches().begin_receiving().await?;
        let (mut received, mut refused) = (Vec::new(), Vec::new());
        for (place, input) in files.iter().enumerate() {
            // Only a problem with the file itself counts as that file's failure.
            match open(&input.path).await {
                Ok(file) => match take_in(&mut receiving, input.name.clone(), file).await? {
                    Ok(file) => received.push((file, options.clone())),
                    Err(error) => refused.push((place, unreadable(&error))),
                },
                Err(error) => refused.push((place, unreadable(&error))),
            }
        }
        if received.is_empty() {
            receiving.abandon().await?;
            return Ok((None, refused));
        }
        let batch = NewBatch {
            organization: scope.organization.id,
            project: scope.project.id,
            user: scope.organization.owner_id,
            name: scope.name,
            metadata: None,
            template: scope.template,
            files: received,
        };
        let id = match self.storage.batches().accept(receiving, batch, scope.idempotency).await? {
            Accepted::New(details) => details.batch.id,
            Accepted::Repeated(answer) => {
                serde_json::from_value(answer["id"].clone()).context("the earlier batch cannot be identified")?
            }
            Accepted::Conflict => anyhow::bail!("the batch was mistaken for another one"),
        };
        Ok((Some(id), refused))
    }

    /// The current state of the batch.
    pub(crate) async fn details(&self, batch: BatchId) -> anyhow::Result<BatchDetails> {
        self.storage.batches().details(batch).await?.context(BatchIsGone)
    }

    /// The completed files of the batch, ready to be exported.
    pub(crate) async fn finished(&self, batch: BatchId) -> anyhow::Result<DrawnBatch> {
        let batch = self.storage.batches().finished(batch).await?.context(BatchIsGone)?;
        Ok(DrawnBatch::new(batch, Arc::clone(&self.pictures)))
    }

    /// The status that the workers report.
    pub(crate) fn status(&self) -> watch::Receiver<PoolStatus> {
        self.status.clone()
    }

    /// Returns when a file has advanced, but after `limit` at the latest. Fails when no worker can be started.
    pub(crate) async fn change(&mut self, limit: Duration) -> anyhow::Result<()> {
        {
            let status = self.status.borrow();
            if let Some(problem) = status.problem.as_ref().filter(|_| status.ready == 0) {
                let what = format!("no worker starts: {problem}");
                return Err(advised(what, "Run `recto doctor` to see what is missing."));
            }
        }
        let has_ended = self.work.as_ref().is_some_and(AbortHandle::is_finished);
        anyhow::ensure!(!has_ended, "page processing stopped unexpectedly");
        // After a time-out or a missed change, the caller simply looks again.
        let moved = async { while let Ok(Change::Work) = self.changes.recv().await {} };
        let _ = tokio::time::timeout(limit, moved).await;
        Ok(())
    }
}

/// The error for a batch that somebody deleted.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("its batch was deleted before the file was read")]
pub(crate) struct BatchIsGone;

/// Opens the file, or stdin.
async fn open(path: &Path) -> std::io::Result<tokio::fs::File> {
    if !is_stdin(path) {
        return tokio::fs::File::open(path).await;
    }
    let stdin = std::io::stdin().as_fd().try_clone_to_owned()?;
    Ok(tokio::fs::File::from_std(std::fs::File::from(stdin)))
}

/// Copies a file into the storage. The inner error is a problem with the file itself.
async fn take_in(
    receiving: &mut Receiving,
    name: String,
    mut file: tokio::fs::File,
) -> anyhow::Result<std::io::Result<recto_storage::ReceivedFile>> {
    let mut receiver = receiving.file(name);
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
        match file.read_buf(&mut chunk).await {
            Ok(0) => return Ok(Ok(receiver.finish().await?)),
            Ok(_) => receiver.write(chunk.freeze()).await?,
            Err(error) => return Ok(Err(error)),
        }
    }
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotFound => "it no longer exists".to_owned(),
        _ => in_words(error),
    }
}
