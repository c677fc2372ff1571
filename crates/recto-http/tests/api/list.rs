//! `GET /batch`

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

async fn list(server: &TestServer, query: &str) -> Answer {
    server.get(&format!("/batch?projectId={}{query}", server.project)).await
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.body["data"].as_array().unwrap().iter().map(|batch| batch["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_has_the_published_fields_and_pagination() {
    let server = TestServer::start().await;
    server.send(server.form().field("name", "March").file("a.png", crate::form::PNG)).await;
    server.work().await;
    let answer = list(&server, "&status=completed&page=1&limit=20").await;
    assert_eq!(answer.status, 200);
    assert_json_snapshot!(answer.tidy());
}

#[tokio::test]
async fn pages_add_up_newest_first() {
    let server = TestServer::start().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, server.batch(&["a.png"]).await);
    }
    let page = async |n: u32| list(&server, &format!("&limit=2&page={n}")).await;
    let pages = [page(1).await, page(2).await, page(3).await, page(4).await];
    let listed: Vec<&str> = pages.iter().flat_map(ids).collect();
    assert_eq!(listed, made);
    assert_eq!(pages[1].body["pagination"], json!({"page": 2, "limit": 2, "total": 5, "pages": 3}));
    assert_eq!(pages[3].body["data"], json!([]));
    assert_eq!(list(&server, "").await.body["pagination"]["limit"], 20);
}

#[tokio::test]
async fn a_list_is_filtered_by_status() {
    let server = TestServer::start().await;
    let done = server.batch(&["a.png"]).await;
    let partly = server.batch(&["a.png", "broken.png"]).await;
    let failed = server.batch(&["broken.png"]).await;
    server.work().await;
    let waiting = server.batch(&["a.png"]).await;
    for (status, batch) in
        [("completed", done), ("partially_failed", partly), ("failed", failed), ("processing", waiting)]
    {
        assert_eq!(ids(&list(&server, &format!("&status={status}")).await), [batch], "{status}");
    }
    assert_eq!(list(&server, "&status=uploading").await.body["data"], json!([]));
}

#[tokio::test]
async fn a_list_can_be_polled_for_what_changed() {
    let server = TestServer::start().await;
    let old = server.batch(&["a.png"]).await;
    server.work().await;
    let since = server.get(&format!("/batch/{old}")).await.body["updatedAt"].clone();
    let since = since.as_str().unwrap();
    assert_eq!(list(&server, &format!("&updatedSince={since}")).await.body["pagination"]["total"], 1);
    assert_eq!(list(&server, "&updatedSince=2100-01-01T00:00:00.000Z").await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn what_is_out_of_range_is_400() {
    let server = TestServer::start().await;
    let mut said = Vec::new();
    for query in [
        "&status=nonsense",
        "&limit=0",
        "&limit=101",
        "&limit=-1",
        "&page=0",
        "&page=x",
        "&page=1.5",
        "&updatedSince=soon",
        "&page=0&limit=0",
        "&page=1&page=2",
    ] {
        said.push(format!("{query}: {}", list(&server, query).await.error(400)));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test]
async fn an_organization_token_names_a_project_it_may_see() {
    let server = TestServer::start().await;
    let (_, theirs) = server.foreign().await;
    server.get("/batch").await.error(400);
    server.get("/batch?projectId=").await.error(400);
    server.get("/batch?projectId=0123456789abcdef01234567").await.error(400);
    server.get(&format!("/batch?projectId={theirs}")).await.error(401);
}

#[tokio::test]
async fn a_project_token_sees_its_project_only() {
    let server = TestServer::start().await;
    server.batch(&["a.png"]).await;
    let sibling = server.sibling_project().await;
    let key = server.new_key(server.organization, Some(sibling)).await;
    assert_eq!(server.get_with(&key, "/batch").await.body["pagination"]["total"], 0);
    assert_eq!(server.get_with(&key, &format!("/batch?projectId={sibling}")).await.status, 200);
    server.get_with(&key, &format!("/batch?projectId={}", server.project)).await.error(401);
    let empty: Value = json!({"data": [], "pagination": {"page": 1, "limit": 20, "total": 0, "pages": 0}});
    assert_eq!(server.get_with(&key, "/batch").await.body, empty);
}
