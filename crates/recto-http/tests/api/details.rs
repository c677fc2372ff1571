//! `GET /batch/:id`

use insta::assert_json_snapshot;
use serde_json::json;

use crate::server::{TestServer, tidy};

#[tokio::test]
async fn details_tell_of_every_file_and_page() {
    let server = TestServer::start().await;
    let id = server.batch(&["two.png", "two-bad.png", "broken.png"]).await;
    server.work().await;
    let answer = server.get(&format!("/batch/{id}")).await;
    assert_eq!((answer.status, &answer.body["id"]), (200, &json!(id)));
    assert_json_snapshot!(answer.tidy());
}

#[tokio::test]
async fn progress_counts_files_that_ended() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "b.png", "c.png"]).await;
    let mut seen = Vec::new();
    loop {
        let body = server.get(&format!("/batch/{id}")).await.body;
        let now = (body["status"].as_str().unwrap().to_owned(), body["progress"].as_f64().unwrap());
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        if !server.work_once().await {
            break;
        }
    }
    let expected = [("processing", 0.0), ("processing", 33.33), ("processing", 66.67), ("completed", 100.0)];
    assert_eq!(seen, expected.map(|(status, progress)| (status.to_owned(), progress)));
}

#[tokio::test]
async fn a_batch_whose_files_all_failed_has_failed() {
    let server = TestServer::start().await;
    let id = server.batch(&["broken.pdf"]).await;
    server.work().await;
    let body = server.get(&format!("/batch/{id}")).await.body;
    assert_eq!((&body["status"], &body["failedFiles"]), (&json!("failed"), &json!(1)));
    assert_eq!(body["files"][0]["error"], "broken.pdf is no picture and no PDF");
}

#[tokio::test]
async fn unknown_batches_are_404_and_foreign_ones_401() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    let (foreign, _) = server.foreign().await;
    let sibling = server.sibling_project().await;
    let of_sibling = server.new_key(server.organization, Some(sibling)).await;
    for unknown in ["0123456789abcdef01234567", "%2e%2e%2fetc", "%ff", "x"] {
        let answer = server.get(&format!("/batch/{unknown}")).await;
        answer.error(404);
        assert_eq!(answer.body["error"], "Not Found");
    }
    for tail in ["", "/export?format=json", "/events"] {
        let path = format!("/batch/{id}{tail}");
        server.get_with(&foreign, &path).await.error(401);
        server.get_with(&of_sibling, &path).await.error(401);
        server.get_with("ocr_wrong", &path).await.error(401);
        server.get(&format!("/batch/0123456789abcdef01234567{tail}")).await.error(404);
    }
    for tail in ["retry", "cancel"] {
        server.post(&format!("/batch/0123456789abcdef01234567/{tail}")).await.error(404);
    }
}

#[tokio::test]
async fn the_first_answer_and_the_details_agree() {
    let server = TestServer::start().await;
    let sent = server.send(server.form().file("a.png", crate::form::PNG)).await;
    let id = sent.body["id"].as_str().unwrap();
    assert_eq!(tidy(&server.get(&format!("/batch/{id}")).await.body), sent.tidy());
}
