//! Batches without a server: a storage in a temporary folder, with the same pipeline. Nothing is left of it at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use recto_domain::{BatchId, ReadOptions, TemplateContent};
use recto_pipeline::{Pipeline, PipelineMetrics, PipelineSettings, WorkerPool};
use recto_storage::{SealingKeys, Storage, StorageSettings};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::batches::{BatchScope, Batches, Input, Refused};
use crate::failure::advised;
use crate::page_pictures::WorkerPictures;
use crate::settings::Settings;
use crate::{extractor, worker_pool};

/// The name of the organization, the project and everything else that must have one.
const NAME: &str = "recto run";

/// The batches of a run and the workers that read them.
pub(crate) struct Job {
    folder: TempDir,
    pub(crate) batches: Batches,
    work: JoinHandle<()>,
    end: CancellationToken,
}

impl Job {
    /// Starts the workers and makes the temporary folder.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("recto-run-").tempdir().map_err(|e| {
            let what = format!("cannot create a temporary folder in {}: {e}", std::env::temp_dir().display());
            advised(what, "Free some space there, or set TMPDIR to another folder.")
        })?;
        // The workers start while the database is made.
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
        let node = storage.queue().join().await?.within(settings.work_limits);
        let extractor = extractor::build(settings)?;
        // A person who stops a run no longer wants its pages.
        let at_once = PipelineSettings { drain: Duration::ZERO, ..extractor::pipeline_settings(settings) };
        let end = CancellationToken::new();
        let work = tokio::spawn(Pipeline::new(storage.clone(), node, pool, extractor, at_once).run(end.clone()));
        let batches = Batches::new(storage, status, pictures, Some(work.abort_handle()));
        Ok(Self { folder, batches, work, end })
    }

    /// Takes the files in as one batch. If there is a template, its fields are looked for. `None` when none of the
    /// files could be taken in.
    pub(crate) async fn accept(
        &self,
        files: &[Input],
        options: &ReadOptions,
        template: Option<TemplateContent>,
    ) -> anyhow::Result<(Option<BatchId>, Vec<Refused>)> {
        let storage = &self.batches.storage;
        let organization = storage.tenants().create_organization(NAME).await?;
        let project = storage.tenants().create_project(organization.id, NAME, "").await?;
        let template = match template {
            Some(content) => Some(storage.templates().create(project.id, content, true).await?),
            None => None,
        };
        let scope = BatchScope {
            organization: &organization,
            project: &project,
            name: NAME.to_owned(),
            template: template.as_ref().map(Into::into),
            idempotency: None,
        };
        self.batches.accept(files, options, scope).await
    }

    /// Deletes a batch that is no longer needed.
    pub(crate) async fn forget(&self, batch: BatchId) -> anyhow::Result<()> {
        self.batches.storage.batches().delete(batch).await?;
        Ok(())
    }

    /// The temporary folder, which is removed with the job.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops the workers and removes the folder.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.end.cancel();
        self.work.await.context("page processing stopped unexpectedly")?;
        self.batches.storage.close().await;
        let path: PathBuf = self.folder.path().to_owned();
        self.folder.close().with_context(|| format!("{} could not be removed", path.display()))
    }
}
