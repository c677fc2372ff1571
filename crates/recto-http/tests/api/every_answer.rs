//! What all answers share: the form of errors, the request's id, the headers for browsers.

use insta::assert_json_snapshot;
use reqwest::Method;

use crate::server::{Answer, TestServer};

#[tokio::test]
async fn an_error_has_the_one_form() {
    let server = TestServer::start().await;
    let answer = server.get("/nowhere").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_json_snapshot!(answer.body, @r#"
    {
      "statusCode": 404,
      "message": "there is nothing at /v1/openapi/nowhere",
      "error": "Not Found"
    }
    "#);
}

#[tokio::test]
async fn unknown_routes_are_404_and_wrong_methods_405() {
    let server = TestServer::start().await;
    server.get("/batch/upload/x").await.error(404);
    Answer::of(server.bare(Method::GET, "/nowhere")).await.error(404);
    Answer::of(server.client.get(format!("{}/favicon.ico", server.base))).await.error(404);
    Answer::of(server.call(Method::PUT, "/batch")).await.error(405);
    Answer::of(server.client.post(format!("{}/healthz", server.base))).await.error(405);
    let wrong = Answer::of(server.call(Method::PATCH, "/batch/upload")).await;
    wrong.error(405);
    assert_eq!(wrong.header("allow"), "POST");
}

#[tokio::test]
async fn the_request_id_is_made_or_taken_over() {
    let server = TestServer::start().await;
    let sent = async |id: &str| {
        let request = server.call(Method::GET, "/nowhere").header("X-Request-Id", id);
        Answer::of(request).await.header("x-request-id").to_owned()
    };
    assert_eq!(server.get("/nowhere").await.header("x-request-id").len(), 32);
    assert_eq!(sent("check-42").await, "check-42");
    assert_ne!(sent("two words").await, "two words");
    assert_eq!(sent(&"x".repeat(129)).await.len(), 32);
}

#[tokio::test]
async fn browsers_are_held_on_a_short_lead() {
    let server = TestServer::start().await;
    for path in ["/", "/healthz", "/v1/openapi/batch"] {
        let answer = Answer::of(server.client.get(format!("{}{path}", server.base))).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    }
}
