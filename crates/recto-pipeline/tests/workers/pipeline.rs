//! Whole batches, from the database through workers and back.

use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Trial;
use recto_domain::record::ReadOptions;
use recto_domain::{BatchDetails, BatchId, BatchStatus, RecordStatus, TemplateContent};
use recto_extract::{Extractor, Rules};
use recto_pipeline::{Pipeline, PipelineMetrics, PipelineSettings, PoolSettings, WorkerPool};
use recto_storage::{Accepted, NewBatch, Storage, StorageSettings};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::WORKER;
use crate::pool::{MEMORY_BYTES, PAGE_TIMEOUT, pool_of, trial};
use crate::sample::bitmap;
use crate::test_engine::Conduct;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("bad_pages_cost_only_themselves", bad_pages_cost_only_themselves()),
        trial("a_cancelled_batch_frees_its_worker_at_once", a_cancelled_batch_frees_its_worker_at_once()),
        trial("shutting_down_gives_work_back_without_an_attempt", shutting_down_gives_work_back_without_an_attempt()),
        trial("many_files_are_all_read", many_files_are_all_read()),
        trial("a_page_behind_many_of_another_organization_is_soon_read", a_page_behind_many_is_soon_read()),
    ]
}

/// Storage in a temporary folder with a pipeline on it.
pub(crate) struct Node {
    pub(crate) storage: Storage,
    shutdown: CancellationToken,
    pipeline: JoinHandle<()>,
    folder: TempDir,
}

impl Node {
    async fn start(folder: TempDir, pool: WorkerPool, settings: PipelineSettings) -> Self {
        Self::with_extractor(folder, pool, Arc::new(Rules), settings).await
    }

    pub(crate) async fn with_extractor(
        folder: TempDir,
        pool: WorkerPool,
        extractor: Arc<dyn Extractor>,
        settings: PipelineSettings,
    ) -> Self {
        let places = StorageSettings { data_dir: folder.path().to_owned(), ..StorageSettings::default() };
        let storage = Storage::open(&places).await.unwrap();
        let node = storage.queue().join().await.unwrap();
        let shutdown = CancellationToken::new();
        let pipeline = Pipeline::new(storage.clone(), node, pool, extractor, settings);
        let pipeline = tokio::spawn(pipeline.run(shutdown.clone()));
        Self { storage, shutdown, pipeline, folder }
    }

    /// One that reads every file, though many are the same.
    async fn with_workers(count: usize) -> Self {
        let settings = PipelineSettings { reuse: false, ..PipelineSettings::default() };
        Self::start(TempDir::new().unwrap(), pool_of(WORKER, count), settings).await
    }

    async fn send(&self, files: &[Conduct]) -> BatchId {
        let files: Vec<_> = files.iter().map(|conduct| (format!("{conduct:?}.bmp"), bitmap(*conduct))).collect();
        self.send_with(None, &files).await
    }

    /// Sends files by name and content, with a template.
    pub(crate) async fn send_with(&self, template: Option<TemplateContent>, files: &[(String, Vec<u8>)]) -> BatchId {
        let organization = self.storage.tenants().create_organization("Test").await.unwrap();
        let project = self.storage.tenants().create_project(organization.id, "Test", "").await.unwrap();
        let mut receiving = self.storage.batches().begin_receiving().await.unwrap();
        let mut received = Vec::new();
        for (name, bytes) in files {
            let mut file = receiving.file(name.clone());
            file.write(bytes.clone().into()).await.unwrap();
            received.push((file.finish().await.unwrap(), ReadOptions::default()));
        }
        let template = match template {
            Some(content) => Some(self.storage.templates().create(project.id, content, true).await.unwrap()),
            None => None,
        };
        let batch = NewBatch {
            organization: organization.id,
            project: project.id,
            user: organization.owner_id,
            name: "Test".to_owned(),
            metadata: None,
            template: template.as_ref().map(Into::into),
            files: received,
        };
        match self.storage.batches().accept(receiving, batch, None).await.unwrap() {
            Accepted::New(details) => details.batch.id,
            _ => panic!("a batch without a key is new"),
        }
    }

    pub(crate) async fn details(&self, batch: BatchId) -> BatchDetails {
        self.storage.batches().details(batch).await.unwrap().unwrap()
    }

    pub(crate) async fn until(&self, batch: BatchId, reached: impl Fn(&BatchDetails) -> bool) -> BatchDetails {
        let mut changes = self.storage.changes();
        loop {
            let details = self.details(batch).await;
            if reached(&details) {
                return details;
            }
            changes.recv().await.unwrap();
        }
    }

