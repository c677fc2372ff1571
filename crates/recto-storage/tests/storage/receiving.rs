use std::io::Read;
use std::time::Duration;

use recto_domain::record::ReadOptions;
use recto_domain::{BatchId, BatchStatus, EventKind, FileKind, RecordStatus, TokenId};
use recto_storage::{Accepted, Change, Idempotency, Storage, StorageError, StorageSettings};

use crate::fixture::{Fixture, audit, fixtures};

fn key(token: TokenId, fingerprint: &str) -> Idempotency {
    Idempotency { token, key: "upload-1".to_owned(), fingerprint: fingerprint.to_owned() }
}

#[tokio::test]
async fn a_batch_is_accepted_as_it_was_sent() {
    for f in fixtures().await {
        let mut changes = f.storage.changes();
        let (receiving, files) = f.receive(&["b.pdf", "../../a.pdf"]).await;
        let mut batch = f.new_batch(files.clone());
        let options = ReadOptions { languages: Some("eng+deu".parse().unwrap()), ..ReadOptions::default() };
        batch.files[1].1 = options.clone();
        let id = receiving.batch_id();
        let Accepted::New(details) = f.storage.batches().accept(receiving, batch, None).await.unwrap() else {
            panic!()
        };
        assert_eq!(details, f.details(id).await);
        assert_eq!(Some(details.batch.clone()), f.storage.batches().get(id).await.unwrap());
        assert_eq!((details.batch.status, details.batch.progress), (BatchStatus::Processing, 0.0));
        assert_eq!(details.metadata, Some(serde_json::json!({"po": 7})));
        assert_eq!(details.upload_ids, [files[0].upload.id, files[1].upload.id]);
        assert_eq!(details.files[1].file_name, "../../a.pdf");
        assert_eq!(details.files[1].status, RecordStatus::Queued);
        assert_eq!(changes.try_recv(), Ok(Change::Work));
        assert_eq!(changes.try_recv(), Ok(Change::Batch(id)));
        let kinds: Vec<_> = f.storage.batches().events(id).await.unwrap().into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::BatchUploaded]);

        let node = f.storage.queue().join().await.unwrap();
        f.claim(&node).await;
        let second = f.claim(&node).await;
        assert_eq!((second.record_id, second.options), (details.processing_history_ids[1], options));
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_file_of_many_parts_is_counted_hashed_and_kept() {
    for f in fixtures().await {
        let mut receiving = f.storage.batches().begin_receiving().await.unwrap();
        let mut file = receiving.file("big.png".to_owned());
        let mut sent = b"\x89PNG\r\n\x1a\n".to_vec();
        sent.extend((0..700_000u32).map(|i| (i % 251) as u8));
        for chunk in sent.chunks(60_001) {
            file.write(chunk.to_vec().into()).await.unwrap();
        }
        assert_eq!(file.bytes_written(), 700_008);
        let upload = file.finish().await.unwrap().upload;
        assert_eq!((upload.size_bytes, upload.mime_type.as_str()), (700_008, FileKind::Png.mime_type()));
        assert_eq!(upload.sha256, sha256(&sent));
        let mut kept = Vec::new();
        f.storage.open_blob(&upload.blob_key).await.unwrap().read_to_end(&mut kept).unwrap();
        assert_eq!(kept, sent);
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}

#[tokio::test]
async fn an_empty_file_is_received_too() {
    for f in fixtures().await {
        let mut receiving = f.storage.batches().begin_receiving().await.unwrap();
        let file = receiving.file(String::new()).finish().await.unwrap();
        assert_eq!((file.upload.size_bytes, file.upload.mime_type.as_str()), (0, "application/octet-stream"));
        assert_eq!(f.storage.open_blob(&file.upload.blob_key).await.unwrap().metadata().unwrap().len(), 0);
    }
}

#[tokio::test]
async fn other_stores_than_a_folder_give_a_copy_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let blobs_url = Some("memory:///".to_owned());
    let settings = StorageSettings { data_dir: folder.path().to_owned(), blobs_url, ..StorageSettings::default() };
    let storage = Storage::open(&settings).await.unwrap();
    let mut receiving = storage.batches().begin_receiving().await.unwrap();
    let mut file = receiving.file("a.gif".to_owned());
    file.write("GIF89a and so on".into()).await.unwrap();
    let key = file.finish().await.unwrap().upload.blob_key;
    let mut text = String::new();
    storage.open_blob(&key).await.unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "GIF89a and so on");
    storage.ping().await.unwrap();
    receiving.abandon().await.unwrap();
    assert!(matches!(storage.open_blob(&key).await, Err(StorageError::NotFound { what: "file" })));
}

