//! `/webhooks/:id/test`, `/webhooks/:id/deliveries`, `/webhooks/deliveries/:id/redeliver`

use axum::Router;
use axum::http::StatusCode;
use insta::assert_json_snapshot;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::server::{Answer, TestServer};
use crate::webhooks::HOOK;

/// An endpoint that always gives that answer; its address.
async fn endpoint(status: u16) -> String {
    let answer = move || async move { (StatusCode::from_u16(status).unwrap(), "noted") };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    url
}

/// An attempt without what differs from run to run.
fn tidy_delivery(delivery: &Answer) -> Value {
    let mut tidy = delivery.tidy();
    tidy["eventId"] = json!("<event>");
    let attempt = &mut tidy["attempts"][0];
    attempt["durationMs"] = json!("<ms>");
    for (name, value) in attempt["requestHeaders"].as_object_mut().unwrap() {
        if name.to_lowercase().contains("webhook") && !name.contains("Event") {
            *value = json!("<…>");
        }
    }
    tidy
}

#[tokio::test]
async fn a_test_answers_with_its_outcome() {
    let server = TestServer::with_sender().await;
    let fine = server.webhook(&endpoint(200).await).await;
    let tested = server.post(&format!("/webhooks/{fine}/test")).await;
    assert_eq!(tested.status, 200);
    assert_json_snapshot!(tidy_delivery(&tested));
    let broken = server.webhook(&endpoint(503).await).await;
    let tested = server.post(&format!("/webhooks/{broken}/test")).await;
    assert_eq!((tested.status, &tested.body["status"]), (200, &json!("failed")));
    assert_eq!(tested.body["attempts"][0]["error"], "it answered 503 Service Unavailable");
}

#[tokio::test]
async fn the_log_shows_deliveries_newest_first_and_by_status() {
    let server = TestServer::start().await;
    let id = server.webhook(HOOK).await;
    let batches = [server.batch(&["a.png"]).await, server.batch(&["b.png"]).await];
    let log = server.get(&format!("/webhooks/{id}/deliveries")).await;
    assert_eq!((log.status, &log.body["pagination"]["total"]), (200, &json!(2)));
    let newest = log.body["data"][0].clone();
    assert_eq!((&newest["status"], &newest["eventType"]), (&json!("pending"), &json!("batch.uploaded")));
    assert!(newest["createdAt"].as_str() >= log.body["data"][1]["createdAt"].as_str());
    let total = async |query: &str| {
        let log = server.get(&format!("/webhooks/{id}/deliveries?{query}")).await;
        log.body["pagination"]["total"].clone()
    };
    assert_eq!((total("status=pending").await, total("status=delivered").await), (json!(2), json!(0)));
    server.get(&format!("/webhooks/{id}/deliveries?status=lost&limit=0")).await.error(400);

    for batch in batches {
        Answer::of(server.call(Method::DELETE, &format!("/batch/{batch}"))).await;
    }
    assert_eq!(total("").await, 2, "deliveries outlive their batch");
}

#[tokio::test]
async fn a_delivery_is_sent_again_by_hand() {
    let server = TestServer::start().await;
    let id = server.webhook(HOOK).await;
    server.batch(&["a.png"]).await;
    let first = server.get(&format!("/webhooks/{id}/deliveries")).await.body["data"][0].clone();
    let path = format!("/webhooks/deliveries/{}/redeliver", first["id"].as_str().unwrap());
    let again = server.post(&path).await;
    assert_eq!((again.status, &again.body["eventId"]), (200, &first["eventId"]));
    assert_ne!(again.body["id"], first["id"]);
    let (foreign, _) = server.foreign().await;
    server.call_with(&foreign, Method::POST, &path, &json!({})).await.error(404);
    server.post("/webhooks/deliveries/0123456789abcdef01234567/redeliver").await.error(404);
}
