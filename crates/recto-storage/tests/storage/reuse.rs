//! A file that is sent again takes over what was read of it. All files of the fixture have the same bytes.

use recto_domain::finished::FinishedBatch;
use recto_domain::{BatchDetails, BatchStatus, EventKind, Page, RecordId, RecordStatus, WorkItem, WorkKind};
use recto_storage::{Accepted, NewBatch, Node, RecordChange, Stored};
use sea_orm::{ConnectionTrait, Statement};

use crate::fixture::{Fixture, LEASE, audit, fixtures, scans, text_page, total};

/// One way of reading, and another.
const WAY: &str = "tesseract 5.5, eng";
const NEWER: &str = "tesseract 5.6, eng";

impl Fixture {
    async fn claim_in(&self, node: &Node, way: &str) -> WorkItem {
        WorkItem { way: Some(way.to_owned()), ..self.claim(node).await }
    }

    /// A batch of one file of two pages that is read in a way.
    async fn first(&self, node: &Node, way: &str) -> BatchDetails {
        let batch = self.batch(&["first.pdf"]).await;
        self.read_through(node, [way; 3]).await;
        self.details(batch.batch.id).await
    }

    /// Opens the next file and reads its two pages, each in a way.
    async fn read_through(&self, node: &Node, ways: [&str; 3]) {
        let item = self.claim_in(node, ways[0]).await;
        assert_eq!(item.kind, WorkKind::Open);
        self.storage.queue().record_opened(node, &item, scans(1..=2)).await.unwrap();
        for way in &ways[1..] {
            let item = self.claim_in(node, way).await;
            let WorkKind::Page { number } = item.kind else { panic!("{item:?}") };
            let page = text_page(number, &format!("word{number}"));
            assert_eq!(self.storage.queue().record_page_result(node, &item, page).await.unwrap(), Stored::Yes);
        }
    }

    /// Claims the next file and has it take over what was read before.
    async fn take_over(&self, node: &Node, way: &str) -> Option<Stored> {
        let item = self.claim_in(node, way).await;
        self.storage.queue().take_over_reading(node, &item).await.unwrap()
    }

    async fn reused_from(&self, record: RecordId) -> Option<RecordId> {
        self.storage.records().get(record).await.unwrap().unwrap().reused_from
    }

    async fn pages_in_the_database(&self) -> usize {
        let connection = self.connection().await;
        let all = Statement::from_string(connection.get_database_backend(), "SELECT record_id FROM pages");
        connection.query_all_raw(all).await.unwrap().len()
    }

    /// The text of a batch's one document.
    async fn text(&self, batch: &BatchDetails) -> String {
        let mut batch = self.storage.batches().finished(batch.batch.id).await.unwrap().unwrap();
        let read = move || {
            let document = batch.documents()[0].clone();
            (0..document.page_count).map(|at| batch.page(document.record_id, at).unwrap().text()).collect()
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }
}

#[tokio::test]
async fn a_file_that_was_read_before_is_done_at_once_and_says_from_where() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let first = f.first(&node, WAY).await;
        let again = f.batch(&["again.pdf"]).await;
        assert_eq!(f.take_over(&node, WAY).await, Some(Stored::Yes));

