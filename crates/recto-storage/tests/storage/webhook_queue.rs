//! Claiming deliveries, and what becomes of them.

use std::collections::BTreeMap;
use std::time::Duration;

use recto_domain::{DeliveryAttempt, DeliveryStatus, EventKind, RetrySchedule, Timestamp, WebhookStatus};
use recto_storage::{ClaimedDelivery, Node, Retry, Storage, Stored};

use crate::fixture::{Fixture, LEASE, fixtures};

impl Fixture {
    pub(crate) async fn claim_delivery(&self, node: &Node, now: Timestamp) -> Option<ClaimedDelivery> {
        self.storage.webhooks().claim_delivery(node, LEASE, now).await.unwrap()
    }

    async fn record(&self, node: &Node, delivery: &ClaimedDelivery, error: Option<&str>, now: Timestamp) -> Stored {
        let attempt = DeliveryAttempt {
            sent_at: now,
            duration_ms: 12,
            request_headers: BTreeMap::from([("X-Webhook-Id".to_owned(), delivery.event_id.clone())]),
            response_status: Some(if error.is_none() { 204 } else { 500 }),
            response_body: Some("so be it".to_owned()),
            error: error.map(str::to_owned),
        };
        let retry = Retry { schedule: &RetrySchedule::default(), jitter: 0.0 };
        self.storage.webhooks().record_attempt(node, delivery.id, attempt, retry, now).await.unwrap()
    }
}

pub(crate) async fn succeed(fixture: &Fixture, node: &Node, delivery: &ClaimedDelivery, now: Timestamp) {
    assert_eq!(fixture.record(node, delivery, None, now).await, Stored::Yes);
}

pub(crate) async fn fail(fixture: &Fixture, node: &Node, delivery: &ClaimedDelivery, now: Timestamp) {
    assert_eq!(fixture.record(node, delivery, Some("it answered 500"), now).await, Stored::Yes);
}

