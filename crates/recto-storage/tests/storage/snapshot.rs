//! Copies for backups, and what is held back while they are made.

use std::io::Read;

use recto_storage::{NamedFile, Snapshot, StorageError, check_restored};

use crate::fixture::{PDF, fixtures};

#[tokio::test]
async fn files_of_a_snapshot_stay_until_it_is_dropped() {
    for f in fixtures().await {
        if f.settings.database_url.is_some() {
            let refused = Snapshot::take(&f.settings, &f.folder.path().join("copy.db")).await;
            assert!(matches!(refused, Err(StorageError::NotSqlite)));
            continue;
        }
        let details = f.batch(&["a.pdf", "b.pdf"]).await;
        let copy = f.folder.path().join("copy.db");
        let snapshot = Snapshot::take(&f.settings, &copy).await.unwrap();
        assert!(f.storage.batches().delete(details.batch.id).await.unwrap());
        assert_eq!(f.storage.sweep_blobs().await.unwrap(), 0);
        let files = snapshot.files(None).await.unwrap();
        assert_eq!(files.len(), 2);
        for file in &files {
            let mut kept = Vec::new();
            snapshot.open(file).await.unwrap().read_to_end(&mut kept).unwrap();
            assert_eq!((kept.as_slice(), file.size_bytes), (PDF, PDF.len() as u64));
        }
        assert_eq!(snapshot.files(files.last()).await.unwrap(), Vec::<NamedFile>::new());
        let contents = snapshot.close().await.unwrap();
        assert_eq!((contents.batches, contents.files), (1, 2));
        assert_eq!(f.storage.sweep_blobs().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_restored_database_without_its_files_is_damaged() {
    let f = fixtures().await.remove(0);
    f.batch(&["a.pdf"]).await;
    let copy = f.folder.path().join("recto.db");
    Snapshot::take(&f.settings, &copy).await.unwrap().close().await.unwrap();
    assert!(matches!(check_restored(f.folder.path()).await, Err(StorageError::Damaged { what: "set of files" })));
    std::fs::rename(f.folder.path().join("data/blobs"), f.folder.path().join("blobs")).unwrap();
    assert_eq!(check_restored(f.folder.path()).await.unwrap().files, 1);
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    std::fs::write(&copy, bytes).unwrap();
    assert!(check_restored(f.folder.path()).await.is_err());
}
