//! `Idempotency-Key` on `POST /batch/upload`

use reqwest::Method;
use serde_json::json;

use crate::form::{PNG, Upload};
use crate::server::{Answer, TestServer, eventually};

async fn send(server: &TestServer, api_key: &str, key: &str, form: Upload) -> Answer {
    let request = server.bare(Method::POST, "/batch/upload").header("X-API-Key", api_key);
    Answer::of(request.header("Idempotency-Key", key).multipart(form.into_form())).await
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer_and_keeps_nothing_twice() {
    let server = TestServer::start().await;
    let form = || server.form().file("a.png", PNG).field("name", "Once");
    let first = send(&server, &server.key, "k1", form()).await;
    assert_eq!(first.status, 201);
    server.work().await;
    // Another boundary, the fields in another order, and the batch has ended meanwhile.
    let reordered =
        Upload::new().field("name", "Once").file("a.png", PNG).field("projectId", server.project.to_string());
    let again = send(&server, &server.key, "k1", reordered).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(server.total().await, 1);
    eventually("one blob is left", || server.blobs().len() == 1).await;
}

#[tokio::test]
async fn the_same_key_for_something_else_is_409() {
    let server = TestServer::start().await;
    let form = || server.form().field("name", "Once");
    assert_eq!(send(&server, &server.key, "k1", form().file("a.png", PNG)).await.status, 201);
    send(&server, &server.key, "k1", form().file("a.png", "other bytes")).await.error(409);
    send(&server, &server.key, "k1", form().file("b.png", PNG)).await.error(409);
    send(&server, &server.key, "k1", form().file("a.png", PNG).field("pages", "1")).await.error(409);
    send(&server, &server.key, "k1", form().file("a.png", PNG).field("metadata", "{}")).await.error(409);
    assert_eq!(server.total().await, 1);
    eventually("one blob is left", || server.blobs().len() == 1).await;
}

#[tokio::test]
async fn the_first_answer_stands_when_what_it_names_is_gone() {
    let server = TestServer::start().await;
    let schema = json!({"total": {"type": "number"}});
    let template = json!({"name": "T", "description": "", "templateSchema": schema, "projectId": server.project});
    let template = server.json(Method::POST, "/templates", template).await.body["templateId"].clone();
    let template = template.as_str().expect("a template has an id");
    let form = || server.form().file("a.png", PNG).field("templateId", template);
    let first = send(&server, &server.key, "k", form()).await;
    assert_eq!(first.status, 201, "{}", first.body);
    server.work().await;
    let (templates, projects) = (format!("/templates/{template}"), format!("/projects/{}", server.project));
    assert_eq!(server.json(Method::PATCH, &templates, json!({"isActive": false})).await.status, 200);
    assert_eq!(send(&server, &server.key, "k", form()).await.body, first.body);
    assert_eq!(server.delete(&templates).await.status, 204);
    assert_eq!(send(&server, &server.key, "k", form()).await.body, first.body);
    assert_eq!(server.delete(&projects).await.status, 204);
    assert_eq!(send(&server, &server.key, "k", form()).await.body, first.body);
    // What is new is refused as ever, with all that is wrong, and what came with it is not kept.
    let refused = send(&server, &server.key, "k2", form()).await.error(400);
    let why = "projectId: the project is inactive and accepts no new work";
    assert_eq!(refused, format!("{why} | templateId: there is no template {template}"));
    send(&server, &server.key, "k", form().field("name", "other")).await.error(409);
    eventually("one blob is left", || server.blobs().len() == 1).await;
}

#[tokio::test]
async fn a_project_token_may_name_its_project_or_not() {
    let server = TestServer::start().await;
    let key = server.new_key(server.organization, Some(server.project)).await;
    let first = send(&server, &key, "k", Upload::new().file("a.png", PNG)).await;
    let named = send(&server, &key, "k", server.form().file("a.png", PNG)).await;
    assert_eq!((named.status, named.body), (201, first.body));
}

#[tokio::test]
async fn another_token_has_keys_of_its_own() {
    let server = TestServer::start().await;
    let other = server.new_key(server.organization, None).await;
    let first = send(&server, &server.key, "k1", server.form().file("a.png", PNG)).await;
    let second = send(&server, &other, "k1", server.form().file("a.png", PNG)).await;
    assert_eq!(second.status, 201);
    assert_ne!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn of_two_at_once_one_makes_the_batch() {
    let server = TestServer::start().await;
    let form = || server.form().file("a.png", PNG);
    let (a, b) = tokio::join!(send(&server, &server.key, "k", form()), send(&server, &server.key, "k", form()));
    assert_eq!((a.status, b.status), (201, 201));
    assert_eq!(a.body, b.body);
    assert_eq!(server.total().await, 1);
}

#[tokio::test]
async fn a_key_has_1_to_255_characters() {
    let server = TestServer::start().await;
    let form = || server.form().file("a.png", PNG);
    assert_eq!(send(&server, &server.key, &"k".repeat(255), form()).await.status, 201);
    let message = send(&server, &server.key, &"k".repeat(256), form()).await.error(400);
    assert_eq!(message, "Idempotency-Key must have 1 to 255 characters, not 256");
}
