//! The end of a sender: what is under way, and what a dead one leaves.

use std::time::Duration;

use recto_domain::Timestamp;
use recto_webhooks::SenderSettings;

use crate::installation::{Installation, settings};
use crate::receiver::{Reaction, Receiver};

#[tokio::test]
async fn what_does_not_end_in_time_is_given_back_without_an_attempt() {
    let installation = Installation::new().await;
    let mut endpoint = Receiver::start(vec![Reaction::Hang]).await;
    let webhook = installation.webhook(&endpoint.url).await;
    installation.batch().await;
    let impatient = SenderSettings { timeout: Duration::from_mins(10), drain: Duration::from_millis(50), ..settings() };
    let (stop, running) = installation.send(impatient);
    let first = endpoint.next().await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(installation.delivery_when(webhook.id, |_| true).await.attempts, []);

    let _sender = installation.send(settings());
    let again = endpoint.next().await;
    assert_eq!(again.body, first.body);
    assert_eq!(installation.ended(webhook.id).await.attempts.len(), 1);
}

#[tokio::test]
async fn what_was_sent_and_not_recorded_is_sent_again() {
    let installation = Installation::new().await;
    let mut endpoint = Receiver::start(vec![]).await;
    let webhook = installation.webhook(&endpoint.url).await;
    installation.batch().await;
    // A sender that died: its lease has run out.
    let (node, now) = (&installation.node, Timestamp::now());
    let claim = installation.storage.webhooks().claim_delivery(node, Duration::ZERO, now).await.unwrap();
    let dead = claim.unwrap();
    let _sender = installation.send(settings());
    let received = endpoint.next().await;
    assert_eq!(
        (received.header("x-webhook-id"), received.body.as_ref()),
        (dead.event_id.as_str(), dead.body.as_bytes())
    );
    assert_eq!(installation.ended(webhook.id).await.attempts.len(), 1);
}
