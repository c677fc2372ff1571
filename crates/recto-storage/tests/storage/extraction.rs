//! From the last page of a record to its fields.

use std::time::Duration;

use recto_domain::{
    BatchId, BatchStatus, Event, EventKind, ExtractionMode, FileKind, Page, Record, RecordId, RecordStatus,
    TemplateContent, WebhookContent, WebhookHeaders, WebhookSecret, WorkKind,
};
use recto_storage::{NewWebhook, Opened, OpenedPage, RecordChange, Storage, StorageError, Stored, TemplateChange};
use serde_json::json;

use crate::fixture::{Fixture, LEASE, audit, fixtures, scans, text_page, total};

async fn record(f: &Fixture, batch: BatchId) -> Record {
    let id = f.details(batch).await.files[0].processing_history_id;
    f.storage.records().get(id).await.unwrap().unwrap()
}

async fn kinds(storage: &Storage, batch: BatchId) -> Vec<EventKind> {
    storage.batches().events(batch).await.unwrap().iter().map(|event: &Event| event.kind).collect()
}

#[tokio::test]
async fn a_record_with_a_template_completes_with_its_fields() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch_with(&f.template().await, &["a.pdf"]).await.batch.id;
        f.open(&node, 2).await;
        f.read(&node, None).await;
        assert_eq!(f.storage.queue().claim_extraction(&node, LEASE).await.unwrap(), None, "a page is missing");
        f.read(&node, Some("torn")).await;
        let read = f.details(id).await;
        assert_eq!((read.batch.status, read.files[0].status), (BatchStatus::Processing, RecordStatus::InProgress));
        assert_eq!((read.completed_pages, read.failed_pages, read.batch.progress), (1, 1, 0.0));
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None, "there is nothing for workers");
        audit(&f.connection().await).await;

        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        assert_eq!(item.kind, WorkKind::Extract);
        let document = f.storage.queue().document_to_extract(&item).await.unwrap().unwrap();
        assert_eq!((document.kind, document.left_out), (FileKind::Pdf, 0));
        let numbers: Vec<u32> = document.pages.iter().map(|page| page.number).collect();
        assert_eq!(numbers, [1], "a page that failed has nothing to find");
        let mut found = total(12.5);
        found.needs_review = true;
        found.warnings = vec!["it was dark".to_owned()];
        assert_eq!(f.storage.queue().record_fields(&node, &item, found).await.unwrap(), Stored::Yes);
        let record = record(&f, id).await;
        assert_eq!((record.status, record.needs_review), (RecordStatus::Completed, true));
        assert_eq!(record.fields, json!({"total": 12.5}).as_object().cloned());
        assert_eq!(record.warnings, ["page 2 could not be read: torn", "it was dark"]);
        assert_eq!(record.engine.as_deref(), Some("tesseract"));
        let expected = [EventKind::BatchUploaded, EventKind::DocumentProcessed, EventKind::BatchCompleted];
        assert_eq!(kinds(&f.storage, id).await, expected);
        assert_eq!(f.storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap(), Stored::NotOurs);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn nothing_is_looked_for_when_nothing_is_asked_for_or_nothing_was_read() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let template = f.template().await;
        let content = TemplateContent { extraction_mode: ExtractionMode::FreeText, ..template.content.clone() };
        let free_text = f.storage.templates().create(f.project, content, true).await.unwrap();
        for (template, failure, status) in [
            (None, None, BatchStatus::Completed),
            (Some(&free_text), None, BatchStatus::Completed),
            (Some(&template), Some("torn"), BatchStatus::Failed),
        ] {
            let batch = match template {
                Some(template) => f.batch_with(template, &["a.pdf"]).await,
                None => f.batch(&["a.pdf"]).await,
            };
            f.open(&node, 1).await;
            f.read(&node, failure).await;
            assert_eq!(f.details(batch.batch.id).await.batch.status, status);
            assert_eq!(f.storage.queue().claim_extraction(&node, LEASE).await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn a_file_that_carries_all_its_text_is_looked_through_too() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch_with(&f.template().await, &["a.pdf"]).await.batch.id;
        let item = f.claim(&node).await;
        let pages = (1..=40).map(|n| OpenedPage { number: n, text_layer: Some(text_page(n, "x")) }).collect();
        let mut changes = f.storage.changes();
        f.storage.queue().record_opened(&node, &item, Opened { kind: FileKind::Pdf, pages }).await.unwrap();
        assert!(std::iter::from_fn(|| changes.try_recv().ok()).any(|change| change == recto_storage::Change::Work));
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        let document = f.storage.queue().document_to_extract(&item).await.unwrap().unwrap();
        assert_eq!((document.pages.len(), document.left_out), (40, 0));
        f.storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap();
        assert_eq!(f.details(id).await.batch.status, BatchStatus::Completed);
    }
}

