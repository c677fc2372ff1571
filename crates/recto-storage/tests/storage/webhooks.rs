//! Endpoints, what is queued for them, and the log of their deliveries.

use std::time::Duration;

use recto_domain::webhook::PAUSE_AFTER;
use recto_domain::{
    AuditAction, DeliveryStatus, EventKind, ProjectId, Timestamp, WebhookChange, WebhookContent, WebhookHeaders,
    WebhookId, WebhookSecret, WebhookStatus,
};
use recto_storage::{AuditFilter, DeliveryFilter, NewWebhook, WebhookFilter};

use crate::fixture::{Fixture, fixtures};
use crate::webhook_queue::{fail, succeed};

impl Fixture {
    /// An endpoint that wants those events.
    pub(crate) async fn webhook(&self, project: Option<ProjectId>, events: &[EventKind]) -> WebhookId {
        let content = WebhookContent {
            name: "Ledger".to_owned(),
            url: "https://example.com/hook".to_owned(),
            events: events.to_vec(),
            headers: WebhookHeaders::default(),
            description: String::new(),
        };
        let secret = WebhookSecret::new("sesame".to_owned()).unwrap();
        let new = NewWebhook { organization: self.organization, project, content, secret };
        self.storage.webhooks().create(new).await.unwrap().id
    }

    /// The types of what was queued for an endpoint, oldest first.
    async fn queued(&self, webhook: WebhookId) -> Vec<String> {
        let filter = DeliveryFilter { webhook, status: None, page: 1, limit: 100 };
        let (deliveries, total) = self.storage.webhooks().deliveries(&filter).await.unwrap();
        assert_eq!(total, deliveries.len() as u64);
        deliveries.into_iter().rev().map(|delivery| delivery.event_type).collect()
    }

