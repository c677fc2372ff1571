use recto_domain::{BatchStatus, EventKind, RecordStatus, WorkKind};
use recto_storage::{Change, Stored};

use crate::fixture::{LEASE, audit, fixtures, scans, text_page};
use crate::receiving::until_no_blobs;

#[tokio::test]
async fn a_cancelled_batch_ends_at_once_and_keeps_what_was_done() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["a.pdf", "b.pdf", "c.pdf"]).await.batch.id;
        for pages in 1..=3 {
            f.open(&node, pages).await;
        }
        f.read(&node, None).await;
        let in_flight = f.claim(&node).await;
        let mut changes = f.storage.changes();
        let cancelled = f.storage.batches().cancel(id).await.unwrap().unwrap();
        assert_eq!(cancelled.batch.status, BatchStatus::PartiallyFailed);
        assert_eq!((cancelled.batch.completed_files, cancelled.batch.failed_files), (1, 2));
        assert_eq!(cancelled.files[1].error.as_deref(), Some("cancelled"));
        assert_eq!(changes.try_recv(), Ok(Change::Stopped(id)));
        assert_eq!(f.storage.queue().renew_leases(&node, &[in_flight.id], LEASE).await.unwrap(), [in_flight.id]);
        let late = f.storage.queue().record_page_result(&node, &in_flight, text_page(1, "x")).await.unwrap();
        assert_eq!(late, Stored::NotOurs);
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);
        assert_eq!(
            f.storage.batches().cancel(id).await.unwrap().unwrap(),
            cancelled,
            "cancelling twice changes nothing"
        );
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_retry_reads_what_failed_and_keeps_what_was_read() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["pages.pdf", "broken.pdf"]).await.batch.id;
        f.open(&node, 3).await;
        let broken = f.claim(&node).await;
        f.storage.queue().record_file_failure(&node, &broken, "broken").await.unwrap();
        for failure in [None, Some("torn"), None] {
            f.read(&node, failure).await;
        }
        assert_eq!(f.details(id).await.batch.status, BatchStatus::PartiallyFailed);

        let retried = f.storage.batches().retry(id).await.unwrap().unwrap().0;
        assert_eq!((retried.batch.status, retried.batch.progress), (BatchStatus::Processing, 0.0));
        assert_eq!((retried.completed_pages, retried.failed_pages, retried.completed_at), (2, 0, None));
        assert_eq!(retried.files[0].status, RecordStatus::Queued);
        assert_eq!((&retried.files[1].error, retried.files[1].status), (&None, RecordStatus::Queued));
        assert!(retried.files[0].warnings.is_empty());
        audit(&f.connection().await).await;

        let mut kinds = Vec::new();
        while let Some(item) = f.storage.queue().claim(&node, LEASE).await.unwrap() {
            assert_eq!(item.attempts, 0);
            kinds.push(item.kind);
            match item.kind {
                WorkKind::Extract => unreachable!("no batch has a template"),
                WorkKind::Open => f.storage.queue().record_opened(&node, &item, scans(1..=1)).await.unwrap(),
                WorkKind::Page { number } => {
                    f.storage.queue().record_page_result(&node, &item, text_page(number, "x")).await.unwrap()
                }
            };
        }
        kinds.sort_by_key(|kind| matches!(kind, WorkKind::Page { number: 2 }));
        assert_eq!(kinds, [WorkKind::Open, WorkKind::Page { number: 1 }, WorkKind::Page { number: 2 }]);
        let done = f.details(id).await;
        assert_eq!((done.batch.status, done.completed_pages), (BatchStatus::Completed, 4));
        assert_eq!(
            f.storage.batches().retry(id).await.unwrap().unwrap().0,
            done,
            "nothing failed: nothing to do again"
        );
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_cancelled_batch_goes_on_where_it_was_when_it_is_retried() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["a.pdf"]).await.batch.id;
        f.open(&node, 3).await;
        f.read(&node, None).await;
        f.storage.batches().cancel(id).await.unwrap();
        f.storage.batches().retry(id).await.unwrap();
        f.open(&node, 3).await;
        let read = [f.read(&node, None).await, f.read(&node, None).await].map(|item| item.kind);
        assert_eq!(read, [WorkKind::Page { number: 2 }, WorkKind::Page { number: 3 }]);
        assert_eq!(f.details(id).await.batch.status, BatchStatus::Completed);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_deleted_batch_is_gone_with_its_blobs_and_its_work() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["a.pdf"]).await.batch.id;
        let kept = f.batch(&["b.pdf"]).await.batch.id;
        let in_flight = f.claim(&node).await;
        let mut changes = f.storage.changes();
        assert!(f.storage.batches().delete(id).await.unwrap());
        assert_eq!(changes.try_recv(), Ok(Change::Stopped(id)));
        assert_eq!(f.storage.queue().record_opened(&node, &in_flight, scans(1..=9)).await.unwrap(), Stored::NotOurs);
        assert_eq!(f.storage.batches().details(id).await.unwrap(), None);
        // What happened stays told: its deliveries may still be under way.
        let told: Vec<EventKind> =
            f.storage.batches().events(id).await.unwrap().iter().map(|event| event.kind).collect();
        assert_eq!(told, [EventKind::BatchUploaded]);
        assert!(f.storage.batches().delete(kept).await.unwrap());
        until_no_blobs(&f).await;
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);
    }
}
