use recto_domain::{AfterFailure, BatchStatus, EventKind, FileKind, RecordStatus};
use recto_storage::{Opened, OpenedPage, Stored};

use crate::fixture::{audit, fixtures, scans, text_page};

#[tokio::test]
async fn a_batch_with_one_broken_file_ends_partially_failed() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["good.pdf", "broken.pdf"]).await;
        f.open(&node, 1).await;
        let broken = f.claim(&node).await;
        let stored = f.storage.queue().record_file_failure(&node, &broken, "the file is encrypted").await.unwrap();
        assert_eq!(stored, Stored::Yes);
        let halfway = f.details(batch.batch.id).await;
        assert_eq!((halfway.batch.status, halfway.batch.progress), (BatchStatus::Processing, 50.0));
        f.read(&node, None).await;

        let done = f.details(batch.batch.id).await;
        assert_eq!(done.batch.status, BatchStatus::PartiallyFailed);
        assert_eq!((done.batch.completed_files, done.batch.failed_files), (1, 1));
        assert_eq!(done.files[1].error.as_deref(), Some("the file is encrypted"));
        assert!(done.completed_at.is_some() && done.eta_seconds.is_none());
        let kinds: Vec<_> =
            f.storage.batches().events(batch.batch.id).await.unwrap().iter().map(|event| event.kind).collect();
        let expected = [
            EventKind::BatchUploaded,
            EventKind::DocumentFailed,
            EventKind::DocumentProcessed,
            EventKind::BatchCompleted,
        ];
        assert_eq!(kinds, expected);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_file_whose_pages_all_carry_text_is_done_when_it_is_opened() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf"]).await;
        let item = f.claim(&node).await;
        let pages = (1..=3).map(|n| OpenedPage { number: n, text_layer: Some(text_page(n, "x")) }).collect();
        f.storage.queue().record_opened(&node, &item, Opened { kind: FileKind::Pdf, pages }).await.unwrap();
        let done = f.details(batch.batch.id).await;
        assert_eq!((done.batch.status, done.completed_pages, done.total_pages), (BatchStatus::Completed, 3, 3));
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_page_that_failed_is_named_in_a_warning() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf"]).await;
        f.open(&node, 3).await;
        f.read(&node, None).await;
        f.read(&node, Some("the picture is cut off")).await;
        let running = f.details(batch.batch.id).await;
        assert_eq!((running.completed_pages, running.failed_pages, running.total_pages), (1, 1, 3));
        f.read(&node, None).await;
        let done = f.details(batch.batch.id).await;
        assert_eq!(done.files[0].status, RecordStatus::Completed);
        assert_eq!(done.files[0].warnings, ["page 2 could not be read: the picture is cut off"]);
    }
}

#[tokio::test]
async fn a_record_without_a_readable_page_fails_and_says_why() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        for (reasons, expected) in [
            (["it is torn", "it is torn"], "it is torn"),
            (["it is torn", "it is black"], "none of 2 pages could be read; page 1: it is torn"),
        ] {
            let batch = f.batch(&["a.pdf"]).await;
            f.open(&node, 2).await;
            for reason in reasons {
                f.read(&node, Some(reason)).await;
            }
            let done = f.details(batch.batch.id).await;
            assert_eq!(done.batch.status, BatchStatus::Failed);
            assert_eq!(done.files[0].error.as_deref(), Some(expected));
        }
        let batch = f.batch(&["a.pdf"]).await;
        let item = f.claim(&node).await;
        f.storage.queue().record_opened(&node, &item, scans([])).await.unwrap();
        let error = f.details(batch.batch.id).await.files[0].error.clone().unwrap();
        assert!(error.starts_with("there is no page to read"), "{error}");
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn after_the_third_dead_worker_the_page_fails_and_the_others_do_not() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf"]).await;
        f.open(&node, 2).await;
        for attempts in 1..=3 {
            let item = f.claim(&node).await;
            assert_eq!(item.attempts, attempts - 1);
            let after =
                f.storage.queue().record_worker_failure(&node, &item, "the worker ran out of memory").await.unwrap();
            let expected =
                if attempts < 3 { AfterFailure::Retry { attempts } } else { AfterFailure::GiveUp { attempts } };
            assert_eq!(after, expected);
        }
        f.read(&node, None).await;
        let done = f.details(batch.batch.id).await;
        assert_eq!(done.files[0].warnings, ["page 1 could not be read: the worker ran out of memory"]);
        assert_eq!(done.batch.status, BatchStatus::Completed);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_file_that_kills_its_worker_three_times_fails() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf"]).await;
        for _ in 0..3 {
            let item = f.claim(&node).await;
            f.storage.queue().record_worker_failure(&node, &item, "the worker hung").await.unwrap();
        }
        let done = f.details(batch.batch.id).await;
        assert_eq!(done.files[0].error.as_deref(), Some("the worker hung"));
        assert_eq!(f.storage.queue().claim(&node, crate::fixture::LEASE).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_result_told_twice_counts_once() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf"]).await;
        f.open(&node, 2).await;
        let item = f.read(&node, None).await;
        let again = f.storage.queue().record_page_result(&node, &item, text_page(1, "y")).await.unwrap();
        assert_eq!(again, Stored::NotOurs);
        assert_eq!(f.details(batch.batch.id).await.completed_pages, 1);
        audit(&f.connection().await).await;
    }
}

/// They are there at once, and say nothing of how long recognition takes.
#[tokio::test]
async fn pages_that_carry_their_text_are_no_measure_of_the_time_left() {
    use sea_orm::ConnectionTrait;

    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf"]).await.batch.id;
        let item = f.claim(&node).await;
        let page = |number| OpenedPage { number, text_layer: (number > 4).then(|| text_page(number, "x")) };
        let opened = Opened { kind: FileKind::Pdf, pages: (1..=100).map(page).collect() };
        f.storage.queue().record_opened(&node, &item, opened).await.unwrap();
        assert_eq!(f.details(batch).await.eta_seconds, None);
        f.read(&node, None).await;
        let minutes_ago = "UPDATE batches SET rate_since = rate_since - 60000";
        f.connection().await.execute_unprepared(minutes_ago).await.unwrap();
        let eta = f.details(batch).await.eta_seconds.unwrap();
        assert!((180..240).contains(&eta), "three pages left at a page a minute: {eta} s");
    }
}

#[tokio::test]
async fn the_time_left_is_told_once_there_is_a_rate() {
    use sea_orm::ConnectionTrait;

    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf"]).await.batch.id;
        f.open(&node, 4).await;
        assert_eq!(f.details(batch).await.eta_seconds, None);
        f.read(&node, None).await;
        let minutes_ago = "UPDATE batches SET rate_since = rate_since - 60000";
        f.connection().await.execute_unprepared(minutes_ago).await.unwrap();
        let eta = f.details(batch).await.eta_seconds.unwrap();
        assert!((180..240).contains(&eta), "three pages left at a page a minute: {eta} s");
    }
}
