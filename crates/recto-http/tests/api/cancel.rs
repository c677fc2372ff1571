//! `POST /batch/:id/cancel`

use serde_json::json;

use crate::server::TestServer;

#[tokio::test]
async fn cancelling_ends_the_batch_and_fails_what_was_not_done() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "b.png"]).await;
    server.work_once().await;
    let answer = server.post(&format!("/batch/{id}/cancel")).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("failed")));
    assert_eq!(answer.body["files"][0]["error"], "cancelled");
    assert!(!server.work_once().await, "no work is left");
}

#[tokio::test]
async fn what_was_done_before_is_kept() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    let answer = server.post(&format!("/batch/{id}/cancel")).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("completed")));
}