    pub(crate) async fn set_status(&self, webhook: WebhookId, status: WebhookStatus) {
        let change = WebhookChange { status: Some(status), ..WebhookChange::default() };
        self.storage.webhooks().update(webhook, &change).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn every_event_of_a_batch_is_queued_once_for_who_wants_it() {
    for fixture in fixtures().await {
        let all = fixture.webhook(None, &EventKind::ALL).await;
        let ours = fixture.webhook(Some(fixture.project), &[EventKind::BatchCompleted]).await;
        let other = fixture.storage.tenants().create_project(fixture.organization, "Other", "").await.unwrap().id;
        let theirs = fixture.webhook(Some(other), &EventKind::ALL).await;
        let node = fixture.storage.queue().join().await.unwrap();
        fixture.batch(&["a", "b"]).await;
        for _ in 0..2 {
            fixture.open(&node, 1).await;
        }
        for failure in [None, Some("unreadable")] {
            fixture.read(&node, failure).await;
        }
        let happened = ["batch.uploaded", "document.processed", "document.failed", "batch.completed"];
        assert_eq!(fixture.queued(all).await, happened);
        assert_eq!(fixture.queued(ours).await, ["batch.completed"]);
        assert_eq!(fixture.queued(theirs).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_paused_endpoint_is_not_told_of_what_happens_meanwhile() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &EventKind::ALL).await;
        fixture.set_status(id, WebhookStatus::Paused).await;
        fixture.batch(&["a"]).await;
        assert_eq!(fixture.queued(id).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn deliveries_outlive_their_batch_and_go_with_their_endpoint() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        let batch = fixture.batch(&["a"]).await.batch.id;
        fixture.storage.batches().delete(batch).await.unwrap();
        assert_eq!(fixture.queued(id).await, ["batch.uploaded"]);
        let node = fixture.storage.queue().join().await.unwrap();
        let claimed = fixture.claim_delivery(&node, Timestamp::now()).await.unwrap();
        assert!(claimed.body.contains(&batch.to_string()), "{}", claimed.body);
        assert!(fixture.storage.webhooks().delete(id).await.unwrap());
        assert!(!fixture.storage.webhooks().delete(id).await.unwrap());
        assert_eq!(fixture.queued(id).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_delivery_is_sent_again_by_hand_with_the_same_event() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        fixture.batch(&["a"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let first = fixture.claim_delivery(&node, Timestamp::now()).await.unwrap();
        succeed(&fixture, &node, &first, Timestamp::now()).await;
        let again = fixture.storage.webhooks().redeliver(first.id).await.unwrap().unwrap();
        assert_ne!(again.id, first.id);
        assert_eq!((again.status, &again.event_id), (DeliveryStatus::Pending, &first.event_id));
        let second = fixture.claim_delivery(&node, Timestamp::now()).await.unwrap();
        assert_eq!((second.id, second.body), (again.id, first.body));
        assert_eq!(fixture.queued(id).await.len(), 2);
    }
}

#[tokio::test]
async fn three_days_of_failures_pause_an_endpoint_and_what_waits_goes_out_when_it_is_resumed() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        fixture.batch(&["a"]).await;
        fixture.batch(&["b"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let start = Timestamp::now();
        let delivery = fixture.claim_delivery(&node, start).await.unwrap();
        fail(&fixture, &node, &delivery, start).await;
        let later = start.plus(PAUSE_AFTER);
        let delivery = fixture.claim_delivery(&node, later).await.unwrap();
        fail(&fixture, &node, &delivery, later).await;

        let health = fixture.storage.webhooks().get(id).await.unwrap().unwrap().health;
        assert_eq!((health.status, health.failing_since), (WebhookStatus::Paused, Some(start)));
        assert!(health.pause_reason.unwrap().ends_with("the last one with: it answered 500"));
        let much_later = later.plus(PAUSE_AFTER);
        assert_eq!(fixture.claim_delivery(&node, much_later).await, None);
        let test = fixture.storage.webhooks().test(id).await.unwrap().unwrap();
        let claimed = fixture.claim_delivery(&node, much_later).await.unwrap();
        assert_eq!((claimed.id, claimed.event_type.as_str()), (test.id, "webhook.test"));
        succeed(&fixture, &node, &claimed, much_later).await;

        fixture.set_status(id, WebhookStatus::Active).await;
        let now = Timestamp::now();
        for _ in 0..2 {
            let delivery = fixture.claim_delivery(&node, now).await.unwrap();
            succeed(&fixture, &node, &delivery, now).await;
        }
        assert_eq!(fixture.claim_delivery(&node, much_later).await, None);
    }
}

#[tokio::test]
async fn old_deliveries_and_events_are_pruned_and_waiting_ones_are_not() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        let batch = fixture.batch(&["a"]).await.batch.id;
        fixture.batch(&["b"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let now = Timestamp::now();
        let delivery = fixture.claim_delivery(&node, now).await.unwrap();
        succeed(&fixture, &node, &delivery, now).await;
        assert_eq!(fixture.storage.webhooks().prune_deliveries(now.minus(Duration::from_mins(1))).await.unwrap(), 0);
        assert_eq!(fixture.storage.batches().events(batch).await.unwrap().len(), 1);
        assert_eq!(fixture.storage.webhooks().prune_deliveries(now.plus(Duration::from_mins(1))).await.unwrap(), 1);
        assert_eq!(fixture.storage.batches().events(batch).await.unwrap(), []);
        assert_eq!(fixture.queued(id).await, ["batch.uploaded"]);
        assert!(fixture.claim_delivery(&node, now).await.is_some());
    }
}

#[tokio::test]
async fn what_is_done_to_an_endpoint_is_in_the_audit_log() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &EventKind::ALL).await;
        fixture.set_status(id, WebhookStatus::Paused).await;
        let delivery = fixture.storage.webhooks().test(id).await.unwrap().unwrap().id;
        fixture.storage.webhooks().redeliver(delivery).await.unwrap();
        fixture.storage.webhooks().delete(id).await.unwrap();
        let filter = AuditFilter {
            organization: Some(fixture.organization),
            project: None,
            action: None,
            object: Some(id.to_string()),
            since: None,
            page: 1,
            limit: 10,
        };
        let (entries, _) = fixture.storage.audit().entries(&filter).await.unwrap();
        let actions: Vec<AuditAction> = entries.into_iter().rev().map(|entry| entry.action).collect();
        let expected = [
            AuditAction::WebhookCreated,
            AuditAction::WebhookUpdated,
            AuditAction::WebhookTested,
            AuditAction::DeliveryRepeated,
            AuditAction::WebhookDeleted,
        ];
        assert_eq!(actions, expected);
    }
}

#[tokio::test]
async fn endpoints_are_listed_newest_first_and_by_project() {
    for fixture in fixtures().await {
        let whole = fixture.webhook(None, &EventKind::ALL).await;
        let ours = fixture.webhook(Some(fixture.project), &EventKind::ALL).await;
        let filter = |project| WebhookFilter { organization: fixture.organization, project, page: 1, limit: 10 };
        let ids = async |filter| {
            let (webhooks, _) = fixture.storage.webhooks().list(&filter).await.unwrap();
            webhooks.into_iter().map(|webhook| webhook.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(filter(None)).await, [ours, whole]);
        assert_eq!(ids(filter(Some(fixture.project))).await, [ours]);
        assert_eq!(
            fixture.storage.webhooks().list(&WebhookFilter { page: 2, limit: 1, ..filter(None) }).await.unwrap().1,
            2
        );
    }
}
