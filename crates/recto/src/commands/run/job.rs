//! A batch without a server: a storage in a temporary folder, the same pipeline, and an end that leaves nothing.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::BytesMut;
use recto_domain::{BatchDetails, BatchId, ReadOptions, TemplateContent};
use recto_http::{DrawnBatch, PagePictures};
use recto_pipeline::{Pipeline, PipelineMetrics, PipelineSettings, PoolStatus, WorkerPool};
use recto_storage::{Accepted, Change, NewBatch, Receiving, SealingKeys, Storage, StorageSettings};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::inputs::{STDIN, is_stdin};
use crate::failure::{advised, in_words};
use crate::page_pictures::WorkerPictures;
use crate::settings::Settings;
use crate::{extractor, worker_pool};

/// Bytes of a file that are in memory at a time while it is taken in.
const CHUNK_BYTES: usize = 256 * 1024;
/// The name of everything that must have one.
const NAME: &str = "recto run";

/// A batch in the making, and the workers at it.
pub(crate) struct Job {
    folder: TempDir,
    storage: Storage,
    work: JoinHandle<()>,
    end: CancellationToken,
    status: watch::Receiver<PoolStatus>,
    changes: broadcast::Receiver<Change>,
    pictures: Arc<dyn PagePictures>,
}

/// A file that could not be taken in: its place among those given, and why.
pub(crate) type Refused = (usize, String);

impl Job {
    /// Starts the workers and makes the folder.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("recto-run-").tempdir().map_err(|e| {
            let what = format!("no temporary folder can be made in {}: {e}", std::env::temp_dir().display());
            advised(what, "Make room there, or name another folder in TMPDIR.")
        })?;
        // They start while the database is made.
        let pool: WorkerPool = worker_pool::start(settings, PipelineMetrics::default())?;
        let status = pool.status();
        let pictures = Arc::new(WorkerPictures(pool.clone()));
        let kept = StorageSettings {
            data_dir: folder.path().to_owned(),
            short_lived: true,
            sealing: Some(SealingKeys::of_this_process()),
            ..StorageSettings::default()
        };
        let storage = Storage::open(&kept).await?;
        let node = storage.become_worker_node().await?.within(settings.work_limits);
        let extractor = extractor::of(settings)?;
        // Who stops a run does not want its pages any more.
        let at_once = PipelineSettings { drain: Duration::ZERO, ..extractor::pipeline_settings(settings) };
        let end = CancellationToken::new();
        let work = tokio::spawn(Pipeline::new(storage.clone(), node, pool, extractor, at_once).run(end.clone()));
        let changes = storage.changes();
        Ok(Self { folder, storage, work, end, status, changes, pictures })
    }

    /// Takes the files in as one batch, to be searched for the fields of the template if there is one. `None` when not
    /// one of them could be. Each is called by its path, from `folder` on if it lies in there.
    pub(crate) async fn accept(
        &self,
        files: &[PathBuf],
        folder: Option<&Path>,
        options: &ReadOptions,
        template: Option<TemplateContent>,
    ) -> anyhow::Result<(Option<BatchId>, Vec<Refused>)> {
        let organization = self.storage.create_organization(NAME).await?;
        let project = self.storage.create_project(organization.id, NAME, "").await?;
        let mut receiving = self.storage.begin_receiving().await?;
        let (mut received, mut refused) = (Vec::new(), Vec::new());
        for (place, path) in files.iter().enumerate() {
            // Only what is wrong with the file itself is its own failure.
            match open(path).await {
                Ok(file) => match take_in(&mut receiving, name_of(path, folder), file).await? {
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
        let template = match template {
            Some(content) => Some(self.storage.create_template(project.id, content, true).await?),
            None => None,
        };
        let batch = NewBatch {
            organization: organization.id,
            project: project.id,
            user: organization.owner_id,
            name: NAME.to_owned(),
            metadata: None,
            template: template.as_ref().map(Into::into),
            files: received,
        };
        match self.storage.accept_batch(receiving, batch, None).await? {
            Accepted::New(details) => Ok((Some(details.batch.id), refused)),
            Accepted::Repeated(_) | Accepted::Conflict => anyhow::bail!("the batch was taken for another one"),
        }
    }

    /// Where the batch stands.
    pub(crate) async fn details(&self, batch: BatchId) -> anyhow::Result<BatchDetails> {
        self.storage.batch_details(batch).await?.context("the batch is gone from the temporary folder")
    }

    /// The completed files, to be read.
    pub(crate) async fn finished(&self, batch: BatchId) -> anyhow::Result<DrawnBatch> {
        let batch = self.storage.finished_batch(batch).await?.context("the batch is gone from the temporary folder")?;
        Ok(DrawnBatch::new(batch, Arc::clone(&self.pictures)))
    }

    /// Forgets a batch that is done with.
    pub(crate) async fn forget(&self, batch: BatchId) -> anyhow::Result<()> {
        self.storage.delete_batch(batch).await?;
        Ok(())
    }

    /// What the workers say of themselves.
    pub(crate) fn status(&self) -> watch::Receiver<PoolStatus> {
        self.status.clone()
    }

    /// Returns when a file has moved on, at the latest after `limit`. Fails when no worker can be started.
    pub(crate) async fn change(&mut self, limit: Duration) -> anyhow::Result<()> {
        {
            let status = self.status.borrow();
            if let Some(problem) = status.problem.as_ref().filter(|_| status.ready == 0) {
                let what = format!("no worker can be started: {problem}");
                return Err(advised(what, "`recto doctor` checks what is missing."));
            }
        }
        anyhow::ensure!(!self.work.is_finished(), "the work on pages broke off");
        // A time-out and a missed change both only mean that it is time to look.
        let moved = async { while let Ok(Change::Work) = self.changes.recv().await {} };
        let _ = tokio::time::timeout(limit, moved).await;
        Ok(())
    }

    /// Ends the workers and removes the folder.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.end.cancel();
        self.work.await.context("the work on pages broke off")?;
        self.storage.close().await;
        let path = self.folder.path().to_owned();
        self.folder.close().with_context(|| format!("{} could not be removed", path.display()))
    }
}

/// The file, or stdin.
async fn open(path: &Path) -> std::io::Result<tokio::fs::File> {
    if !is_stdin(path) {
        return tokio::fs::File::open(path).await;
    }
    let stdin = std::io::stdin().as_fd().try_clone_to_owned()?;
    Ok(tokio::fs::File::from_std(std::fs::File::from(stdin)))
}

fn name_of(path: &Path, folder: Option<&Path>) -> String {
    if is_stdin(path) {
        return STDIN.to_owned();
    }
    let shown = folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
    shown.to_string_lossy().into_owned()
}

/// Copies a file into the storage. The inner error is the file's.
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
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        std::io::ErrorKind::NotFound => "it is gone".to_owned(),
        _ => in_words(error),
    }
}
