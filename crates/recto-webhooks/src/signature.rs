//! The headers that tell a receiver which event a delivery is, and that Recto sent it.
//!
//! Every delivery carries two signatures, so that either kind of verifier works. Both use the bytes of the secret as
//! given. `X-Webhook-Signature` signs the body. The signature of Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>) signs id, time and
//! body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use recto_domain::Timestamp;
use recto_storage::ClaimedDelivery;

/// The headers of a delivery that is sent at `sent_at`. Times are Unix seconds.
pub(crate) fn headers(delivery: &ClaimedDelivery, sent_at: Timestamp) -> [(&'static str, String); 7] {
    let id = &delivery.event_id;
    let seconds = sent_at.as_millis().div_euclid(1000).to_string();
    let of_body = delivery.secret.mac(&[delivery.body.as_bytes()]);
    let of_all = delivery.secret.mac(&[format!("{id}.{seconds}.").as_bytes(), delivery.body.as_bytes()]);
    [
        ("X-Webhook-Id", id.clone()),
        ("X-Webhook-Event", delivery.event_type.clone()),
        ("X-Webhook-Timestamp", seconds.clone()),
        ("X-Webhook-Signature", format!("sha256={}", hex::encode(of_body))),
        ("webhook-id", id.clone()),
        ("webhook-timestamp", seconds),
        ("webhook-signature", format!("v1,{}", STANDARD.encode(of_all))),
    ]
}

#[cfg(test)]
mod tests {
    use recto_domain::{DeliveryId, WebhookHeaders, WebhookId, WebhookSecret};

    use super::*;

    #[test]
    fn both_signatures_are_those_that_openssl_makes() {
        let delivery = ClaimedDelivery {
            id: DeliveryId::generate(),
            webhook_id: WebhookId::generate(),
            event_id: "evt_1774951200000_abc123".to_owned(),
            event_type: "batch.completed".to_owned(),
            body: r#"{"a":1}"#.to_owned(),
            url: String::new(),
            headers: WebhookHeaders::default(),
            secret: WebhookSecret::new("sesame".to_owned()).unwrap(),
        };
        let headers = headers(&delivery, Timestamp::from_millis(1_774_951_200_999));
        // printf '{"a":1}' | openssl dgst -sha256 -hmac sesame
        assert_eq!(headers[3].1, "sha256=8e6033a502f8c683d8d9a9cb5ac42d00fa5a4e9ab83cb4ce403eba9e11b0bc24");
        // printf 'evt_1774951200000_abc123.1774951200.{"a":1}' | openssl dgst -sha256 -hmac sesame -binary | base64
        assert_eq!(headers[6].1, "v1,//AgDSzxA+5Teai1y70bWoSGihg2QPw/MedYyW7hQ00=");
        assert_eq!((headers[2].1.as_str(), headers[5].1.as_str()), ("1774951200", "1774951200"));
    }
}
