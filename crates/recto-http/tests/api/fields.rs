//! The fields of a template, from what was found to what is shown.

use reqwest::Method;
use serde_json::json;

use crate::server::TestServer;

#[tokio::test]
async fn the_fields_that_are_found_show_in_records_and_exports() {
    let server = TestServer::start().await;
    let body = json!({"name": "Receipt", "description": "", "projectId": server.project.to_string(),
        "templateSchema": {"total": {"type": "number"}}});
    let template = server.json(Method::POST, "/templates", body).await.body["id"].as_str().unwrap().to_owned();
    let batch = server.send(server.form().file("paid.png", crate::form::PNG).field("templateId", template)).await.body;
    let record = format!("/processing-history/{}", batch["processingHistoryIds"][0].as_str().unwrap());
    assert!(server.work_once().await && server.work_once().await, "it is opened and its page read");
    let read = server.get(&record).await.body;
    assert_eq!((&read["status"], &read["fields"]), (&json!("in_progress"), &json!({"total": null})));
    server.work().await;
    let done = server.get(&record).await.body;
    assert_eq!((&done["status"], &done["fields"]), (&json!("completed"), &json!({"total": 12.5})));
    assert_eq!((&done["needsReview"], &done["fieldDetails"]["total"]["source"]), (&json!(true), &json!("rules")));
    let list = server.get(&format!("/processing-history?projectId={}", server.project)).await.body;
    assert_eq!((&list["data"][0]["fields"], &list["data"][0]["needsReview"]), (&done["fields"], &json!(true)));
    let path = format!("/batch/{}/export", batch["id"].as_str().unwrap());
    let json = server.get(&format!("{path}?format=json")).await.body;
    assert_eq!(json["documents"][0]["fields"], json!({"total": 12.5}));
    let csv = server.get(&format!("{path}?format=csv")).await;
    assert_eq!(csv.bytes, b"fileName,status,pages,confidence,total\r\npaid.png,completed,1,0.9,12.5\r\n");
}
