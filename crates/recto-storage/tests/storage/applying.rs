//! Fields found anew in stored documents, and the lists and numbers that tell of them.

use recto_domain::{RecordId, RecordStatus, WorkKind};
use recto_storage::{HistoryFilter, RecordChange};
use serde_json::json;

use crate::fixture::{Fixture, LEASE, audit, fixtures, scans, text_page, total};

impl Fixture {
    /// Does all that waits; what is found is that total.
    async fn work(&self, value: f64) {
        let node = self.storage.queue().join().await.unwrap();
        while let Some(item) = self.storage.queue().claim(&node, LEASE).await.unwrap() {
            match item.kind {
                WorkKind::Page { number } => {
                    self.storage.queue().record_page_result(&node, &item, text_page(number, "word")).await.unwrap();
                }
                _ => {
                    self.storage.queue().record_opened(&node, &item, scans(1..=2)).await.unwrap();
                }
            }
        }
        while let Some(item) = self.storage.queue().claim_extraction(&node, LEASE).await.unwrap() {
            self.storage.queue().record_fields(&node, &item, total(value)).await.unwrap();
        }
    }

    async fn value(&self, id: RecordId) -> serde_json::Value {
        self.storage.records().get(id).await.unwrap().unwrap().fields.unwrap()["total"].clone()
    }
}

#[tokio::test]
async fn a_template_is_applied_to_what_was_read_and_no_page_is_read_again() {
    for f in fixtures().await {
        let batch = f.batch(&["a.pdf", "b.pdf"]).await;
        f.work(0.0).await;
        let template = f.template().await;
        let records = f.storage.templates().completed_records(f.project, batch.batch.id).await.unwrap();
        assert_eq!(records, batch.processing_history_ids);
        let stranger = f.storage.tenants().create_project(f.organization, "Other", "").await.unwrap().id;
        assert!(f.storage.templates().apply(stranger, &(&template).into(), &records).await.unwrap().is_empty());
        let applied = f.storage.templates().apply(f.project, &(&template).into(), &records).await.unwrap();
        assert_eq!(applied.len(), 2);
        audit(&f.connection().await).await;
        assert_eq!(f.details(batch.batch.id).await.completed_pages, 4, "they are kept");
        assert!(
            f.storage.templates().apply(f.project, &(&template).into(), &records).await.unwrap().is_empty(),
            "under way"
        );
        f.work(7.0).await;
        audit(&f.connection().await).await;
        assert_eq!((f.value(records[0]).await, f.value(records[1]).await), (json!(7.0), json!(7.0)));
        assert_eq!(f.storage.records().page_numbers(records[0]).await.unwrap(), [1, 2]);
        assert_eq!(f.storage.records().page(records[0], 2).await.unwrap().unwrap().number, 2);
        assert_eq!(f.storage.records().page(records[0], 3).await.unwrap(), None);

        let fields = json!({"total": 8}).as_object().cloned();
        f.storage.records().update(records[0], RecordChange { fields, ..RecordChange::default() }).await.unwrap();
        f.storage.templates().apply(f.project, &(&template).into(), &records[..1]).await.unwrap();
        f.work(9.0).await;
        assert_eq!(f.value(records[0]).await, json!(8), "a correction of the same template stays");
        let other = f.template().await;
        f.storage.templates().apply(f.project, &(&other).into(), &records[..1]).await.unwrap();
        f.work(9.0).await;
        assert_eq!(f.value(records[0]).await, json!(9.0), "one of another template goes");
    }
}

#[tokio::test]
async fn the_queue_of_review_and_the_numbers_tell_what_there_is() {
    for f in fixtures().await {
        let template = f.template().await;
        let batch = f.batch_with(&template, &["a.pdf", "b.pdf"]).await;
        f.work(1.0).await;
        let record = batch.processing_history_ids[1];
        let again = RecordChange { needs_review: Some(true), ..RecordChange::default() };
        f.storage.records().update(record, again).await.unwrap();
        let listed = async |needs_review| {
            let filter = HistoryFilter { needs_review: Some(needs_review), ..HistoryFilter::of(f.project) };
            let (records, total) = f.storage.records().list(&filter, 1, 10).await.unwrap();
            assert_eq!(records.len() as u64, total);
            records.into_iter().map(|record| record.id).collect::<Vec<_>>()
        };
        assert_eq!((listed(true).await, listed(false).await), (vec![record], vec![batch.processing_history_ids[0]]));
        assert!(f.details(batch.batch.id).await.files[1].needs_review);
        let right = RecordChange { fields: Some(serde_json::Map::new()), ..RecordChange::default() };
        f.storage.records().update(record, right).await.unwrap();
        assert_eq!(listed(true).await, []);
        let stats = f.storage.records().stats(&HistoryFilter::of(f.project)).await.unwrap();
        let bytes = 2 * crate::fixture::PDF.len() as u64;
        assert_eq!((stats.stored_bytes, stats.by_day[0].stored_bytes, stats.pages), (bytes, bytes, 4));
        assert_eq!(stats.by_status, [(RecordStatus::Completed, 2)]);
    }
}
