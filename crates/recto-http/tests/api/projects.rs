//! `/projects`

use insta::assert_json_snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

fn names(list: &Answer) -> Vec<&str> {
    list.body.as_array().unwrap().iter().map(|project| project["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_project_is_made_read_and_changed() {
    let server = TestServer::start().await;
    let body = json!({"name": " Receipts ", "description": "of 2026", "colour": "red"});
    let made = server.json(Method::POST, "/projects", body).await;
    assert_eq!(made.status, 201);
    assert_json_snapshot!(made.tidy());
    let path = format!("/projects/{}", made.body["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.body, made.body);
    assert_eq!(names(&server.get("/projects").await), ["Invoices", "Receipts"]);
    let changed = server.json(Method::PATCH, &path, json!({"name": "Bills"})).await;
    assert_eq!((changed.status, &changed.body["name"]), (200, &json!("Bills")));
    assert_eq!(changed.body["description"], "of 2026");
    assert_eq!(server.get(&path).await.body, changed.body);
}

#[tokio::test]
async fn everything_wrong_with_a_project_is_said() {
    let server = TestServer::start().await;
    let project = format!("/projects/{}", server.project);
    let mut said = Vec::new();
    for (method, path, body) in [
        (Method::POST, "/projects", json!({})),
        (Method::POST, "/projects", json!({"name": "  ", "description": "x".repeat(501)})),
        (Method::POST, "/projects", json!({"name": "x".repeat(101), "description": 7})),
        (Method::POST, "/projects", json!([])),
        (Method::PATCH, &project, json!({"name": "", "isActive": "no"})),
    ] {
        said.push(server.json(method, path, body).await.error(400));
    }
    insta::assert_snapshot!(said.join("\n"));
    Answer::of(server.call(Method::POST, "/projects").body("{}")).await.error(415);
}

#[tokio::test]
async fn a_deactivated_project_takes_no_new_work_and_can_be_read() {
    let server = TestServer::start().await;
    let batch = server.batch(&["a.png", "broken.png"]).await;
    let path = format!("/projects/{}", server.project);
    server.delete(&path).await.error(409);
    server.json(Method::PATCH, &path, json!({"isActive": false})).await.error(409);
    server.work().await;
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(server.delete(&path).await.status, 204, "twice is once");

    assert_eq!(server.get("/projects").await.body, json!([]));
    assert_eq!(server.get(&path).await.body["isActive"], false);
    let said = server.send(server.form().file("b.png", crate::form::PNG)).await.error(400);
    assert_eq!(said, "projectId: the project is inactive and accepts no new work");
    server.post(&format!("/batch/{batch}/retry")).await.error(400);
    assert_eq!(server.get(&format!("/batch/{batch}")).await.status, 200);
    assert_eq!(server.get(&format!("/batch/{batch}/export?format=text")).await.status, 200);

    let again = server.json(Method::PATCH, &path, json!({"isActive": true})).await;
    assert_eq!((again.status, &again.body["isActive"]), (200, &Value::Bool(true)));
    server.batch(&["b.png"]).await;
}

#[tokio::test]
async fn a_project_token_sees_its_project_and_changes_none() {
    let server = TestServer::start().await;
    let sibling = server.sibling_project().await;
    let body = json!({"name": "p", "type": "project", "projectId": server.project,
        "permissions": ["read", "write", "admin"], "scopes": ["*"]});
    let made = server.json(Method::POST, "/tokens", body).await;
    let key = made.body["apiKey"].as_str().unwrap();
    assert_eq!(names(&server.get_with(key, "/projects").await), ["Invoices"]);
    server.get_with(key, &format!("/projects/{sibling}")).await.error(401);
    let own = format!("/projects/{}", server.project);
    assert_eq!(server.get_with(key, &own).await.status, 200);
    server.json_with(key, Method::POST, "/projects", json!({"name": "x"})).await.error(403);
    server.json_with(key, Method::PATCH, &own, json!({"name": "x"})).await.error(403);
    server.json_with(key, Method::DELETE, &own, json!({})).await.error(403);
}

#[tokio::test]
async fn foreign_projects_are_401_and_unknown_ones_404() {
    let server = TestServer::start().await;
    let (_, theirs) = server.foreign().await;
    for (path, status) in [
        (format!("/projects/{theirs}"), 401),
        ("/projects/0123456789abcdef01234567".to_owned(), 404),
        ("/projects/nonsense".to_owned(), 404),
    ] {
        server.get(&path).await.error(status);
        server.json(Method::PATCH, &path, json!({"name": "x"})).await.error(status);
        server.delete(&path).await.error(status);
    }
    Answer::of(server.bare(Method::GET, "/projects")).await.error(401);
}
