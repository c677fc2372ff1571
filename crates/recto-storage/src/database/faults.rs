//! Tests in which SQLite fails at each step of a transaction: an operation reported as successful afterwards must be
//! committed.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use futures::future::poll_immediate;
use recto_domain::record::ReadOptions;
use sea_orm::sqlx::sqlite::LockedSqliteHandle;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tempfile::TempDir;

use crate::blobs::Blobs;
use crate::database::handle::Database;
use crate::disk::reserve::Reserve;
use crate::{Accepted, NewBatch, Result, Storage, StorageSettings};

struct Fixture {
    storage: Storage,
    settings: StorageSettings,
    _folder: TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = StorageSettings { data_dir: folder.path().to_owned(), ..StorageSettings::default() };
        Self { storage: Storage::open(&settings).await.unwrap(), settings, _folder: folder }
    }

    fn writer(&self) -> &DatabaseConnection {
        &self.storage.inner.database.write
    }

    /// Changes a setting of the writing connection.
    async fn on_writer(&self, set: impl FnOnce(&mut LockedSqliteHandle<'_>)) {
        let mut connection = self.writer().get_sqlite_connection_pool().acquire().await.unwrap();
        set(&mut connection.lock_handle().await.unwrap());
    }

    /// Interrupts the writer at its `step`-th step from now; a step is some twenty SQLite instructions.
    async fn interrupt_at(&self, step: u32) {
        let steps = AtomicU32::new(0);
        self.on_writer(|sqlite| sqlite.set_progress_handler(20, move || steps.fetch_add(1, Ordering::Relaxed) != step))
            .await;
    }

    /// Lets the writer grow the database by at most this many pages.
    async fn leave_pages(&self, pages: i64) {
        let count = self.pragma("page_count").await;
        self.pragma(&format!("max_page_count = {}", count + pages)).await;
    }

    /// Runs a pragma on the writer; returns its result, or 0.
    async fn pragma(&self, what: &str) -> i64 {
        let backend = self.writer().get_database_backend();
        let statement = sea_orm::Statement::from_string(backend, format!("PRAGMA {what}"));
        let said = self.writer().query_one_raw(statement).await.unwrap();
        said.map_or(0, |row| row.try_get_by_index(0).unwrap())
    }

    async fn other_process(&self) -> Storage {
        let database = Database::connect(&self.settings, Reserve::default()).await.unwrap();
        let blobs = Blobs::open(&self.settings).unwrap();
        Storage::assemble(&self.settings, database, blobs)
    }

    /// Asserts that an operation succeeds and that another process sees its effect.
    async fn assert_keeps(&self) {
        self.storage.ping().await.unwrap();
        let made = self.storage.tenants().create_organization("Kept").await.unwrap();
        let batch = batch(&self.storage, "kept").await.unwrap();
        let other = self.other_process().await;
        assert!(other.tenants().organizations().await.unwrap().iter().any(|organization| organization.id == made.id));
        assert!(other.batches().get(batch).await.unwrap().is_some());
    }
}

