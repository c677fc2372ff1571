//! Passwords: sealed while they wait, gone when they were tried or the record ended; and files without protection.

use std::io::{Read, Seek, Write};

use recto_domain::record::ReadOptions;
use recto_domain::{BatchDetails, FinishedBatch, Passwords, RecordStatus};
use recto_storage::{Accepted, NewBatch, Snapshot, Stored};
use sea_orm::{ConnectionTrait, Statement};

use crate::fixture::{Fixture, PDF, fixtures, scans};
use crate::gone::eventually;

const PASSWORD: &str = "Zaunkönig 7";
const UNLOCKED: &[u8] = b"%PDF-1.7 without its protection, which nobody needs any more";

impl Fixture {
    /// A batch of files of those names, each to be tried with the password.
    async fn protected(&self, names: &[&str]) -> BatchDetails {
        let (receiving, files) = self.receive(names).await;
        let mut passwords = Passwords::default();
        passwords.add(PASSWORD).unwrap();
        let options = ReadOptions { passwords, ..ReadOptions::default() };
        let batch = NewBatch {
            files: files.into_iter().map(|file| (file, options.clone())).collect(),
            ..self.new_batch(Vec::new())
        };
        match self.storage.batches().accept(receiving, batch, None).await.unwrap() {
            Accepted::New(details) => details,
            other => panic!("{other:?}"),
        }
    }

    /// The records that keep passwords.
    async fn keeping_passwords(&self) -> Vec<String> {
        let connection = self.connection().await;
        let query = "SELECT passwords FROM records WHERE passwords IS NOT NULL";
        let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), query)).await;
        rows.unwrap().into_iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
    }
}

fn unlocked() -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(UNLOCKED).unwrap();
    file.rewind().unwrap();
    file
}

fn bytes(mut file: std::fs::File) -> Vec<u8> {
    let mut all = Vec::new();
    file.read_to_end(&mut all).unwrap();
    all
}

#[tokio::test]
async fn a_password_is_sealed_while_it_waits_and_gone_once_it_was_tried() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.protected(&["a.pdf"]).await;
        let sealed = f.keeping_passwords().await;
        assert!(sealed.len() == 1 && !sealed[0].contains("Zaun"), "{sealed:?}");
        let item = f.claim(&node).await;
        assert!(item.has_passwords);
        assert_eq!(f.storage.queue().passwords_for(&item).await.unwrap().expose(), [PASSWORD]);
        let (stored, key) = f.storage.queue().record_unlocked(&node, &item, Some(unlocked())).await.unwrap();
        assert_eq!(stored, Stored::Yes);
        assert_ne!(key.as_deref(), Some(item.blob_key.as_str()));
        assert_eq!(f.keeping_passwords().await, Vec::<String>::new());
        assert!(f.storage.queue().passwords_for(&item).await.unwrap().is_empty());
        f.storage.queue().record_opened(&node, &item, scans([1])).await.unwrap();
        let page = f.read(&node, None).await;
        assert_eq!((Some(page.blob_key), page.has_passwords), (key, false));
        // Pages and exports come from what opens, the link to the file leads to what was sent.
        let finished = f.storage.batches().finished(batch.batch.id).await.unwrap().unwrap();
        let record = batch.processing_history_ids[0];
        let original = tokio::task::spawn_blocking(move || {
            let mut finished = finished;
            finished.original(record).unwrap()
        });
        assert_eq!(bytes(original.await.unwrap()), UNLOCKED);
        let upload = batch.upload_ids[0];
        assert_eq!(bytes(f.storage.records().readable_upload(upload).await.unwrap().unwrap().1), UNLOCKED);
        assert_eq!(bytes(f.storage.records().upload_with_file(upload).await.unwrap().unwrap().1), PDF);
        if f.settings.database_url.is_none() {
            let snapshot = Snapshot::take(&f.settings, &f.folder.path().join("copy.db")).await.unwrap();
            let sizes: Vec<u64> = snapshot.files(None).await.unwrap().iter().map(|file| file.size_bytes).collect();
            assert_eq!(sizes, [PDF.len() as u64, UNLOCKED.len() as u64], "a backup has both");
        }
        f.storage.batches().delete(batch.batch.id).await.unwrap();
        f.storage.sweep_blobs().await.unwrap();
        // A sweep in the background may be at it already.
        eventually("its blobs are gone", async || f.blob_folders().is_empty()).await;
    }
}

#[tokio::test]
async fn however_a_record_ends_its_passwords_go() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.protected(&["none-fits.pdf"]).await;
        let item = f.claim(&node).await;
        f.storage.queue().record_file_failure(&node, &item, "no password opens it").await.unwrap();
        assert_eq!(f.keeping_passwords().await, Vec::<String>::new());
        let open = f.protected(&["opens-without.pdf"]).await;
        let item = f.claim(&node).await;
        assert_eq!(f.storage.queue().record_unlocked(&node, &item, None).await.unwrap(), (Stored::Yes, None));
        assert_eq!(f.keeping_passwords().await, Vec::<String>::new());
        f.storage.batches().cancel(open.batch.id).await.unwrap();
        let cancelled = f.protected(&["cancelled.pdf"]).await;
        assert_eq!(f.keeping_passwords().await.len(), 1);
        f.storage.batches().cancel(cancelled.batch.id).await.unwrap();
        assert_eq!(f.keeping_passwords().await, Vec::<String>::new());
        assert_eq!(f.details(cancelled.batch.id).await.files[0].status, RecordStatus::Failed);
    }
}

#[tokio::test]
async fn what_was_unlocked_too_late_is_removed() {
    let f = fixtures().await.remove(0);
    let node = f.storage.queue().join().await.unwrap();
    let batch = f.protected(&["a.pdf"]).await;
    let item = f.claim(&node).await;
    f.storage.batches().cancel(batch.batch.id).await.unwrap();
    assert_eq!(
        f.storage.queue().record_unlocked(&node, &item, Some(unlocked())).await.unwrap(),
        (Stored::NotOurs, None)
    );
    f.storage.sweep_blobs().await.unwrap();
    let blobs = std::fs::read_dir(f.folder.path().join("data/blobs/batches").join(batch.batch.id.to_string()));
    assert_eq!(blobs.unwrap().count(), 1);
}