/// All that is looked through is in memory at once.
#[tokio::test]
async fn of_a_very_long_document_the_first_pages_are_looked_through() {
    let f = fixtures().await.remove(0);
    let node = f.storage.queue().join().await.unwrap();
    f.batch_with(&f.template().await, &["a.pdf"]).await;
    let item = f.claim(&node).await;
    let mut dense = text_page(1, "word");
    let line = &mut dense.blocks[0].lines[0];
    line.words = vec![line.words[0].clone(); 40_000];
    let page = |number| OpenedPage { number, text_layer: Some(Page { number, ..dense.clone() }) };
    let opened = Opened { kind: FileKind::Pdf, pages: (1..=10).map(page).collect() };
    f.storage.queue().record_opened(&node, &item, opened).await.unwrap();
    let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
    let document = f.storage.queue().document_to_extract(&item).await.unwrap().unwrap();
    assert_eq!((document.pages.len(), document.left_out), (3, 7));
}

/// The version that counts is the one that the file was sent with.
#[tokio::test]
async fn a_template_that_changed_or_went_is_read_as_it_was() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let template = f.template().await;
        f.batch_with(&template, &["a.pdf"]).await;
        let other = TemplateContent { template_schema: json!({"date": {"type": "date"}}), ..template.content.clone() };
        let change = TemplateChange { content: Some(other), ..TemplateChange::default() };
        f.storage.templates().update(template.id, change).await.unwrap();
        f.storage.templates().delete(template.id).await.unwrap();
        f.open(&node, 1).await;
        f.read(&node, None).await;
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        let document = f.storage.queue().document_to_extract(&item).await.unwrap().unwrap();
        assert_eq!(document.template, template.content);
    }
}

#[tokio::test]
async fn what_was_made_from_a_version_does_not_overwrite_a_later_one() {
    for f in fixtures().await {
        let template = f.template().await;
        let called = |name: &str| {
            let content = TemplateContent { name: name.to_owned(), ..template.content.clone() };
            TemplateChange { content: Some(content), of_version: Some(1), is_active: None }
        };
        assert_eq!(f.storage.templates().update(template.id, called("B")).await.unwrap().unwrap().version, 2);
        let late = f.storage.templates().update(template.id, called("C")).await;
        assert!(matches!(late, Err(StorageError::TemplateChanged)), "{late:?}");
        assert_eq!(f.storage.templates().get(template.id).await.unwrap().unwrap().content.name, "B");
    }
}