/// Makes an organization, a project, and a batch of one file with long metadata, in several transactions.
async fn batch(storage: &Storage, name: &str) -> Result<recto_domain::BatchId> {
    let organization = storage.tenants().create_organization(name).await?;
    let project = storage.tenants().create_project(organization.id, name, "").await?;
    let mut receiving = storage.batches().begin_receiving().await?;
    let mut file = receiving.file("a.pdf".to_owned());
    file.write("%PDF-1.7".into()).await?;
    let files = vec![(file.finish().await?, ReadOptions::default())];
    let metadata = Some(serde_json::json!({"long": "x".repeat(20_000)}));
    let (organization, user, project) = (organization.id, organization.owner_id, project.id);
    let new = NewBatch { organization, project, user, name: name.to_owned(), metadata, template: None, files };
    match storage.batches().accept(receiving, new, None).await? {
        Accepted::New(details) => Ok(details.batch.id),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_full_database_costs_no_later_commit() {
    let f = Fixture::new().await;
    let mut refused = 0;
    for pages in 0..12 {
        f.leave_pages(pages).await;
        refused += u32::from(batch(&f.storage, "full").await.is_err());
        f.leave_pages(100_000).await;
        f.assert_keeps().await;
    }
    assert!(refused >= 4, "{refused}");
}

#[tokio::test]
async fn an_interrupt_at_any_step_costs_no_later_commit() {
    let f = Fixture::new().await;
    let mut refused = 0;
    for step in 0.. {
        f.interrupt_at(step * 3).await;
        let outcome = batch(&f.storage, "interrupted").await;
        f.on_writer(|sqlite| {
            sqlite.remove_progress_handler();
        })
        .await;
        f.assert_keeps().await;
        match outcome {
            Ok(_) => break,
            Err(_) => refused += 1,
        }
    }
    assert!(refused >= 10, "{refused}");
}

#[tokio::test]
async fn a_refused_commit_is_told_and_costs_no_later_one() {
    let f = Fixture::new().await;
    for commit in 0..4 {
        let commits = AtomicU32::new(0);
        f.on_writer(|sqlite| sqlite.set_commit_hook(move || commits.fetch_add(1, Ordering::Relaxed) != commit)).await;
        batch(&f.storage, "refused").await.unwrap_err();
        f.assert_keeps().await;
    }
}

#[tokio::test]
async fn a_transaction_dropped_at_any_moment_costs_no_later_commit() {
    let f = Fixture::new().await;
    for pauses in (0..).step_by(3) {
        let mut work = Box::pin(batch(&f.storage, "dropped"));
        let mut paused = 0;
        let outcome = poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Pending if paused == pauses => Poll::Ready(None),
            outcome => {
                paused += 1;
                outcome.map(Some)
            }
        })
        .await;
        drop(work);
        f.assert_keeps().await;
        if let Some(outcome) = outcome {
            outcome.unwrap();
            break;
        }
    }
}

#[tokio::test]
async fn a_transaction_whose_statement_failed_takes_no_other_and_is_not_committed() {
    let f = Fixture::new().await;
    let tx = f.storage.inner.database.begin().await.unwrap();
    tx.execute_unprepared("CREATE TABLE made (id INTEGER)").await.unwrap();
    tx.execute_unprepared("no SQL").await.unwrap_err();
    tx.execute_unprepared("CREATE TABLE later (id INTEGER)").await.unwrap_err();
    tx.commit().await.unwrap_err();
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('made', 'later')";
    let statement = sea_orm::Statement::from_string(f.writer().get_database_backend(), tables);
    let count: i64 = f.writer().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(count, 0);
    f.assert_keeps().await;
}

#[tokio::test]
async fn a_writer_in_another_process_costs_no_later_commit() {
    let f = Fixture::new().await;
    for _ in 0..3 {
        f.pragma("busy_timeout = 1").await;
        let other = f.other_process().await;
        let tx = other.inner.database.begin().await.unwrap();
        batch(&f.storage, "locked out").await.unwrap_err();
        tx.rollback().await.unwrap();
        f.assert_keeps().await;
    }
}

#[tokio::test]
async fn a_reader_that_is_interrupted_sees_what_is_committed_later() {
    let f = Fixture::new().await;
    for _ in 0..4 {
        let tx = f.storage.inner.database.snapshot().await.unwrap();
        tx.execute_unprepared("SELECT count(*) FROM organizations").await.unwrap();
        // Dropped while a slow statement is running.
        let count =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000) SELECT max(i) FROM n";
        let mut reading = Box::pin(tx.execute_unprepared(count));
        assert!(poll_immediate(&mut reading).await.is_none());
        drop(reading);
        drop(tx);
        let made = f.storage.tenants().create_organization("Later").await.unwrap();
        let seen = f.storage.tenants().organizations().await.unwrap();
        assert!(seen.iter().any(|organization| organization.id == made.id));
    }
}

#[tokio::test]
async fn storage_that_cannot_keep_a_row_or_a_blob_is_not_ready() {
    let f = Fixture::new().await;
    f.storage.ping().await.unwrap();
    f.pragma("query_only = 1").await;
    f.storage.ping().await.unwrap_err();
    f.pragma("query_only = 0").await;
    f.storage.ping().await.unwrap();
    let blobs = f.settings.data_dir.join("blobs");
    let batches = blobs.join("batches");
    std::fs::remove_dir_all(&batches).unwrap();
    std::fs::write(&batches, "in the way").unwrap();
    f.storage.ping().await.unwrap_err();
    std::fs::remove_file(&batches).unwrap();
    f.storage.ping().await.unwrap();
    let left = std::fs::read_dir(&batches).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the proof is removed");
}
