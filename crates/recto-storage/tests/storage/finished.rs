use std::io::Read;

use recto_domain::finished::FinishedBatch;
use recto_domain::{FileKind, PageOutcome, RecordId};
use recto_storage::StoredBatch;

use crate::fixture::{PDF, fixtures, scans, text_page};

/// Uses a finished batch as exporters do: off the async threads.
async fn reading<T: Send + 'static>(
    mut batch: StoredBatch,
    read: impl FnOnce(&mut StoredBatch) -> T + Send + 'static,
) -> T {
    tokio::task::spawn_blocking(move || read(&mut batch)).await.unwrap()
}

#[tokio::test]
async fn documents_come_in_upload_order_and_pages_by_their_place() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["first.pdf", "broken.pdf", "last.pdf"]).await.batch.id;
        // 70 pages were asked for, from 11 on: more than are fetched at once.
        let item = f.claim(&node).await;
        f.storage.queue().record_opened(&node, &item, scans(11..=80)).await.unwrap();
        let item = f.claim(&node).await;
        f.storage.queue().record_file_failure(&node, &item, "broken").await.unwrap();
        f.open(&node, 1).await;
        while let Some(item) = f.storage.queue().claim(&node, crate::fixture::LEASE).await.unwrap() {
            let recto_domain::WorkKind::Page { number } = item.kind else { panic!() };
            let page = if number == 40 {
                recto_domain::Page::failed(number, "torn".to_owned())
            } else {
                text_page(number, &format!("word{number}"))
            };
            f.storage.queue().record_page_result(&node, &item, page).await.unwrap();
        }

        let batch = f.storage.batches().finished(id).await.unwrap().unwrap();
        reading(batch, |batch| {
            let names: Vec<_> = batch.documents().iter().map(|document| document.file_name.as_str()).collect();
            assert_eq!(names, ["first.pdf", "last.pdf"]);
            let first = batch.documents()[0].clone();
            assert_eq!((first.page_count, first.kind, first.confidence), (70, FileKind::Pdf, Some(0.5)));
            assert_eq!(first.warnings, ["page 40 could not be read: torn"]);
            assert_eq!(batch.details().total_pages, 71);
            let last = batch.documents()[1].record_id;
            for index in (0..70).chain([69, 3, 35]) {
                let page = batch.page(first.record_id, index).unwrap();
                assert_eq!(page.number, index + 11);
                let expected = if index == 29 { PageOutcome::Failed } else { PageOutcome::Read };
                assert_eq!(page.outcome(), expected);
                if index == 50 {
                    assert_eq!(batch.page(last, 0).unwrap().text(), "word1");
                }
            }
            assert!(batch.page(first.record_id, 70).is_err());
            assert!(batch.page(RecordId::generate(), 0).is_err());
            let mut bytes = Vec::new();
            batch.original(last).unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, PDF);
            assert!(batch.original(RecordId::generate()).is_err());
        })
        .await;
    }
}
