//! What a receiver gets, and how it knows that Recto sent it.

use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use recto_domain::{DeliveryStatus, WebhookHeaders};
use serde_json::json;
use sha2::Sha256;

use crate::installation::{Installation, SECRET, settings};
use crate::receiver::{Received, Receiver};

/// Verifies a delivery as its receiver would.
pub(crate) fn verify(received: &Received) {
    let hmac = || Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let ours = hex::decode(received.header("x-webhook-signature").strip_prefix("sha256=").unwrap()).unwrap();
    hmac().chain_update(&received.body).verify_slice(&ours).unwrap();

    let signed = format!("{}.{}.", received.header("webhook-id"), received.header("webhook-timestamp"));
    let standard = received.header("webhook-signature").strip_prefix("v1,").unwrap();
    let standard = base64::engine::general_purpose::STANDARD.decode(standard).unwrap();
    hmac().chain_update(signed).chain_update(&received.body).verify_slice(&standard).unwrap();
}

#[tokio::test]
async fn a_delivery_is_signed_in_both_ways_and_names_its_event() {
    let installation = Installation::new().await;
    let mut endpoint = Receiver::start(vec![]).await;
    let webhook = installation.webhook(&endpoint.url).await;
    let batch = installation.batch().await;
    let _sender = installation.send(settings());

    let received = endpoint.next().await;
    verify(&received);
    let body = received.json();
    assert_eq!((&body["eventType"], &body["payload"]["id"]), (&json!("batch.uploaded"), &json!(batch)));
    let id = body["eventId"].as_str().unwrap();
    assert_eq!((received.header("x-webhook-id"), received.header("webhook-id")), (id, id));
    assert_eq!(received.header("x-webhook-event"), "batch.uploaded");
    assert_eq!(received.header("x-webhook-timestamp"), received.header("webhook-timestamp"));
    assert_eq!(received.header("content-type"), "application/json");
    assert!(received.header("user-agent").starts_with("recto/"));

    let delivery = installation.ended(webhook.id).await;
    assert_eq!((delivery.status, delivery.attempts.len()), (DeliveryStatus::Delivered, 1));
    assert_eq!((delivery.attempts[0].response_status, delivery.event_id.as_str()), (Some(204), id));
    assert!(endpoint.is_empty());
}

#[tokio::test]
async fn headers_of_the_endpoint_go_along_and_secret_ones_stay_out_of_the_log() {
    let installation = Installation::new().await;
    let mut endpoint = Receiver::start(vec![]).await;
    let headers = [("Authorization", "Bearer abc"), ("X-Team", "accounts")];
    let headers = WebhookHeaders(headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let webhook = installation.webhook_with(&endpoint.url, headers).await;
    installation.batch().await;
    let _sender = installation.send(settings());
    let received = endpoint.next().await;
    assert_eq!((received.header("authorization"), received.header("x-team")), ("Bearer abc", "accounts"));
    let logged = installation.ended(webhook.id).await.attempts.remove(0).request_headers;
    assert_eq!((logged["Authorization"].as_str(), logged["X-Team"].as_str()), ("***", "accounts"));
    assert_eq!(logged["X-Webhook-Signature"], received.header("x-webhook-signature"));
}