#[tokio::test]
async fn an_abandoned_upload_leaves_nothing() {
    for f in fixtures().await {
        let (receiving, _) = f.receive(&["a.pdf"]).await;
        let id = receiving.batch_id();
        assert_eq!(f.blob_folders(), [id.to_string()]);
        receiving.abandon().await.unwrap();
        assert_eq!(f.blob_folders(), [""; 0]);
        assert_eq!(f.storage.batches().get(id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing_in_the_middle_of_a_file_either() {
    for f in fixtures().await {
        let mut receiving = f.storage.batches().begin_receiving().await.unwrap();
        let mut file = receiving.file("a.pdf".to_owned());
        file.write(vec![0; 600_000].into()).await.unwrap();
        drop((file, receiving));
        until_no_blobs(&f).await;
    }
}

#[tokio::test]
async fn an_upload_that_ends_while_its_bytes_are_written_leaves_nothing() {
    for f in fixtures().await {
        for length in [10_000, 300_000].into_iter().cycle().take(100) {
            let mut receiving = f.storage.batches().begin_receiving().await.unwrap();
            let mut file = receiving.file("a.pdf".to_owned());
            let mut storing = Box::pin(async move {
                file.write(vec![0; length].into()).await?;
                file.finish().await
            });
            // The client hangs up when the store has been called and has not answered.
            let _ = futures::poll!(&mut storing);
            tokio::task::yield_now().await;
            drop(storing);
            receiving.abandon().await.unwrap();
            assert_eq!(f.blob_folders(), [""; 0]);
        }
    }
}

/// Waits for what happens in the background.
pub(crate) async fn until_no_blobs(f: &Fixture) {
    let gone = async {
        while !f.blob_folders().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("the blobs go");
}

#[tokio::test]
async fn an_upload_that_was_swept_is_not_accepted() {
    use sea_orm::ConnectionTrait;

    for f in fixtures().await {
        let (receiving, files) = f.receive(&["a.pdf"]).await;
        f.connection().await.execute_unprepared("UPDATE doomed_blobs SET due_at = 0").await.unwrap();
        assert_eq!(f.storage.sweep_blobs().await.unwrap(), 1);
        let refused = f.storage.batches().accept(receiving, f.new_batch(files), None).await;
        assert!(matches!(refused, Err(StorageError::ReceivingExpired)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_requests_with_one_key_one_makes_the_batch() {
    for f in fixtures().await {
        let token = TokenId::generate();
        let offers = (0..8).map(|_| f.offer(&["a.pdf"], Some(key(token, "same"))));
        let answers = futures::future::join_all(offers).await;
        let mut made = Vec::new();
        let mut repeated = Vec::new();
        for answer in answers {
            match answer {
                Accepted::New(details) => made.push(details),
                Accepted::Repeated(json) => repeated.push(json),
                Accepted::Conflict => panic!("all requests are the same"),
            }
        }
        assert_eq!((made.len(), repeated.len()), (1, 7));
        let first = serde_json::to_value(&made[0]).unwrap();
        assert!(repeated.iter().all(|json| *json == first));
        assert_eq!(f.blob_folders(), [made[0].batch.id.to_string()]);
    }
}

#[tokio::test]
async fn a_key_means_one_request_of_one_token_for_a_day() {
    use sea_orm::ConnectionTrait;

    for f in fixtures().await {
        let token = TokenId::generate();
        let Accepted::New(first) = f.offer(&["a.pdf"], Some(key(token, "one"))).await else { panic!() };
        assert_eq!(f.offer(&["a.pdf"], Some(key(token, "two"))).await, Accepted::Conflict);
        let other = f.offer(&["a.pdf"], Some(key(TokenId::generate(), "two"))).await;
        assert!(matches!(other, Accepted::New(_)), "another token's key is another key");

        let Accepted::Repeated(answer) = f.offer(&["a.pdf"], Some(key(token, "one"))).await else { panic!() };
        assert_eq!(answer["id"], first.batch.id.to_string());
        assert!(f.storage.batches().delete(first.batch.id).await.unwrap());
        let again = f.offer(&["a.pdf"], Some(key(token, "one"))).await;
        assert!(matches!(again, Accepted::New(_)), "the answer went with its batch");

        f.connection().await.execute_unprepared("UPDATE idempotency_keys SET created_at = 0").await.unwrap();
        assert!(matches!(f.offer(&["a.pdf"], Some(key(token, "two"))).await, Accepted::New(_)));
    }
}

#[tokio::test]
async fn a_batch_without_files_is_refused() {
    for f in fixtures().await {
        let receiving = f.storage.batches().begin_receiving().await.unwrap();
        let refused = f.storage.batches().accept(receiving, f.new_batch(vec![]), None).await;
        assert!(matches!(refused, Err(StorageError::NoFiles)));
    }
}

#[tokio::test]
async fn ids_that_were_never_given_are_unknown() {
    for f in fixtures().await {
        let id = BatchId::generate();
        assert_eq!(f.storage.batches().get(id).await.unwrap(), None);
        assert_eq!(f.storage.batches().details(id).await.unwrap(), None);
        assert_eq!(f.storage.batches().cancel(id).await.unwrap(), None);
        assert_eq!(f.storage.batches().retry(id).await.unwrap(), None);
        assert!(f.storage.batches().finished(id).await.unwrap().is_none());
        assert!(!f.storage.batches().delete(id).await.unwrap());
    }
}
