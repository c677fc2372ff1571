//! What is refused when the disk has no room beyond what is kept back, and what is done all the same.

use recto_http::ApiSettings;
use reqwest::Method;
use serde_json::json;

use crate::raw::{Raw, upload_head};
use crate::server::{Answer, TestServer};

/// More than any disk has.
const EVERYTHING: u64 = 1 << 60;

async fn full() -> TestServer {
    TestServer::with_reserve(EVERYTHING, ApiSettings::default()).await
}

#[tokio::test]
async fn an_upload_is_refused_in_words_before_a_byte_is_stored() {
    let server = full().await;
    let answer = server.send(server.form().file("a.png", crate::form::PNG)).await;
    let said = answer.error(507);
    assert!(said.contains("the disk is too full") && said.contains("are reserved"), "{said}");
    assert_eq!(answer.header("retry-after"), "30");
    assert!(!answer.header("x-ratelimit-limit").is_empty());
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn everything_that_adds_is_refused_and_all_else_is_done() {
    let server = full().await;
    let organization = server.organization;
    let project = json!({"name": "Another", "organizationId": organization});
    Answer::of(server.call(Method::POST, "/projects").json(&project)).await.error(507);
    let token = json!({"name": "Another", "type": "organization", "permissions": ["read"], "scopes": ["*"]});
    Answer::of(server.call(Method::POST, "/tokens").json(&token)).await.error(507);
    let (_, revoked) = server.new_token(organization, None, None).await;
    let path = format!("/tokens/{}", revoked.id);
    assert_eq!(Answer::of(server.call(Method::PATCH, &path).json(&json!({"name": "Renamed"}))).await.status, 200);
    assert_eq!(Answer::of(server.call(Method::DELETE, &path)).await.status, 204);
    let login = Answer::of(server.bare(Method::POST, "/auth/login").json(&json!({"apiKey": server.key}))).await;
    assert_ne!(login.status, 507, "{}", login.body);
    assert_eq!(server.get(&format!("/projects/{}", server.project)).await.status, 200);
    // A wrong key, a wrong address: the disk is no business of whoever asks.
    let bare = Answer::of(server.bare(Method::POST, "/nothing").json(&json!({}))).await;
    assert_eq!(bare.status, 404);
}

#[tokio::test]
async fn a_server_on_a_full_disk_is_not_ready_and_says_why() {
    let server = full().await;
    let answer = Answer::of(server.client.get(format!("{}/readyz", server.base))).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body["disk"], format!("the disk of the {} is full", server.disk_holds()));
    assert_eq!(answer.body["disks"][0]["reserveBytes"], EVERYTHING);
}

#[tokio::test]
async fn a_body_larger_than_the_room_is_refused_at_its_head() {
    let settings = ApiSettings { max_upload_bytes: u64::MAX, rate_limit_per_minute: 0, ..ApiSettings::default() };
    let server = TestServer::with(settings).await;
    let mut connection = Raw::open(&server).await;
    connection.send(upload_head(&server.key, 1 << 50, "")).await;
    let answer = connection.head().await;
    assert!(answer.starts_with("HTTP/1.1 507 "), "{answer}");
    server.assert_nothing_kept().await;
}
