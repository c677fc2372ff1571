use std::time::Duration;

use recto_domain::{AfterFailure, RecordStatus, WorkKind};
use recto_storage::{Change, Stored};

use crate::fixture::{LEASE, audit, fixtures, scans, text_page};

#[tokio::test]
async fn work_goes_round_the_files_and_a_late_small_one_waits_for_one_page() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.batch(&["big.pdf"]).await;
        let big = f.open(&node, 50).await.record_id;
        for _ in 0..10 {
            f.read(&node, None).await;
        }
        let in_flight = f.claim(&node).await;
        let small = f.batch(&["small.pdf"]).await.processing_history_ids[0];
        assert_eq!(f.open(&node, 1).await.record_id, small);
        let next: Vec<_> = [f.read(&node, None).await, f.read(&node, None).await].map(|item| item.record_id).into();
        assert!(next.contains(&small), "the small file's page is among the next two");
        assert_eq!(in_flight.record_id, big);
    }
}

#[tokio::test]
async fn the_longest_pages_of_a_turn_come_first() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let mut receiving = f.storage.batches().begin_receiving().await.unwrap();
        let mut files = Vec::new();
        for bytes in [2_000, 9_000, 500, 4_000] {
            let mut file = receiving.file(format!("{bytes}.pdf"));
            file.write(vec![b'%'; bytes].into()).await.unwrap();
            files.push(file.finish().await.unwrap());
        }
        f.storage.batches().accept(receiving, f.new_batch(files), None).await.unwrap();
        let mut records = Vec::new();
        // The three pages of the longest file have 3,000 bytes each.
        for pages in [1, 3, 1, 1] {
            records.push(f.open(&node, pages).await.record_id);
        }
        let mut order = Vec::new();
        for _ in 0..6 {
            order.push(f.read(&node, None).await.record_id);
        }
        let [two, nine, half, four] = records[..] else { panic!("{records:?}") };
        assert_eq!(order, [four, nine, two, half, nine, nine]);
    }
}

#[tokio::test]
async fn a_big_file_goes_on_though_small_ones_keep_coming() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.batch(&["big.pdf"]).await;
        let big = f.open(&node, 20).await.record_id;
        f.batch(&["small.pdf"]).await;
        let mut of_big = 0;
        // More work arrives than is done: with each step a new file. A turn has 32 files opened.
        for _ in 0..100 {
            let item = f.claim(&node).await;
            f.batch(&["small.pdf"]).await;
            of_big += u32::from(item.record_id == big);
            match item.kind {
                WorkKind::Open => f.storage.queue().record_opened(&node, &item, scans(1..=1)).await.unwrap(),
                WorkKind::Extract => unreachable!("no batch has a template"),
                WorkKind::Page { number } => {
                    f.storage.queue().record_page_result(&node, &item, text_page(number, "x")).await.unwrap()
                }
            };
        }
        assert!(of_big >= 1, "the big file starves");
    }
}

#[tokio::test]
async fn a_lease_that_ran_out_goes_to_another_node_and_the_late_result_is_dropped() {
    for f in fixtures().await {
        let first = f.storage.queue().join().await.unwrap();
        f.batch(&["a.pdf"]).await;
        let item = f.storage.queue().claim(&first, Duration::ZERO).await.unwrap().unwrap();
        let second = f.second_node().await;
        let taken = f.storage.queue().claim(&second, LEASE).await.unwrap().unwrap();
        assert_eq!(item.id, taken.id);
        assert_eq!(f.storage.queue().record_opened(&first, &item, scans(1..=1)).await.unwrap(), Stored::NotOurs);
        let after = f.storage.queue().record_worker_failure(&first, &item, "it died").await.unwrap();
        assert_eq!(after, AfterFailure::Retry { attempts: 0 });
        assert_eq!(f.storage.queue().renew_leases(&first, &[item.id], LEASE).await.unwrap(), [item.id]);
        assert!(f.storage.queue().renew_leases(&second, &[item.id], LEASE).await.unwrap().is_empty());
        assert_eq!(f.storage.queue().record_opened(&second, &taken, scans(1..=1)).await.unwrap(), Stored::Yes);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_lease_that_ran_out_but_was_not_taken_still_counts() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.batch(&["a.pdf"]).await;
        let item = f.storage.queue().claim(&node, Duration::ZERO).await.unwrap().unwrap();
        assert_eq!(f.storage.queue().record_opened(&node, &item, scans(1..=1)).await.unwrap(), Stored::Yes);
    }
}

#[tokio::test]
async fn released_work_is_claimed_again_without_an_attempt_counted() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.batch(&["a.pdf"]).await;
        let item = f.claim(&node).await;
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);
        let mut changes = f.storage.changes();
        f.storage.queue().release(&node, &[item.id]).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(Change::Work));
        assert_eq!(f.claim(&node).await, item);
    }
}

#[tokio::test]
async fn work_that_begins_shows() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["a.pdf", "b.pdf"]).await;
        f.claim(&node).await;
        let details = f.details(batch.batch.id).await;
        assert_eq!(details.files[0].status, RecordStatus::InProgress);
        assert_eq!(details.files[1].status, RecordStatus::Queued);
        assert!(details.started_at.is_some() && details.batch.updated_at >= batch.batch.updated_at);
    }
}