        let done = f.details(again.batch.id).await;
        assert_eq!((done.batch.status, done.completed_pages, done.total_pages), (BatchStatus::Completed, 2, 2));
        assert_eq!(done.eta_seconds, None);
        let record = f.storage.records().get(done.processing_history_ids[0]).await.unwrap().unwrap();
        let (origin, before) =
            (first.processing_history_ids[0], f.storage.records().get(first.processing_history_ids[0]));
        let before = before.await.unwrap().unwrap();
        assert_eq!((record.reused_from, before.reused_from), (Some(origin), None));
        assert_eq!((&record.engine, record.confidence), (&before.engine, before.confidence));
        assert_eq!((&record.mime_type, &record.file_name[..]), (&before.mime_type, "again.pdf"));
        assert_eq!(f.text(&done).await, f.text(&first).await);
        let kinds: Vec<_> =
            f.storage.batches().events(again.batch.id).await.unwrap().iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::BatchUploaded, EventKind::DocumentProcessed, EventKind::BatchCompleted]);
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);

        f.batch(&["once more.pdf"]).await;
        assert_eq!(f.take_over(&node, WAY).await, Some(Stored::Yes));
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn deleting_the_first_takes_nothing_from_the_second_and_the_other_way_round() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let first = f.first(&node, WAY).await;
        let second = f.batch(&["second.pdf"]).await;
        assert_eq!(f.take_over(&node, WAY).await, Some(Stored::Yes));
        assert!(f.storage.batches().delete(first.batch.id).await.unwrap());
        assert_eq!(f.text(&second).await, "word1word2");
        assert_eq!(f.pages_in_the_database().await, 2, "what was deleted is gone");

        // It is the second one now that a third takes over.
        let third = f.batch(&["third.pdf"]).await;
        assert_eq!(f.take_over(&node, WAY).await, Some(Stored::Yes));
        let origin = f.reused_from(third.processing_history_ids[0]).await;
        assert_eq!(origin, Some(second.processing_history_ids[0]));
        assert!(f.storage.batches().delete(third.batch.id).await.unwrap());
        assert_eq!(f.text(&second).await, "word1word2");
        assert!(f.storage.batches().delete(second.batch.id).await.unwrap());
        assert_eq!(f.pages_in_the_database().await, 0);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn what_was_read_in_another_way_is_read_anew() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.first(&node, WAY).await;
        let again = f.batch(&["again.pdf"]).await;
        assert_eq!(f.take_over(&node, NEWER).await, None, "an upgrade reads anew");
        f.storage.batches().cancel(again.batch.id).await.unwrap();
        // Two versions at the pages of one file.
        f.batch(&["mixed.pdf"]).await;
        f.read_through(&node, [NEWER, WAY, NEWER]).await;
        for way in [None, Some(NEWER.to_owned())] {
            f.batch(&["again.pdf"]).await;
            let item = WorkItem { way, ..f.claim(&node).await };
            assert_eq!(f.storage.queue().take_over_reading(&node, &item).await.unwrap(), None);
        }
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn nothing_is_taken_over_from_another_project() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.first(&node, WAY).await;
        let project = f.storage.tenants().create_project(f.organization, "Other", "").await.unwrap().id;
        let other = f.storage.tenants().create_organization("Other").await.unwrap();
        let foreign = f.storage.tenants().create_project(other.id, "Other", "").await.unwrap().id;
        for (organization, project) in [(f.organization, project), (other.id, foreign)] {
            let (receiving, files) = f.receive(&["again.pdf"]).await;
            let batch = NewBatch { organization, project, ..f.new_batch(files) };
            assert!(matches!(f.storage.batches().accept(receiving, batch, None).await.unwrap(), Accepted::New(_)));
            assert_eq!(f.take_over(&node, WAY).await, None);
        }
    }
}

