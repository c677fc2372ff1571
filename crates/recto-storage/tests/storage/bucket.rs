//! Files in a bucket of a real S3 server.

use std::io::Read;

use recto_storage::{Obstacle, Receiving, Storage, StorageSettings};
use recto_test_s3::{ACCESS_KEY, BUCKET, S3, SECRET_KEY};
use tempfile::TempDir;

const MIB: usize = 1 << 20;

struct Bucket {
    server: S3,
    storage: Storage,
    settings: StorageSettings,
    _folder: TempDir,
}

async fn bucket(cache_bytes: u64) -> Bucket {
    let server = tokio::task::spawn_blocking(|| S3::start().unwrap()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = StorageSettings {
        data_dir: folder.path().join("data"),
        blobs_url: Some(format!("s3://{BUCKET}/recto")),
        blobs_endpoint: Some(server.endpoint()),
        blob_options: [("access_key_id", ACCESS_KEY), ("secret_access_key", SECRET_KEY), ("region", "us-east-1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        blob_cache_bytes: Some(cache_bytes),
        ..StorageSettings::default()
    };
    let storage = Storage::open(&settings).await.unwrap();
    Bucket { server, storage, settings, _folder: folder }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

/// Sends a file in pieces, as a network does; its key.
async fn send(receiving: &mut Receiving, bytes: &[u8]) -> String {
    let mut file = receiving.file("scan.pdf".to_owned());
    for piece in bytes.chunks(100_000) {
        file.write(piece.to_vec().into()).await.unwrap();
    }
    file.finish().await.unwrap().upload.blob_key
}

async fn read(storage: &Storage, key: &str) -> Vec<u8> {
    let mut file = storage.open_blob(key).await.unwrap();
    let mut found = Vec::new();
    file.read_to_end(&mut found).unwrap();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_any_length_come_back_as_they_were_sent() {
    let b = bucket(u64::MAX).await;
    let mut receiving = b.storage.batches().begin_receiving().await.unwrap();
    for length in [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 17 * MIB + 3] {
        let sent = bytes(length);
        let key = send(&mut receiving, &sent).await;
        assert!(b.server.files().unwrap().contains(&format!("{BUCKET}/recto/{key}")), "{length}");
        // The second time from the copy.
        for _ in 0..2 {
            assert!(read(&b.storage, &key).await == sent, "{length}");
        }
    }
    b.storage.ping().await.unwrap();
    receiving.abandon().await.unwrap();
    assert_eq!(b.server.files().unwrap(), Vec::<String>::new(), "what was given up is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_read_while_the_server_is_away_and_does_not_outlive_its_file() {
    let mut b = bucket(u64::MAX).await;
    let mut receiving = b.storage.batches().begin_receiving().await.unwrap();
    let (first, second) = (send(&mut receiving, &bytes(70_000)).await, send(&mut receiving, &bytes(80_000)).await);
    assert_eq!(read(&b.storage, &first).await.len(), 70_000);
    b.server.kill();
    assert_eq!(read(&b.storage, &first).await.len(), 70_000);
    let away = b.storage.open_blob(&second).await.unwrap_err();
    assert_eq!(away.obstacle(), Some(Obstacle::FilesUnreachable), "{away:?}");
    assert_eq!(b.storage.ping().await.unwrap_err().obstacle(), Some(Obstacle::FilesUnreachable));
    b.server.restart().unwrap();
    assert_eq!(read(&b.storage, &second).await.len(), 80_000);
    b.storage.ping().await.unwrap();
    receiving.abandon().await.unwrap();
    assert!(b.storage.open_blob(&first).await.is_err(), "its copy went with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_no_parts() {
    let b = bucket(0).await;
    let mut receiving = b.storage.batches().begin_receiving().await.unwrap();
    let mut file = receiving.file("scan.pdf".to_owned());
    file.write(bytes(11 * MIB).into()).await.unwrap();
    drop(file);
    receiving.abandon().await.unwrap();
    // The parts are given back in the background.
    while !b.server.files().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_the_server_does_not_take_are_told_from_a_server_that_is_away() {
    let b = bucket(0).await;
    let mut settings = b.settings.clone();
    settings.blob_options[1].1 = "another".to_owned();
    let stranger = Storage::open(&settings).await.unwrap();
    let refused = stranger.ping().await.unwrap_err();
    assert_eq!(refused.obstacle(), Some(Obstacle::FilesForbidden), "{refused:?}");
}
