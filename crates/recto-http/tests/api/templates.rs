//! `/templates`

use insta::{assert_json_snapshot, assert_snapshot};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

fn receipt(server: &TestServer) -> Value {
    json!({
        "name": "Receipt",
        "description": "shop receipts",
        "projectId": server.project.to_string(),
        "templateSchema": {"total": {"type": "number", "description": "Total amount"}},
    })
}

async fn create(server: &TestServer, body: &Value) -> Answer {
    Answer::of(server.call(Method::POST, "/templates").json(body)).await
}

async fn change(server: &TestServer, method: Method, id: &str, body: &Value) -> Answer {
    Answer::of(server.call(method, &format!("/templates/{id}")).json(body)).await
}

async fn made(server: &TestServer) -> String {
    let answer = create(server, &receipt(server)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["templateId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_template_comes_back_as_it_was_sent() {
    let server = TestServer::start().await;
    let answer = create(&server, &receipt(&server)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["id"], answer.body["templateId"]);
    assert_json_snapshot!(answer.tidy());
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/templates/{id}")).await.body, answer.body);
    assert_eq!(server.get("/templates").await.body, json!([answer.body]));
}

#[tokio::test]
async fn both_forms_of_a_schema_are_kept() {
    let server = TestServer::start().await;
    let nested = json!({"type": "object", "properties": {"a": {"type": "date"}}, "required": ["a"]});
    let body = json!({"name": "x", "description": "", "projectId": server.project.to_string(),
        "templateSchema": nested});
    assert_eq!(create(&server, &body).await.body["templateSchema"], nested);
}

#[tokio::test]
async fn everything_wrong_with_a_template_is_said_at_once() {
    let server = TestServer::start().await;
    let wrong = json!({"name": "", "templateSchema": {"a": {"type": "colour"}}, "extractionMode": "guess",
        "resultFormat": "rtf", "isActive": "yes"});
    let said = [
        create(&server, &wrong).await.error(400),
        create(&server, &json!({})).await.error(400),
        create(
            &server,
            &json!({"name": "x", "description": "x", "projectId": server.project.to_string(),
            "templateSchema": {}}),
        )
        .await
        .error(400),
    ];
    assert_snapshot!(said.join("\n").replace(" | ", "\n"));
}

#[tokio::test]
async fn a_change_of_what_it_says_is_a_new_version() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let changed = change(&server, Method::PATCH, &id, &json!({"description": "better"})).await;
    assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)));
    assert_eq!(changed.body["templateSchema"]["total"]["type"], "number");
    let same = change(&server, Method::PATCH, &id, &json!({"description": "better", "isActive": false})).await;
    assert_eq!((&same.body["version"], &same.body["isActive"]), (&json!(2), &json!(false)));
    let versions = server.get(&format!("/templates/{id}/versions")).await.body;
    assert_eq!(versions.as_array().unwrap().len(), 2);
    assert_eq!((&versions[0]["version"], &versions[1]["description"]), (&json!(2), &json!("shop receipts")));
    let replaced = change(&server, Method::PUT, &id, &receipt(&server)).await;
    assert_eq!(replaced.body["version"], 3);
    change(&server, Method::PUT, &id, &json!({"name": "half"})).await.error(400);
}

#[tokio::test]
async fn a_template_sent_as_inactive_is_made_so_and_not_changed() {
    let server = TestServer::start().await;
    let mut body = receipt(&server);
    body["isActive"] = false.into();
    let made = create(&server, &body).await;
    assert_eq!((made.status, &made.body["isActive"], &made.body["version"]), (201, &json!(false), &json!(1)));
    assert_eq!(server.get("/audit-log?action=template.created").await.body["pagination"]["total"], 1);
    assert_eq!(server.get("/audit-log?action=template.updated").await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn a_deleted_template_is_gone_and_its_records_keep_it() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let form = server.form().file("a.png", crate::form::PNG).field("templateId", id.clone());
    let batch = server.send(form).await;
    assert_eq!((batch.status, &batch.body["templateName"]), (201, &json!("Receipt")));
    assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/templates/{id}"))).await.status, 204);
    server.get(&format!("/templates/{id}")).await.error(404);
    assert_eq!(server.get("/templates").await.body, json!([]));
    server.work().await;
    let record = batch.body["processingHistoryIds"][0].as_str().unwrap();
    let record = server.get(&format!("/processing-history/{record}")).await.body;
    assert_eq!((&record["status"], &record["templateName"]), (&json!("completed"), &json!("Receipt")));
    assert_eq!((&record["templateVersion"], &record["fields"]), (&json!(1), &json!({"total": null})));
    let form = server.form().file("a.png", crate::form::PNG).field("templateId", id);
    server.send(form).await.error(400);
}

#[tokio::test]
async fn a_batch_takes_only_templates_that_fit() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let other = server.sibling_project().await;
    let form = |project: String, template: &str| {
        crate::form::Upload::new()
            .file("a.png", crate::form::PNG)
            .field("projectId", project)
            .field("templateId", template.to_owned())
    };
    assert!(server.send(form(other.to_string(), &id)).await.error(400).contains("another project"));
    server.send(form(server.project.to_string(), "nonsense")).await.error(400);
    change(&server, Method::PATCH, &id, &json!({"isActive": false})).await;
    assert!(server.send(form(server.project.to_string(), &id)).await.error(400).contains("not active"));
    let (key, project) = server.foreign().await;
    let foreign = form(project.to_string(), &id).into_form();
    Answer::of(server.bare(Method::POST, "/batch/upload").header("X-API-Key", key).multipart(foreign)).await.error(401);
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn examples_are_kept_with_their_right_values() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let path = format!("/templates/{id}/data-files");
    let form = Form::new()
        .part("file", Part::bytes(crate::form::PNG).file_name("März.png"))
        .text("fields", r#"{"total": 12.5}"#);
    let added = Answer::of(server.call(Method::POST, &path).multipart(form)).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!((&added.body["fileName"], &added.body["fields"]), (&json!("März.png"), &json!({"total": 12.5})));
    assert_eq!(server.get(&path).await.body, json!([added.body]));
    let one = format!("{path}/{}", added.body["id"].as_str().unwrap());
    let file = server.get(&one).await;
    assert_eq!((file.bytes.as_slice(), file.header("content-type")), (crate::form::PNG, "image/png"));
    assert!(file.header("content-disposition").starts_with("attachment;"));
    assert_eq!(Answer::of(server.call(Method::DELETE, &one)).await.status, 204);
    server.get(&one).await.error(404);
    crate::server::eventually("the example is gone", || server.blobs().is_empty()).await;
}
