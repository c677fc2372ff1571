//! Requests that no client sends on purpose: each is refused in the one form, and none is an error of the server.

use reqwest::Method;
use serde_json::json;

use crate::server::{Answer, TestServer};

#[tokio::test]
async fn an_address_that_is_no_text_names_nothing() {
    let server = TestServer::start().await;
    for path in ["batch", "upload", "files", "processing-history", "templates", "webhooks", "projects", "tokens"] {
        for id in ["%ff", "%00", "%", "x".repeat(500).as_str()] {
            server.get(&format!("/{path}/{id}")).await.error(404);
        }
    }
}

#[tokio::test]
async fn what_a_query_string_may_not_hold_is_400() {
    let server = TestServer::start().await;
    let said = async |query: &str| server.get(&format!("/batch?projectId={}&{query}", server.project)).await.error(400);
    assert_eq!(said("page=1&page=2").await, "page must be given only once");
    assert_eq!(said("status=%00").await, "the query string must not contain the NUL character");
    assert!(said("limit=99999999999999999999999999").await.contains("from 1 to 100"));
    assert!(said("updatedSince=-009999-01-01T00:00:00Z").await.contains("updatedSince"));
    server.get("/audit-log?objectId=%00").await.error(400);
}

#[tokio::test]
async fn nul_is_refused_in_texts_that_are_kept() {
    let server = TestServer::start().await;
    let body = json!({"name": "a\0b", "description": "\0"});
    let said = Answer::of(server.call(Method::POST, "/projects").json(&body)).await.error(400);
    assert_eq!(said, "name must not contain the NUL character | description must not contain the NUL character");
}
