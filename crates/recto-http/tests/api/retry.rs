//! `POST /batch/:id/retry`

use serde_json::json;

use crate::server::TestServer;

#[tokio::test]
async fn retrying_keeps_what_was_read_and_tries_the_rest_again() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "broken.png"]).await;
    server.work().await;
    let answer = server.post(&format!("/batch/{id}/retry")).await;
    assert_eq!(answer.status, 200);
    let counters = |body: &serde_json::Value| {
        json!([body["status"], body["completedFiles"], body["failedFiles"], body["progress"], body["completedAt"]])
    };
    assert_eq!(counters(&answer.body), json!(["processing", 1, 0, 50.0, null]));
    server.work().await;
    let body = server.get(&format!("/batch/{id}")).await.body;
    assert_eq!((&body["status"], &body["failedFiles"]), (&json!("partially_failed"), &json!(1)));
}
