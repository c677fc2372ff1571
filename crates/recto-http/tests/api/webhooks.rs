//! `/webhooks`, `/webhooks/:id`

use insta::{assert_json_snapshot, assert_snapshot};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

/// An endpoint on the public internet that no test calls.
pub const HOOK: &str = "https://8.8.8.8/hook";

impl TestServer {
    pub async fn call_with(&self, key: &str, method: Method, path: &str, body: &Value) -> Answer {
        Answer::of(self.bare(method, path).header("X-API-Key", key).json(body)).await
    }

    pub async fn new_webhook(&self, body: &Value) -> Answer {
        self.call_with(&self.key, Method::POST, "/webhooks", body).await
    }

    pub async fn patch_webhook(&self, id: &str, body: &Value) -> Answer {
        self.call_with(&self.key, Method::PATCH, &format!("/webhooks/{id}"), body).await
    }

    /// An endpoint of the organization; its id.
    pub async fn webhook(&self, url: &str) -> String {
        let made = self.new_webhook(&json!({"name": "Ledger", "url": url, "events": ["batch.uploaded"]})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_new_endpoint_shows_its_secret_once() {
    let server = TestServer::start().await;
    let headers = json!({"Authorization": "Bearer abc", "X-Team": "accounts"});
    let made = server
        .new_webhook(&json!({
            "name": "Ledger", "url": HOOK, "events": ["batch.completed", "document.failed", "batch.completed"],
            "secret": "open sesame", "headers": headers, "description": "For March", "projectId": server.project,
        }))
        .await;
    assert_eq!(made.status, 201);
    assert_json_snapshot!(made.tidy());
    let mut shown = made.body.clone();
    shown.as_object_mut().unwrap().remove("secret");
    let id = shown["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/webhooks/{id}")).await.body, shown);
    assert_eq!(server.get("/webhooks").await.body["data"], json!([shown]));
}

#[tokio::test]
async fn a_secret_is_made_up_when_none_is_sent() {
    let server = TestServer::start().await;
    let made = server.new_webhook(&json!({"name": "x", "url": HOOK, "events": ["batch.completed"]})).await;
    assert_eq!(made.body["secret"].as_str().unwrap().len(), 64);
    assert_eq!(made.body["projectId"], Value::Null);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let server = TestServer::start().await;
    let mut said = Vec::new();
    for body in [
        json!({}),
        json!({"name": "", "url": "hook", "events": [], "secret": "", "description": "d".repeat(501)}),
        json!({"name": 5, "url": 5, "events": "batch.completed", "secret": 5, "headers": []}),
        json!({"name": "x", "url": "ftp://example.com", "events": ["batch.completed", "batch.done", 1]}),
        json!({"name": "x", "url": "https://me:secret@example.com", "events": ["batch.completed"],
               "headers": {"Host": "x", "content-length": "1", "X Y": "z", "Webhook-Id": "1"}}),
    ] {
        said.push(server.new_webhook(&body).await.error(400));
    }
    assert_snapshot!(said.join("\n").replace(" | ", "\n"));
    assert_eq!(server.get("/webhooks").await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn addresses_of_the_operators_own_network_are_refused() {
    let server = TestServer::start().await;
    let id = server.webhook(HOOK).await;
    for url in [
        "http://127.0.0.1:1/x",
        "http://localhost:1/x",
        "http://10.0.0.1/x",
        "http://[::1]/x",
        "http://169.254.169.254/x",
        "http://2130706433/",
        "http://[::ffff:192.168.0.1]/",
        "http://0.0.0.0/",
    ] {
        let made = server.new_webhook(&json!({"name": "x", "url": url, "events": ["batch.completed"]})).await;
        let message = made.error(400);
        assert!(message.starts_with("url must lead to a public address: "), "{url}: {message}");
        server.patch_webhook(&id, &json!({"url": url})).await.error(400);
    }
}

#[tokio::test]
async fn an_endpoint_is_changed_paused_and_resumed() {
    let server = TestServer::start().await;
    let id = server.webhook(HOOK).await;
    let headers = json!({"X-Token": "abc"});
    let changed = server.patch_webhook(&id, &json!({"name": "Books", "headers": headers, "secret": "new"})).await;
    assert_eq!((changed.status, &changed.body["name"], &changed.body["url"]), (200, &json!("Books"), &json!(HOOK)));
    assert_eq!(changed.body["headers"], json!({"X-Token": "***"}));
    assert_eq!(changed.body.get("secret"), None);
    let paused = server.patch_webhook(&id, &json!({"status": "paused"})).await;
    let state = |answer: &Answer| (answer.body["status"].clone(), answer.body["pauseReason"].clone());
    assert_eq!(state(&paused), (json!("paused"), json!("it was paused manually")));
    assert_eq!(state(&server.patch_webhook(&id, &json!({"status": "active"})).await), (json!("active"), json!(null)));
    let wrong = server.patch_webhook(&id, &json!({"status": "asleep", "events": [], "name": " "})).await.error(400);
    let expected = "name must have 1 to 100 characters, not 0 | events must have 1 to 8 entries, not 0 | \
                    status: status must be one of active, paused, not asleep";
    assert_eq!(wrong, expected);
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone() {
    let server = TestServer::start().await;
    let path = format!("/webhooks/{}", server.webhook(HOOK).await);
    assert_eq!(Answer::of(server.call(Method::DELETE, &path)).await.status, 204);
    server.get(&path).await.error(404);
    Answer::of(server.call(Method::DELETE, &path)).await.error(404);
    server.get("/webhooks/0123456789abcdef01234567").await.error(404);
    server.get("/webhooks/nonsense").await.error(404);
}

#[tokio::test]
async fn a_project_token_sees_and_makes_those_of_its_project() {
    let server = TestServer::start().await;
    let whole = server.webhook(HOOK).await;
    let key = server.new_key(server.organization, Some(server.project)).await;
    let body = json!({"name": "x", "url": HOOK, "events": ["batch.completed"]});
    let own = server.call_with(&key, Method::POST, "/webhooks", &body).await;
    assert_eq!((own.status, &own.body["projectId"]), (201, &json!(server.project)));
    let listed = server.get_with(&key, "/webhooks").await.body;
    assert_eq!((&listed["pagination"]["total"], &listed["data"][0]["id"]), (&json!(1), &own.body["id"]));
    server.get_with(&key, &format!("/webhooks/{whole}")).await.error(401);
    let sibling = server.sibling_project().await;
    let mut body = body;
    body["projectId"] = json!(sibling);
    server.call_with(&key, Method::POST, "/webhooks", &body).await.error(401);
    assert_eq!(server.get("/webhooks").await.body["pagination"]["total"], 2);
    assert_eq!(server.get(&format!("/webhooks?projectId={sibling}")).await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn nobody_reaches_what_is_not_theirs() {
    let server = TestServer::start().await;
    let id = server.webhook(HOOK).await;
    let (foreign, theirs) = server.foreign().await;
    for (method, path) in [
        (Method::GET, format!("/webhooks/{id}")),
        (Method::PATCH, format!("/webhooks/{id}")),
        (Method::DELETE, format!("/webhooks/{id}")),
        (Method::POST, format!("/webhooks/{id}/test")),
        (Method::GET, format!("/webhooks/{id}/deliveries")),
    ] {
        server.call_with(&foreign, method, &path, &json!({})).await.error(404);
    }
    assert_eq!(server.get_with(&foreign, "/webhooks").await.body["data"], json!([]));
    let body = json!({"name": "x", "url": HOOK, "events": ["batch.completed"], "projectId": theirs});
    server.new_webhook(&body).await.error(401);
    server.new_webhook(&json!({"name": "x", "projectId": "0123456789abcdef01234567"})).await.error(400);
}
