//! `GET /audit-log`

use insta::assert_json_snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

fn actions(answer: &Answer) -> Vec<&str> {
    let entries = answer.body["data"].as_array().unwrap_or_else(|| panic!("no list: {}", answer.body));
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_done_is_in_the_log_newest_first() {
    let server = TestServer::start().await;
    let request = server.call(Method::POST, "/projects").header("X-Request-Id", "check-42");
    let made = Answer::of(request.json(&json!({"name": "Receipts"}))).await;
    let log = server.get("/audit-log?limit=1").await;
    assert_eq!(log.status, 200);
    assert_json_snapshot!(log.tidy());
    assert_eq!(log.body["data"][0]["objectId"], made.body["id"]);
    let before = ["project.created", "token.created", "project.created", "organization.created"];
    assert_eq!(actions(&server.get("/audit-log").await), before);
}

#[tokio::test]
async fn every_change_of_a_token_a_project_and_a_batch_is_an_entry() {
    let server = TestServer::start().await;
    let body = json!({"name": "t", "type": "organization", "permissions": ["read"], "scopes": ["*"]});
    let token = server.json(Method::POST, "/tokens", body).await.body;
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    Answer::of(server.bare(Method::POST, "/auth/login").json(&json!({"token": token["apiKey"]}))).await;
    server.json(Method::PATCH, &path, json!({"name": "u"})).await;
    server.json(Method::PATCH, &path, json!({"name": "u"})).await;
    server.post(&format!("{path}/regenerate")).await;
    server.delete(&path).await;
    server.delete(&path).await;
    let of_token = server.get(&format!("/audit-log?objectId={}", token["id"].as_str().unwrap())).await;
    let expected = ["token.revoked", "token.regenerated", "token.updated", "token.signed_in", "token.created"];
    assert_eq!(actions(&of_token), expected);
    assert_eq!(of_token.body["data"][3]["tokenId"], token["id"], "a sign-in is the token's own act");

    let batch = server.batch(&["a.png"]).await;
    server.post(&format!("/batch/{batch}/cancel")).await;
    server.post(&format!("/batch/{batch}/cancel")).await;
    server.post(&format!("/batch/{batch}/retry")).await;
    server.delete(&format!("/batch/{batch}")).await;
    let of_batch = server.get(&format!("/audit-log?objectId={batch}")).await;
    assert_eq!(actions(&of_batch), ["batch.deleted", "batch.retried", "batch.cancelled", "batch.uploaded"]);

    server.delete(&format!("/projects/{}", server.project)).await;
    let of_project = server.get(&format!("/audit-log?objectId={}", server.project)).await;
    assert_eq!(actions(&of_project), ["project.updated", "project.created"]);
}

#[tokio::test]
async fn a_refused_change_is_no_entry() {
    let server = TestServer::start().await;
    server.batch(&["a.png"]).await;
    let before = server.get("/audit-log").await.body["pagination"]["total"].clone();
    server.delete(&format!("/projects/{}", server.project)).await.error(409);
    server.json(Method::POST, "/projects", json!({})).await.error(400);
    assert_eq!(server.get("/audit-log").await.body["pagination"]["total"], before);
}

#[tokio::test]
async fn the_log_is_filtered() {
    let server = TestServer::start().await;
    let sibling = server.sibling_project().await;
    let total = async |query: &str| {
        let answer = server.get(&format!("/audit-log?{query}")).await;
        answer.body["pagination"]["total"].as_u64().unwrap_or_else(|| panic!("no list: {}", answer.body))
    };
    assert_eq!(total("action=project.created").await, 2);
    assert_eq!(total(&format!("projectId={sibling}")).await, 1);
    assert_eq!(total("since=2020-01-01T00:00:00Z&action=token.created").await, 1);
    assert_eq!(total("since=2100-01-01T00:00:00Z").await, 0);
    let said = server.get("/audit-log?action=dancing&since=soon&limit=101").await.error(400);
    insta::assert_snapshot!(said.replace(" | ", "\n"), @r"
    limit must be a whole number from 1 to 100, not 101
    action must be one of organization.created, project.created, project.updated, token.created, token.updated, token.regenerated, token.revoked, token.signed_in, token.sign_in_failed, template.created, template.updated, template.deleted, template_file.added, template_file.deleted, batch.uploaded, batch.cancelled, batch.retried, batch.deleted, document.uploaded, document.deleted, record.retried, record.updated, webhook.created, webhook.updated, webhook.deleted, webhook.tested, webhook.redelivered, not dancing
    since: a time must have the form 2026-03-31T10:00:00.000Z, not soon
    ");
}

#[tokio::test]
async fn the_log_takes_admin_over_everything_and_a_project_token_sees_its_part() {
    let server = TestServer::start().await;
    let sibling = server.sibling_project().await;
    let (foreign, theirs) = server.foreign().await;
    let key = async |kind: &str, permissions: Value, scopes: Value| {
        let project = if kind == "project" { json!(server.project) } else { Value::Null };
        let body = json!({"name": "t", "type": kind, "projectId": project, "permissions": permissions,
            "scopes": scopes});
        server.json(Method::POST, "/tokens", body).await.body["apiKey"].as_str().unwrap().to_owned()
    };
    let writer = key("organization", json!(["read", "write"]), json!(["*"])).await;
    let keeper = key("organization", json!(["admin"]), json!(["tokens", "projects"])).await;
    let of_project = key("project", json!(["admin"]), json!(["*"])).await;
    server.get_with(&writer, "/audit-log").await.error(403);
    server.get_with(&keeper, "/audit-log").await.error(403);
    assert_eq!(actions(&server.get_with(&of_project, "/audit-log").await), ["token.created", "project.created"]);
    server.get_with(&of_project, &format!("/audit-log?projectId={sibling}")).await.error(401);
    server.get(&format!("/audit-log?projectId={theirs}")).await.error(401);
    assert_eq!(server.get_with(&foreign, "/audit-log").await.body["pagination"]["total"], 3);
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        Answer::of(server.call(method, "/audit-log")).await.error(405);
    }
}
