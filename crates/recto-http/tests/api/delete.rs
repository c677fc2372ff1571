//! `DELETE /batch/:id`

use reqwest::Method;

use crate::server::{Answer, TestServer};

#[tokio::test]
async fn a_deleted_batch_is_gone_with_its_files() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "b.png"]).await;
    server.work_once().await;
    let answer = Answer::of(server.call(Method::DELETE, &format!("/batch/{id}"))).await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    server.get(&format!("/batch/{id}")).await.error(404);
    Answer::of(server.call(Method::DELETE, &format!("/batch/{id}"))).await.error(404);
    server.assert_nothing_kept().await;
    assert!(!server.work_once().await, "no work is left");
}

#[tokio::test]
async fn nobody_deletes_what_is_not_theirs() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    let (foreign, _) = server.foreign().await;
    let request = server.bare(Method::DELETE, &format!("/batch/{id}")).header("X-API-Key", foreign);
    Answer::of(request).await.error(401);
    Answer::of(server.bare(Method::DELETE, &format!("/batch/{id}"))).await.error(401);
    assert_eq!(server.total().await, 1);
}