#[tokio::test]
async fn an_extractor_that_stays_away_leaves_a_read_document_that_wants_review() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch_with(&f.template().await, &["a.pdf"]).await.batch.id;
        f.open(&node, 1).await;
        f.read(&node, None).await;
        let soon = Some(Duration::ZERO);
        for attempts in 0..3 {
            let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
            assert_eq!(item.attempts, attempts);
            f.storage.queue().record_extraction_failure(&node, &item, "the model is away", soon).await.unwrap();
            audit(&f.connection().await).await;
        }
        let done = record(&f, id).await;
        assert_eq!((done.status, done.needs_review, done.attempts), (RecordStatus::Completed, true, 0));
        assert_eq!(done.fields, json!({"total": null}).as_object().cloned());
        let warning = "the fields could not be extracted: the model is away; gave up after 3 attempts";
        assert_eq!(done.warnings, [warning]);

        // A retry looks for them again, and reads no page again.
        let retried = f.storage.batches().retry(id).await.unwrap().unwrap().0;
        assert_eq!((retried.batch.status, retried.completed_pages), (BatchStatus::Processing, 1));
        audit(&f.connection().await).await;
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None);
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        assert_eq!(item.attempts, 0);
        f.storage.queue().record_fields(&node, &item, total(7.0)).await.unwrap();
        let done = record(&f, id).await;
        assert_eq!((done.needs_review, &done.warnings[..]), (false, &[][..]));
        assert_eq!(done.fields, json!({"total": 7.0}).as_object().cloned());
        assert!(done.confidence.is_some());
        let details = f.details(id).await;
        assert_eq!(
            f.storage.batches().retry(id).await.unwrap().unwrap().0,
            details,
            "nothing failed: nothing to do again"
        );
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn what_an_extractor_makes_no_sense_of_is_not_tried_again() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch_with(&f.template().await, &["a.pdf"]).await.batch.id;
        f.open(&node, 1).await;
        f.read(&node, None).await;
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        f.storage.queue().record_extraction_failure(&node, &item, "it gave no JSON", None).await.unwrap();
        let done = record(&f, id).await;
        assert_eq!((done.status, done.needs_review), (RecordStatus::Completed, true));
        assert_eq!(done.warnings, ["the fields could not be extracted: it gave no JSON"]);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_failed_attempt_is_followed_by_a_pause() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        f.batch_with(&f.template().await, &["a.pdf"]).await;
        f.open(&node, 1).await;
        f.read(&node, None).await;
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        f.storage.queue().record_extraction_failure(&node, &item, "away", Some(LEASE)).await.unwrap();
        assert_eq!(f.storage.queue().claim_extraction(&node, LEASE).await.unwrap(), None);
        assert_eq!(
            f.storage.queue().renew_leases(&node, &[item.id], LEASE).await.unwrap(),
            [item.id],
            "it is nobody's"
        );
    }
}

/// As after SIGKILL between the last page and the fields: whoever comes next finds the item.
#[tokio::test]
async fn an_extraction_whose_node_died_is_taken_up_by_another_and_counted_once() {
    for f in fixtures().await {
        let (first, second) = (f.storage.queue().join().await.unwrap(), f.second_node().await);
        let id = f.batch_with(&f.template().await, &["a.pdf"]).await.batch.id;
        f.open(&first, 1).await;
        f.read(&first, None).await;
        let lost = f.storage.queue().claim_extraction(&first, Duration::ZERO).await.unwrap().unwrap();
        let taken = f.storage.queue().claim_extraction(&second, LEASE).await.unwrap().unwrap();
        assert_eq!((taken.id, taken.attempts), (lost.id, 0), "a killed server costs no attempt");
        assert_eq!(f.storage.queue().record_fields(&first, &lost, total(1.0)).await.unwrap(), Stored::NotOurs);
        let late = f.storage.queue().record_extraction_failure(&first, &lost, "away", None).await.unwrap();
        assert_eq!(late, Stored::NotOurs);
        assert_eq!(f.storage.queue().record_fields(&second, &taken, total(2.0)).await.unwrap(), Stored::Yes);
        let done = f.details(id).await;
        assert_eq!((done.batch.status, done.batch.completed_files), (BatchStatus::Completed, 1));
        assert_eq!(record(&f, id).await.fields, json!({"total": 2.0}).as_object().cloned());
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_batch_cancelled_while_fields_are_looked_for_goes_on_there_when_it_is_retried() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch_with(&f.template().await, &["a.pdf"]).await.batch.id;
        f.open(&node, 2).await;
        f.read(&node, None).await;
        f.read(&node, None).await;
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        let cancelled = f.storage.batches().cancel(id).await.unwrap().unwrap();
        assert_eq!((cancelled.batch.status, cancelled.completed_pages), (BatchStatus::Failed, 2));
        assert_eq!(f.storage.queue().renew_leases(&node, &[item.id], LEASE).await.unwrap(), [item.id]);
        assert_eq!(f.storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap(), Stored::NotOurs);
        audit(&f.connection().await).await;

        f.storage.batches().retry(id).await.unwrap();
        f.open(&node, 2).await;
        assert_eq!(f.storage.queue().claim(&node, LEASE).await.unwrap(), None, "its pages were kept");
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        f.storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap();
        assert_eq!(f.details(id).await.batch.status, BatchStatus::Completed);
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn pages_that_are_read_again_are_looked_through_again_and_corrections_stay() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch_with(&f.template().await, &["a.pdf"]).await.batch.id;
        f.open(&node, 2).await;
        f.read(&node, None).await;
        f.read(&node, Some("torn")).await;
        let extract = |value: f64| {
            let (f, node) = (&f, &node);
            async move {
                let item = f.storage.queue().claim_extraction(node, LEASE).await.unwrap().unwrap();
                f.storage.queue().record_fields(node, &item, total(value)).await.unwrap();
            }
        };
        extract(1.0).await;
        let corrected: RecordId = f.details(id).await.files[0].processing_history_id;
        let fields = json!({"total": 3.0}).as_object().cloned();
        f.storage
            .records()
            .update(corrected, RecordChange { fields, metadata: None, needs_review: None })
            .await
            .unwrap();
        f.storage.records().retry(corrected).await.unwrap();
        let again = f.claim(&node).await;
        assert_eq!(again.kind, WorkKind::Page { number: 2 });
        let page: Page = text_page(2, "whole");
        f.storage.queue().record_page_result(&node, &again, page).await.unwrap();
        extract(2.0).await;
        let record = record(&f, id).await;
        assert_eq!(record.fields, json!({"total": 3.0}).as_object().cloned());
        assert_eq!((record.pages_done, record.pages_failed), (2, 0));
        let taken_back = json!({"total": null}).as_object().cloned();
        let change = RecordChange { fields: taken_back, metadata: None, needs_review: None };
        let record = f.storage.records().update(corrected, change).await.unwrap().unwrap();
        assert_eq!(record.fields, json!({"total": 2.0}).as_object().cloned());
        audit(&f.connection().await).await;
    }
}

