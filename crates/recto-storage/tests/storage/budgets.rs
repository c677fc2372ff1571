//! What a file and an organization may take of the workers, and what becomes of those that took it.

use std::time::Duration;

use recto_domain::{AfterFailure, BatchStatus, RecordStatus, WorkItem, WorkKind, WorkLimits};
use recto_storage::{Node, Storage, Stored};
use sea_orm::ConnectionTrait;

use crate::fixture::{Fixture, LEASE, audit, fixtures, scans, text_page};

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A minute a page, five minutes a file.
const LIMITS: WorkLimits = WorkLimits { page: seconds(60), file: Some(seconds(300)), organization_hour: None };
const USED_UP: &str = "the file used up the 300 s of worker time that a file may take beyond the usual";

async fn node_of(f: &Fixture, limits: WorkLimits) -> Node {
    f.storage.queue().join().await.unwrap().within(limits)
}

impl Fixture {
    async fn overrun(&self, node: &Node, took: u64) -> (WorkItem, AfterFailure) {
        let item = WorkItem { took: seconds(took), ..self.claim(node).await };
        let after = self.storage.queue().record_overrun(node, &item, "it took too long").await.unwrap();
        (item, after)
    }
}

#[tokio::test]
async fn after_two_pages_that_ran_out_of_time_the_others_are_tried_once() {
    for f in fixtures().await {
        let node = node_of(&f, LIMITS).await;
        let batch = f.batch(&["a.pdf"]).await;
        f.open(&node, 8).await;
        let (first, second) = (f.claim(&node).await, f.claim(&node).await);
        for item in [first, second] {
            let item = WorkItem { took: seconds(60), ..item };
            let after = f.storage.queue().record_overrun(&node, &item, "it took too long").await.unwrap();
            assert_eq!(after, AfterFailure::Retry { attempts: 1 });
        }
        for _ in 0..8 {
            let (item, after) = f.overrun(&node, 5).await;
            assert!(item.is_short());
            assert!(matches!(after, AfterFailure::GiveUp { .. }), "{after:?}");
        }
        let done = f.details(batch.batch.id).await;
        assert_eq!((done.batch.status, done.failed_pages), (BatchStatus::Failed, 8));
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_file_that_used_up_its_budget_is_cut_short_and_says_so_and_a_retry_begins_anew() {
    for f in fixtures().await {
        let node = node_of(&f, LIMITS).await;
        let batch = f.batch(&["a.pdf", "b.pdf"]).await;
        f.open(&node, 6).await;
        f.open(&node, 1).await;
        // Both files have a page in the first turn; the long one's next come after.
        let mut hostile = None;
        for _ in 0..2 {
            let item = f.claim(&node).await;
            let took = if item.record_id == batch.processing_history_ids[0] { seconds(305) } else { seconds(1) };
            let item = WorkItem { took, ..item };
            let WorkKind::Page { number } = item.kind else { panic!("{item:?}") };
            assert_eq!(
                f.storage.queue().record_page_result(&node, &item, text_page(number, "x")).await.unwrap(),
                Stored::Yes
            );
            hostile = hostile.or((took > seconds(1)).then_some(number));
        }
        assert_eq!(hostile, Some(1));
        let done = f.details(batch.batch.id).await;
        assert_eq!(done.batch.status, BatchStatus::Completed, "nothing more of either is tried");
        assert_eq!(done.files[0].warnings, [format!("pages 2 to 6 could not be read: {USED_UP}")]);
        assert_eq!((done.files[0].pages_done, done.files[0].pages_failed), (1, 5));
        assert!(done.files[1].warnings.is_empty());
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);

        f.storage.batches().retry(batch.batch.id).await.unwrap();
        for _ in 0..5 {
            assert_eq!(f.read(&node, None).await.cost, recto_domain::FileCost::default());
        }
        assert_eq!(f.details(batch.batch.id).await.completed_pages, 7);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn what_a_file_cost_outlives_the_process() {
    for f in fixtures().await {
        let node = node_of(&f, LIMITS).await;
        let batch = f.batch(&["a.pdf"]).await;
        f.overrun(&node, 100).await;
        f.overrun(&node, 150).await;
        let opened = WorkItem { took: seconds(60), ..f.claim(&node).await };
        f.storage.queue().record_opened(&node, &opened, scans(1..=3)).await.unwrap();

        let again = Storage::open(&f.settings).await.unwrap();
        let item = again.queue().claim(&node, LEASE).await.unwrap().unwrap();
        assert_eq!((item.cost.worker_time, item.cost.overtime), (seconds(310), seconds(310)));
        assert_eq!(item.cost.time_limit(item.kind, node.limits()), None);
        // A page that is in a worker's hands may come home all the same.
        let begun = again.queue().claim(&node, LEASE).await.unwrap().unwrap();
        again.queue().record_used_up(&node, &item).await.unwrap();
        let WorkKind::Page { number } = begun.kind else { panic!("{begun:?}") };
        assert_eq!(again.queue().record_page_result(&node, &begun, text_page(number, "x")).await.unwrap(), Stored::Yes);
        let done = f.details(batch.batch.id).await;
        assert_eq!((done.files[0].status, done.files[0].pages_failed), (RecordStatus::Completed, 2));
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_file_that_takes_for_ever_to_open_fails() {
    for f in fixtures().await {
        let node = node_of(&f, LIMITS).await;
        let batch = f.batch(&["a.pdf"]).await;
        let (_, after) = f.overrun(&node, 300).await;
        assert_eq!(after, AfterFailure::GiveUp { attempts: 1 });
        let done = f.details(batch.batch.id).await;
        assert_eq!(done.files[0].error.as_deref(), Some("it took too long"));
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn an_organization_that_used_up_its_hour_waits_and_nothing_of_it_fails() {
    for f in fixtures().await {
        let limits = WorkLimits { organization_hour: Some(seconds(100)), ..LIMITS };
        let node = node_of(&f, limits).await;
        let mine = f.batch(&["a.pdf"]).await.batch.id;
        let item = WorkItem { took: seconds(60), ..f.claim(&node).await };
        f.storage.queue().record_opened(&node, &item, scans(1..=3)).await.unwrap();
        assert_eq!(f.details(mine).await.waiting_until, None);
        let item = WorkItem { took: seconds(41), ..f.claim(&node).await };
        f.storage.queue().record_page_result(&node, &item, text_page(1, "x")).await.unwrap();
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);
        // More work does not wake it, nor does a retry of what there is.
        let later = f.batch(&["b.pdf"]).await.batch.id;
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);
        let waiting = f.details(mine).await;
        assert!(waiting.waiting_until.is_some());
        assert_eq!((waiting.batch.status, waiting.failed_pages), (BatchStatus::Processing, 0));

        let other = f.storage.tenants().create_organization("Other").await.unwrap();
        let project = f.storage.tenants().create_project(other.id, "P", "").await.unwrap().id;
        let (receiving, files) = f.receive(&["c.pdf"]).await;
        let batch =
            recto_storage::NewBatch { organization: other.id, project, user: other.owner_id, ..f.new_batch(files) };
        f.storage.batches().accept(receiving, batch, None).await.unwrap();
        assert_eq!(f.claim(&node).await.organization_id, other.id);

        // A process that starts anew holds to it as well; when the hour is over, work goes on.
        drop(node);
        let node = node_of(&f, limits).await;
        while let Some(item) = f.storage.queue().claim(&node, LEASE).await.unwrap() {
            assert_eq!(item.organization_id, other.id);
        }
        let connection = f.connection().await;
        connection
            .execute_unprepared("UPDATE work_turns SET paused_until = 1 WHERE paused_until IS NOT NULL")
            .await
            .unwrap();
        let hour_over = f.claim(&node).await;
        assert_eq!(hour_over.organization_id, f.organization);
        assert_eq!(f.details(later).await.waiting_until, None);
        audit(&connection).await;
    }
}