#[tokio::test]
async fn only_what_was_read_without_a_fault_is_taken_over() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let batch = f.batch(&["torn.pdf"]).await;
        let item = f.claim_in(&node, WAY).await;
        f.storage.queue().record_opened(&node, &item, scans(1..=2)).await.unwrap();
        f.batch(&["unfinished.pdf"]).await;
        let unfinished = f.claim_in(&node, WAY).await;
        assert_eq!(
            f.storage.queue().take_over_reading(&node, &unfinished).await.unwrap(),
            None,
            "the first is not done"
        );
        f.storage.queue().record_file_failure(&node, &unfinished, "broken").await.unwrap();
        let item = f.claim_in(&node, WAY).await;
        f.storage.queue().record_page_result(&node, &item, Page::failed(1, "torn".to_owned())).await.unwrap();
        let item = f.claim_in(&node, WAY).await;
        f.storage.queue().record_page_result(&node, &item, text_page(2, "x")).await.unwrap();
        assert_eq!(f.details(batch.batch.id).await.batch.status, BatchStatus::Completed);
        f.batch(&["again.pdf"]).await;
        let item = f.claim_in(&node, WAY).await;
        assert_eq!(
            f.storage.queue().take_over_reading(&node, &item).await.unwrap(),
            None,
            "a page of the first failed"
        );

        // A worker dies over the next one.
        f.storage.queue().record_worker_failure(&node, &item, "the worker died").await.unwrap();
        f.read_through(&node, [WAY; 3]).await;
        f.batch(&["again.pdf"]).await;
        assert_eq!(f.take_over(&node, WAY).await, None, "a worker died over the first");
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_retry_reads_anew() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let first = f.first(&node, WAY).await;
        let second = f.batch(&["second.pdf"]).await;
        f.take_over(&node, WAY).await;
        let record = second.processing_history_ids[0];
        let kept = f.storage.batches().retry(second.batch.id).await.unwrap().unwrap().0;
        assert_eq!(kept.batch.status, BatchStatus::Completed, "nothing of the batch failed");

        let retried = f.storage.records().retry(record).await.unwrap().unwrap().0;
        assert_eq!((retried.status, retried.reused_from, retried.page_count), (RecordStatus::Queued, None, None));
        audit(&f.connection().await).await;
        let item = f.claim_in(&node, WAY).await;
        assert_eq!((item.kind, item.options.reuse), (WorkKind::Open, Some(false)));
        f.storage.queue().release(&node, &[item.id]).await.unwrap();
        f.read_through(&node, [WAY; 3]).await;
        let done = f.storage.records().get(record).await.unwrap().unwrap();
        assert_eq!((done.status, done.pages_done, done.reused_from), (RecordStatus::Completed, 2, None));
        let again = f.storage.records().retry(record).await.unwrap().unwrap().0;
        assert_eq!(again.status, RecordStatus::Completed, "what was read itself is kept");

        // A file that failed is not saved by what was read of another.
        let failed = f.batch(&["third.pdf"]).await;
        let item = f.claim_in(&node, WAY).await;
        f.storage.queue().record_file_failure(&node, &item, "gone").await.unwrap();
        f.storage.batches().retry(failed.batch.id).await.unwrap();
        assert_eq!(f.claim(&node).await.options.reuse, Some(false));
        assert_eq!(f.text(&first).await, "word1word2");
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn fields_are_looked_for_in_what_was_taken_over_and_corrections_stay_where_they_were_made() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let template = f.template().await;
        let first = f.batch_with(&template, &["first.pdf"]).await;
        f.read_through(&node, [WAY; 3]).await;
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        f.storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap();
        let right = serde_json::from_value(serde_json::json!({"total": 2.0})).unwrap();
        let change = RecordChange { fields: Some(right), metadata: None, needs_review: None };
        f.storage.records().update(first.processing_history_ids[0], change).await.unwrap();

        let second = f.batch_with(&template, &["second.pdf"]).await;
        assert_eq!(f.take_over(&node, WAY).await, Some(Stored::Yes));
        assert_eq!(f.details(second.batch.id).await.batch.status, BatchStatus::Processing);
        audit(&f.connection().await).await;
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        let document = f.storage.queue().document_to_extract(&item).await.unwrap().unwrap();
        assert_eq!(document.pages.iter().map(Page::text).collect::<Vec<_>>(), ["word1", "word2"]);
        f.storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap();
        let done = f.storage.records().get(second.processing_history_ids[0]).await.unwrap().unwrap();
        assert_eq!(done.fields.unwrap()["total"], 1.0);
        assert_eq!(done.reused_from, Some(first.processing_history_ids[0]));
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_batch_that_was_cancelled_meanwhile_takes_nothing_over() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.first(&node, WAY).await;
        let batch = f.batch(&["again.pdf"]).await;
        let item = f.claim_in(&node, WAY).await;
        f.storage.batches().cancel(batch.batch.id).await.unwrap();
        assert_eq!(f.storage.queue().take_over_reading(&node, &item).await.unwrap(), Some(Stored::NotOurs));
        assert_eq!(f.details(batch.batch.id).await.files[0].error.as_deref(), Some("cancelled"));
        audit(&f.connection().await).await;
    }
}
