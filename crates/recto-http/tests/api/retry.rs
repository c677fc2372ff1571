//! `POST /batch/:id/retry`

use serde_json::{Value, json};

use crate::server::TestServer;

#[tokio::test]
async fn retrying_keeps_what_was_read_and_tries_the_rest_again() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "broken.png"]).await;
    server.work().await;
    let answer = server.post(&format!("/batch/{id}/retry")).await;
    assert_eq!(answer.status, 200);
    let counters = |body: &Value| {
        json!([body["status"], body["completedFiles"], body["failedFiles"], body["progress"], body["completedAt"]])
    };
    assert_eq!(counters(&answer.body), json!(["processing", 1, 0, 50.0, null]));
    assert_eq!(answer.body["retried"]["message"], "queued: 1 file to be read again");
    server.work().await;
    let body = server.get(&format!("/batch/{id}")).await.body;
    assert_eq!((&body["status"], &body["failedFiles"]), (&json!("partially_failed"), &json!(1)));
}

#[tokio::test]
async fn retrying_what_has_not_failed_says_that_nothing_was_done() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    let retried = |body: &Value| {
        let retried = &body["retried"];
        let message = retried["message"].as_str().unwrap().to_owned();
        (json!([retried["files"], retried["pages"], retried["searches"]]), message)
    };
    let nothing = json!([0, 0, 0]);
    let answer = server.post(&format!("/batch/{id}/retry")).await;
    let (queued, message) = retried(&answer.body);
    assert_eq!((answer.status, &queued), (200, &nothing));
    assert!(message.contains("still being read"), "{message}");
    server.work().await;
    let record = server.get(&format!("/batch/{id}")).await.body["processingHistoryIds"][0].clone();
    for path in [format!("/batch/{id}/retry"), format!("/processing-history/{}/retry", record.as_str().unwrap())] {
        let answer = server.post(&path).await;
        let (queued, message) = retried(&answer.body);
        assert_eq!((answer.status, &queued, &answer.body["status"]), (200, &nothing, &json!("completed")), "{path}");
        assert!(message.starts_with("nothing was queued again, because nothing failed"), "{message}");
    }
}