    pub(crate) async fn ended(&self, batch: BatchId) -> BatchDetails {
        self.until(batch, |details| details.batch.status.is_final()).await
    }

    pub(crate) async fn stop(self) -> TempDir {
        self.shutdown.cancel();
        self.pipeline.await.unwrap();
        self.folder
    }
}

async fn bad_pages_cost_only_themselves() {
    let node = Node::with_workers(2).await;
    let conducts = [
        Conduct::Answer,
        Conduct::Abort,
        Conduct::Hang,
        Conduct::Eat,
        Conduct::Refuse,
        Conduct::LackLanguage,
        Conduct::Answer,
    ];
    let batch = node.send(&conducts).await;
    let details = node.ended(batch).await;
    assert_eq!(details.batch.status, BatchStatus::PartiallyFailed);
    let errors: Vec<Option<&str>> = details.files.iter().map(|file| file.error.as_deref()).collect();
    let says = |i: usize, text: &str| errors[i].is_some_and(|error| error.contains(text));
    assert!(errors[0].is_none() && errors[6].is_none(), "{errors:?}");
    assert!(says(1, "the worker crashed (abort); gave up after 3 attempts"), "{errors:?}");
    assert!(says(2, "the page took longer than 5 s; gave up after 3 attempts"), "{errors:?}");
    assert!(says(3, "the worker ran out of memory (limit 512 MiB); gave up after 3 attempts"), "{errors:?}");
    assert!(says(4, "it is ugly"), "{errors:?}");
    assert!(says(5, "language \"tlh\" is not installed"), "{errors:?}");
    node.stop().await;
}

async fn a_cancelled_batch_frees_its_worker_at_once() {
    let pool = patient_pool();
    let node = Node::start(TempDir::new().unwrap(), pool, PipelineSettings::default()).await;
    let hanging = node.send(&[Conduct::Hang]).await;
    node.until(hanging, |details| details.files[0].pages == Some(1)).await;
    let behind = node.send(&[Conduct::Answer]).await;
    node.storage.batches().cancel(hanging).await.unwrap();
    // The one worker would be busy for 50 minutes.
    assert_eq!(node.ended(behind).await.batch.status, BatchStatus::Completed);
    assert_eq!(node.details(hanging).await.files[0].status, RecordStatus::Failed);
    node.stop().await;
}

async fn shutting_down_gives_work_back_without_an_attempt() {
    let impatient = PipelineSettings { drain: Duration::from_millis(100), ..PipelineSettings::default() };
    let node = Node::start(TempDir::new().unwrap(), patient_pool(), impatient).await;
    let batch = node.send(&[Conduct::Hang, Conduct::Answer]).await;
    node.until(batch, |details| details.files[0].pages == Some(1)).await;
    let folder = node.stop().await;

    let places = StorageSettings { data_dir: folder.path().to_owned(), ..StorageSettings::default() };
    let storage = Storage::open(&places).await.unwrap();
    let next = storage.queue().join().await.unwrap();
    let mut items = Vec::new();
    while let Some(item) = storage.queue().claim(&next, Duration::from_mins(1)).await.unwrap() {
        items.push(item);
    }
    assert!(!items.is_empty() && items.iter().all(|item| item.attempts == 0), "{items:?}");
}

async fn many_files_are_all_read() {
    let node = Node::with_workers(2).await;
    let batch = node.send(&[Conduct::Answer; 40]).await;
    let details = node.ended(batch).await;
    assert_eq!((details.batch.status, details.completed_pages), (BatchStatus::Completed, 40));
    node.stop().await;
}

async fn a_page_behind_many_is_soon_read() {
    let node = Node::with_workers(2).await;
    // Each batch is of an organization of its own.
    let many = node.send(&[Conduct::Answer; 300]).await;
    node.until(many, |details| details.completed_pages > 0).await;
    let behind = node.send(&[Conduct::Answer]).await;
    let before = node.details(many).await.completed_pages;
    assert_eq!(node.ended(behind).await.batch.status, BatchStatus::Completed);
    let meanwhile = node.details(many).await.completed_pages - before;
    assert!(meanwhile <= 30, "{meanwhile} pages of the other organization came first");
    node.storage.batches().cancel(many).await.unwrap();
    node.stop().await;
}

/// One worker whose pages have all the time in the world.
fn patient_pool() -> WorkerPool {
    WorkerPool::start(PoolSettings {
        command: std::env::current_exe().unwrap(),
        args: vec![WORKER.into()],
        count: 1,
        memory_bytes: MEMORY_BYTES,
        page_timeout: PAGE_TIMEOUT * 1000,
        remote: Vec::new(),
        metrics: PipelineMetrics::default(),
    })
}
