//! `/search`

use serde_json::json;

use crate::server::{Answer, TestServer};

async fn search(server: &TestServer, query: &str) -> Answer {
    server.get(&format!("/search?projectId={}{query}", server.project)).await
}

#[tokio::test]
async fn a_page_is_found_with_its_place_and_the_text_around_it() {
    let server = TestServer::start().await;
    let batch = server.batch(&["two.png"]).await;
    server.work().await;
    let one = search(&server, "&q=invoice&limit=1").await.body;
    let hit = &one["data"][0];
    assert_eq!(one["pagination"], json!({"page": 1, "limit": 1, "total": 2, "pages": 2}));
    assert_eq!((&hit["fileName"], &hit["page"], &hit["batchId"]), (&json!("two.png"), &json!(1), &json!(batch)));
    assert_eq!(one["isComplete"], json!(true));
    assert_eq!(hit["hits"], json!([{"text": "Invoice", "boxes": [[72.0, 72.0, 60.0, 12.0]]}]));
    assert_eq!(hit["excerpt"], json!([{"text": "Invoice", "isHit": true}]));
    let picture = hit["imageUrl"].as_str().unwrap();
    let picture = if picture.starts_with('/') {
        let root = server.base.split("/v1/").next().unwrap();
        format!("{root}{picture}")
    } else {
        picture.to_owned()
    };
    assert_eq!(server.client.get(picture).send().await.unwrap().status(), 200);
    let record = hit["recordId"].as_str().unwrap();
    assert_ne!(search(&server, &format!("&q=invoice&recordId={record}")).await.body["pagination"]["total"], json!(0));
    let nobody = "&q=invoice&recordId=0123456789abcdef01234567";
    assert_eq!(search(&server, nobody).await.body["pagination"]["total"], json!(0));
}

#[tokio::test]
async fn what_is_no_search_is_said_at_once() {
    let server = TestServer::start().await;
    for (query, told) in [
        ("", "q must not be empty"),
        ("&q=%22*%22", "q: it must contain a word or a number"),
        ("&q=a%20b%20c%20d%20e%20f%20g%20h%20i%20j%20k%20l%20m%20n%20o%20p%20q", "at most 16 words"),
        ("&q=a&recordId=7", "recordId: "),
        ("&q=a&limit=0", "limit must be a whole number from 1 to 100"),
    ] {
        let message = search(&server, query).await.error(400);
        assert!(message.contains(told), "{query}: {message}");
    }
    let long = format!("&q={}", "a".repeat(201));
    assert!(search(&server, &long).await.error(400).contains("at most 200 characters"));
}

#[tokio::test]
async fn what_is_deleted_is_not_found_any_more() {
    let server = TestServer::start().await;
    let batch = server.batch(&["two.png"]).await;
    server.work().await;
    assert_ne!(search(&server, "&q=invoice").await.body["pagination"]["total"], json!(0));
    server.call(reqwest::Method::DELETE, &format!("/batch/{batch}")).send().await.unwrap();
    assert_eq!(search(&server, "&q=invoice").await.body["pagination"]["total"], json!(0));
}