#[tokio::test]
async fn a_webhook_hears_of_the_fields() {
    for f in fixtures().await {
        let content = WebhookContent {
            name: "Ledger".to_owned(),
            url: "https://ledger.example.com/".to_owned(),
            events: vec![EventKind::DocumentProcessed],
            headers: WebhookHeaders::default(),
            description: String::new(),
        };
        let (organization, secret) = (f.organization, WebhookSecret::generate());
        let webhook = NewWebhook { organization, project: None, content, secret };
        f.storage.webhooks().create(webhook).await.unwrap();
        let node = f.storage.queue().join().await.unwrap();
        f.batch_with(&f.template().await, &["a.pdf"]).await;
        f.open(&node, 1).await;
        f.read(&node, None).await;
        let now = recto_domain::Timestamp::now();
        assert!(
            f.storage.webhooks().claim_delivery(&node, LEASE, now).await.unwrap().is_none(),
            "it is not processed yet"
        );
        let item = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
        f.storage.queue().record_fields(&node, &item, total(12.5)).await.unwrap();
        let now = recto_domain::Timestamp::now();
        let told = f.storage.webhooks().claim_delivery(&node, LEASE, now).await.unwrap().unwrap();
        let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
        let payload = &body["payload"];
        assert_eq!((&payload["fields"], &payload["needsReview"]), (&json!({"total": 12.5}), &json!(false)));
        assert_eq!(payload["status"], "completed");
    }
}

#[tokio::test]
async fn a_result_of_another_kind_of_work_is_refused() {
    let f = fixtures().await.remove(0);
    let node = f.storage.queue().join().await.unwrap();
    f.batch_with(&f.template().await, &["a.pdf"]).await;
    let open = f.claim(&node).await;
    let refused = f.storage.queue().record_fields(&node, &open, total(1.0)).await;
    assert!(matches!(refused, Err(StorageError::OtherWork)));
    f.storage.queue().record_opened(&node, &open, scans(1..=1)).await.unwrap();
    f.read(&node, None).await;
    let extract = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap().unwrap();
    for refused in [
        f.storage.queue().record_file_failure(&node, &extract, "x").await.err(),
        f.storage.queue().record_worker_failure(&node, &extract, "x").await.err(),
        f.storage.queue().record_page_result(&node, &extract, text_page(1, "x")).await.err(),
    ] {
        assert!(matches!(refused, Some(StorageError::OtherWork)));
    }
}
