//! Deliveries that fail in every way there is, and come again.

use std::time::Duration;

use recto_domain::{DeliveryAttempt, DeliveryStatus};
use recto_webhooks::{SenderSettings, first_attempt};

use crate::installation::{Installation, settings};
use crate::receiver::{Reaction, Receiver};
use crate::signatures::verify;

#[tokio::test]
async fn a_refused_delivery_comes_again_with_the_same_event() {
    let installation = Installation::new().await;
    let mut endpoint = Receiver::start(vec![Reaction::Status(500), Reaction::Drop]).await;
    let webhook = installation.webhook(&endpoint.url).await;
    installation.batch().await;
    let _sender = installation.send(settings());
    let tries = [endpoint.next().await, endpoint.next().await, endpoint.next().await];
    for again in &tries {
        verify(again);
        assert_eq!(again.body, tries[0].body);
        assert_eq!(again.header("x-webhook-id"), tries[0].header("x-webhook-id"));
    }
    let delivery = installation.ended(webhook.id).await;
    assert_eq!(delivery.status, DeliveryStatus::Delivered);
    let [refused, dropped, taken] = &delivery.attempts[..] else { panic!("{delivery:?}") };
    assert_eq!(refused.error.as_deref(), Some("it answered 500 Internal Server Error"));
    assert_eq!((refused.response_status, refused.response_body.as_deref()), (Some(500), Some("as you say")));
    assert!(dropped.error.as_ref().unwrap().starts_with("the connection was lost: "), "{dropped:?}");
    assert_eq!((dropped.response_status, &dropped.response_body), (None, &None));
    assert_eq!((taken.response_status, &taken.error), (Some(204), &None));
    assert!(endpoint.is_empty());
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_in_time_is_tried_again() {
    let installation = Installation::new().await;
    let mut endpoint = Receiver::start(vec![Reaction::Hang]).await;
    let webhook = installation.webhook(&endpoint.url).await;
    installation.batch().await;
    let _sender = installation.send(SenderSettings { timeout: Duration::from_millis(500), ..settings() });
    endpoint.next().await;
    endpoint.next().await;
    let delivery = installation.delivery_when(webhook.id, |delivery| !delivery.attempts.is_empty()).await;
    assert_eq!(delivery.attempts[0].error.as_deref(), Some("it did not answer within 0.5 s"));
}

#[tokio::test]
async fn a_delivery_that_nobody_takes_is_given_up() {
    let installation = Installation::new().await;
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let webhook = installation.webhook(&format!("http://{free}/")).await;
    installation.batch().await;
    let _sender = installation.send(settings());
    let delivery = installation.ended(webhook.id).await;
    assert_eq!((delivery.status, delivery.attempts.len()), (DeliveryStatus::Failed, 4));
    assert_eq!(delivery.attempts[3].error.as_deref(), Some("cannot connect: nothing is listening there"));
}

#[tokio::test]
async fn of_a_huge_answer_the_start_is_kept() {
    let installation = Installation::new().await;
    let endpoint = Receiver::start(vec![Reaction::Body(50_000_000)]).await;
    let webhook = installation.webhook(&endpoint.url).await;
    installation.batch().await;
    let _sender = installation.send(settings());
    let delivery = installation.ended(webhook.id).await;
    assert_eq!(delivery.status, DeliveryStatus::Delivered);
    let kept = delivery.attempts[0].response_body.as_ref().unwrap();
    assert_eq!(kept.len(), DeliveryAttempt::KEPT_BODY_BYTES);
}

#[tokio::test]
async fn a_test_tells_what_came_of_it() {
    let installation = Installation::new().await;
    let mut endpoint = Receiver::start(vec![Reaction::Status(404)]).await;
    let webhook = installation.webhook(&endpoint.url).await;
    let _sender = installation.send(settings());
    let queued = installation.storage.webhooks().test(webhook.id).await.unwrap().unwrap();
    let tried = first_attempt(&installation.storage, queued, Duration::from_secs(30)).await.unwrap();
    assert_eq!((tried.status, tried.attempts[0].response_status), (DeliveryStatus::Failed, Some(404)));
    let received = endpoint.next().await;
    verify(&received);
    assert_eq!(received.json()["eventType"], "webhook.test");
}

#[tokio::test]
async fn an_endpoint_that_hangs_holds_up_no_other() {
    let installation = Installation::new().await;
    let hangs = Receiver::start((0..10).map(|_| Reaction::Hang).collect()).await;
    let mut fine = Receiver::start(vec![]).await;
    installation.webhook(&hangs.url).await;
    installation.webhook(&fine.url).await;
    for _ in 0..10 {
        installation.batch().await;
    }
    let _sender = installation.send(SenderSettings { timeout: Duration::from_mins(10), ..settings() });
    for _ in 0..10 {
        fine.next().await;
    }
}
