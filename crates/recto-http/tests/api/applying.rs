//! `POST /templates/:id/apply`

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

async fn template(server: &TestServer, schema: Value) -> String {
    let body = json!({"name": "Note", "description": "", "templateSchema": schema, "projectId": server.project});
    server.json(Method::POST, "/templates", body).await.body["templateId"].as_str().unwrap().to_owned()
}

async fn noted(server: &TestServer, who: &str) -> (String, String) {
    let sent = server.send(server.form().file(&format!("note {who}"), "x")).await;
    server.work().await;
    let id = sent.body["processingHistoryIds"][0].as_str().unwrap().to_owned();
    (sent.body["id"].as_str().unwrap().to_owned(), id)
}

async fn apply(server: &TestServer, template: &str, body: Value) -> Answer {
    server.json(Method::POST, &format!("/templates/{template}/apply"), body).await
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_found_and_changes_nothing() {
    let server = TestServer::start().await;
    let who = json!({"who": {"type": "string", "find": {"labels": ["At the wheel"]}}});
    let id = template(&server, json!({"other": {"type": "string"}})).await;
    let (batch, record) = noted(&server, "Ms Dee").await;
    let path = format!("/processing-history/{record}");
    let before = server.get(&path).await.body["updatedAt"].clone();
    for to in [json!({"records": [record]}), json!({"batchId": batch})] {
        let mut body = json!({"dryRun": true, "templateSchema": who});
        body.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
        let tried = apply(&server, &id, body).await;
        assert_eq!(tried.status, 200, "{}", tried.body);
        let found = &tried.body["found"][0];
        assert_eq!((&found["fields"], &found["changed"]), (&json!({"who": "Ms Dee"}), &json!(["who"])), "{found}");
        assert!(found["fieldDetails"]["who"]["bbox"].is_array(), "{found}");
        assert_eq!(tried.body["recordIds"], json!([record]));
    }
    let after = server.get(&path).await.body;
    assert_eq!((&after["updatedAt"], &after["fields"]), (&before, &Value::Null));
}

#[tokio::test]
async fn an_applied_template_is_what_the_record_is_read_with_and_corrections_of_it_stay() {
    let server = TestServer::start().await;
    let id = template(&server, json!({"total": {"type": "number"}})).await;
    let (batch, record) = noted(&server, "Ms Dee").await;
    let applied = apply(&server, &id, json!({"batchId": batch})).await;
    assert_eq!((applied.status, &applied.body["recordIds"]), (200, &json!([record])), "{}", applied.body);
    let path = format!("/processing-history/{record}");
    assert_eq!(server.get(&path).await.body["status"], "queued");
    server.work().await;
    let read = server.get(&path).await.body;
    assert_eq!((&read["status"], &read["templateId"]), (&json!("completed"), &json!(id)));
    assert!(read["fieldDetails"].get("total").is_some() && !read["pages"].as_array().unwrap().is_empty(), "{read}");
    server.json(Method::PATCH, &path, json!({"fields": {"total": 7}})).await;
    apply(&server, &id, json!({"records": [record]})).await;
    server.work().await;
    assert_eq!(server.get(&path).await.body["fields"]["total"], json!(7));
    let other = template(&server, json!({"total": {"type": "string"}})).await;
    apply(&server, &other, json!({"records": [record]})).await;
    server.work().await;
    assert_eq!(server.get(&path).await.body["fields"]["total"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_applied_is_said_and_nothing_changes() {
    let server = TestServer::start().await;
    let id = template(&server, json!({"total": {"type": "number"}})).await;
    let (_, record) = noted(&server, "Ms Dee").await;
    let nowhere = "0123456789abcdef01234567";
    for (body, told) in [
        (json!({}), "either records or batchId"),
        (json!({"records": [record, nowhere]}), "the template's project has no completed record"),
        (json!({"records": [record], "templateSchema": {"a": {"type": "string"}}}), "only allowed in a dry run"),
        (
            json!({"records": [record], "dryRun": true, "templateSchema": {"a": {"type": "colour"}}}),
            "templateSchema.a.type must be one of",
        ),
        (json!({"records": "x"}), "records"),
    ] {
        let message = apply(&server, &id, body.clone()).await.error(400);
        assert!(message.contains(told), "{body}: {message}");
    }
    assert_eq!(server.get(&format!("/processing-history/{record}")).await.body["templateId"], Value::Null);
}
