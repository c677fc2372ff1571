//! Requests that a stranger must not make the server send.

use recto_domain::DeliveryStatus;
use recto_webhooks::SenderSettings;

use crate::installation::{Installation, settings};
use crate::receiver::{Reaction, Receiver};

async fn error_of_delivery_to(installation: &Installation, url: &str) -> String {
    let webhook = installation.webhook(url).await;
    installation.batch().await;
    let delivery = installation.ended(webhook.id).await;
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    let last = delivery.attempts.last().unwrap();
    last.error.clone().unwrap()
}

#[tokio::test]
async fn an_address_that_became_private_is_refused_at_the_delivery() {
    let installation = Installation::new().await;
    let endpoint = Receiver::start(vec![]).await;
    let _sender = installation.send(SenderSettings { allow_private: false, ..settings() });
    let error = error_of_delivery_to(&installation, &endpoint.url).await;
    assert!(error.contains("127.0.0.1 is a loopback address"), "{error}");
    assert!(endpoint.is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_name_that_came_to_lead_home_is_refused_at_the_delivery() {
    let installation = Installation::new().await;
    let endpoint = Receiver::start(vec![]).await;
    let _sender = installation.send(SenderSettings { allow_private: false, ..settings() });
    let error = error_of_delivery_to(&installation, &endpoint.url.replace("127.0.0.1", "localhost")).await;
    assert!(error.contains("localhost is a loopback address"), "{error}");
    assert!(endpoint.is_empty(), "nothing was sent");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let installation = Installation::new().await;
    let secret = Receiver::start(vec![]).await;
    let tries = (0..4).map(|_| Reaction::Redirect(secret.url.clone()));
    let endpoint = Receiver::start(tries.collect()).await;
    let _sender = installation.send(settings());
    let error = error_of_delivery_to(&installation, &endpoint.url).await;
    assert_eq!(error, "it answered 302 Found: redirects are not followed");
    assert!(secret.is_empty(), "nobody was led on");
}