#[tokio::test]
async fn an_endpoint_that_hangs_holds_up_no_other() {
    for fixture in fixtures().await {
        let hangs = fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        for _ in 0..6 {
            fixture.batch(&["a"]).await;
        }
        let other = fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        fixture.batch(&["b"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let mut claimed = Vec::new();
        while let Some(delivery) = fixture.claim_delivery(&node, Timestamp::now()).await {
            claimed.push(delivery.webhook_id);
        }
        assert_eq!(claimed, [hangs, other, hangs, hangs, hangs], "four at once, and the other one in its turn");
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_gets_one_at_a_time() {
    for fixture in fixtures().await {
        fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        for _ in 0..3 {
            fixture.batch(&["a"]).await;
        }
        let node = fixture.storage.queue().join().await.unwrap();
        let now = Timestamp::now();
        let first = fixture.claim_delivery(&node, now).await.unwrap();
        fail(&fixture, &node, &first, now).await;
        let second = fixture.claim_delivery(&node, now).await.unwrap();
        assert_eq!(fixture.claim_delivery(&node, now).await, None);
        succeed(&fixture, &node, &second, now).await;
        assert!(fixture.claim_delivery(&node, now).await.is_some());
    }
}

#[tokio::test]
async fn a_failed_delivery_comes_again_with_the_same_event_until_it_is_given_up() {
    for fixture in fixtures().await {
        fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        fixture.batch(&["a"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let schedule = RetrySchedule::default();
        let mut now = Timestamp::now();
        let first = fixture.claim_delivery(&node, now).await.unwrap();
        fail(&fixture, &node, &first, now).await;
        for attempts in 2..=8 {
            let pause = schedule.pause_after(attempts - 1, 0.0).unwrap();
            assert_eq!(fixture.claim_delivery(&node, now.plus(pause).minus(Duration::from_millis(1))).await, None);
            now = now.plus(pause);
            let again = fixture.claim_delivery(&node, now).await.unwrap();
            assert_eq!(again, first);
            fail(&fixture, &node, &again, now).await;
        }
        let ended = fixture.storage.webhooks().delivery(first.id).await.unwrap().unwrap();
        assert_eq!((ended.status, ended.attempts.len()), (DeliveryStatus::Failed, 8));
        assert_eq!((ended.next_attempt_at, ended.completed_at), (None, Some(now)));
        assert_eq!(ended.attempts[7].error.as_deref(), Some("it answered 500"));
        assert_eq!(fixture.claim_delivery(&node, now.plus(Duration::from_hours(999))).await, None);
    }
}

#[tokio::test]
async fn what_a_dead_node_was_sending_is_sent_again() {
    for fixture in fixtures().await {
        fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        fixture.batch(&["a"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let now = Timestamp::now();
        let first = fixture.claim_delivery(&node, now).await.unwrap();
        assert_eq!(fixture.claim_delivery(&node, now.plus(LEASE).minus(Duration::from_millis(1))).await, None);
        let again = fixture.claim_delivery(&node, now.plus(LEASE)).await.unwrap();
        assert_eq!(again, first);
        succeed(&fixture, &node, &again, now).await;
        assert_eq!(fixture.record(&node, &first, None, now).await, Stored::NotOurs);
    }
}

#[tokio::test]
async fn a_new_process_on_the_folder_takes_up_at_once_what_the_dead_one_was_sending() {
    let fixture = fixtures().await.remove(0);
    fixture.webhook(None, &[EventKind::BatchUploaded]).await;
    fixture.batch(&["a"]).await;
    let dead = fixture.storage.queue().join().await.unwrap();
    let now = Timestamp::now();
    let first = fixture.claim_delivery(&dead, now).await.unwrap();
    drop(dead);
    let storage = Storage::open(&fixture.settings).await.unwrap();
    let node = storage.queue().join().await.unwrap();
    assert_eq!(storage.webhooks().claim_delivery(&node, LEASE, now).await.unwrap(), Some(first));
}

#[tokio::test]
async fn a_released_delivery_is_free_without_an_attempt() {
    for fixture in fixtures().await {
        fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        fixture.batch(&["a"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let now = Timestamp::now();
        let first = fixture.claim_delivery(&node, now).await.unwrap();
        fixture.storage.webhooks().release_deliveries(&node, &[first.id]).await.unwrap();
        assert_eq!(fixture.claim_delivery(&node, now).await, Some(first.clone()));
        assert_eq!(fixture.storage.webhooks().delivery(first.id).await.unwrap().unwrap().attempts, []);
    }
}

#[tokio::test]
async fn a_test_is_tried_once_and_says_nothing_about_the_endpoint() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &EventKind::ALL).await;
        let node = fixture.storage.queue().join().await.unwrap();
        fixture.storage.webhooks().test(id).await.unwrap().unwrap();
        let now = Timestamp::now();
        let delivery = fixture.claim_delivery(&node, now).await.unwrap();
        fail(&fixture, &node, &delivery, now).await;
        let ended = fixture.storage.webhooks().delivery(delivery.id).await.unwrap().unwrap();
        assert_eq!((ended.status, ended.attempts.len()), (DeliveryStatus::Failed, 1));
        let health = fixture.storage.webhooks().get(id).await.unwrap().unwrap().health;
        assert_eq!((health.status, health.failing_since), (WebhookStatus::Active, None));
    }
}

#[tokio::test]
async fn a_delivery_that_fails_while_its_endpoint_is_paused_waits_too() {
    for fixture in fixtures().await {
        let id = fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        fixture.batch(&["a"]).await;
        let node = fixture.storage.queue().join().await.unwrap();
        let now = Timestamp::now();
        let delivery = fixture.claim_delivery(&node, now).await.unwrap();
        fixture.set_status(id, WebhookStatus::Paused).await;
        fail(&fixture, &node, &delivery, now).await;
        assert_eq!(fixture.claim_delivery(&node, now.plus(Duration::from_hours(1))).await, None);
        fixture.set_status(id, WebhookStatus::Active).await;
        assert!(fixture.claim_delivery(&node, Timestamp::now()).await.is_some());
    }
}

#[tokio::test]
async fn claims_at_the_same_time_never_take_the_same_delivery() {
    for fixture in fixtures().await {
        for _ in 0..4 {
            fixture.webhook(None, &[EventKind::BatchUploaded]).await;
        }
        for _ in 0..3 {
            fixture.batch(&["a"]).await;
        }
        let node = fixture.storage.queue().join().await.unwrap();
        let claims = (0..4).map(|_| async {
            let mut claimed = Vec::new();
            while let Some(delivery) = fixture.claim_delivery(&node, Timestamp::now()).await {
                claimed.push(delivery.id);
            }
            claimed
        });
        let mut claimed = futures::future::join_all(claims).await.concat();
        // Who finds an endpoint locked passes it over, and looks again later.
        while let Some(delivery) = fixture.claim_delivery(&node, Timestamp::now()).await {
            claimed.push(delivery.id);
        }
        claimed.sort_unstable();
        claimed.dedup();
        assert_eq!(claimed.len(), 12);
    }
}
