//! What endpoints are told: each of the documented events in the documented envelope.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::form::PNG;
use crate::server::{Answer, TestServer};

const EVENTS: [&str; 8] = [
    "document.uploaded",
    "document.processed",
    "document.failed",
    "batch.uploaded",
    "batch.completed",
    "template.created",
    "template.updated",
    "template.deleted",
];

/// A server that tells an endpoint of everything.
struct Told {
    server: TestServer,
    bodies: mpsc::UnboundedReceiver<Bytes>,
}

impl Told {
    async fn start() -> Self {
        let (sender, bodies) = mpsc::unbounded_channel();
        let take = move |body: Bytes| async move { sender.send(body).unwrap() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
        let server = TestServer::with_sender().await;
        let made = server.new_webhook(&json!({"name": "Ledger", "url": url, "events": EVENTS})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        Self { server, bodies }
    }

    /// The next events, which are so many, by their type. They come in any order.
    async fn next(&mut self, count: usize) -> BTreeMap<String, Value> {
        let mut events = BTreeMap::new();
        for _ in 0..count {
            let body = tokio::time::timeout(std::time::Duration::from_secs(30), self.bodies.recv()).await;
            let event: Value = serde_json::from_slice(&body.expect("an event comes").unwrap()).unwrap();
            self.assert_enveloped(&event);
            events.insert(event["eventType"].as_str().unwrap().to_owned(), event["payload"].clone());
        }
        assert_eq!(events.len(), count, "each once: {:?}", events.keys());
        events
    }

    fn assert_enveloped(&self, event: &Value) {
        let members: Vec<&String> = event.as_object().unwrap().keys().collect();
        assert_eq!(members, ["eventType", "eventId", "timestamp", "organizationId", "projectId", "payload"]);
        let place = (json!(self.server.organization), json!(self.server.project));
        assert_eq!((&event["organizationId"], &event["projectId"]), (&place.0, &place.1));
        let id: Vec<&str> = event["eventId"].as_str().unwrap().split('_').collect();
        let [kind, millis, random] = id[..] else { panic!("{event}") };
        let timestamp: recto_domain::Timestamp = event["timestamp"].as_str().unwrap().parse().unwrap();
        assert_eq!((kind, millis.parse().ok(), random.len()), ("evt", Some(timestamp.as_millis()), 6), "{event}");
    }

    /// Sends one file.
    async fn upload(&self, name: &str) -> Value {
        let form = Form::new().part("file", Part::bytes(PNG).file_name(name.to_owned()));
        let form = form.text("projectId", self.server.project.to_string());
        Answer::of(self.server.call(Method::POST, "/upload").multipart(form)).await.body
    }
}

/// The values of those members.
fn members(payload: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), payload[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn a_single_file_is_told_of_when_it_comes_and_when_it_is_read() {
    let mut told = Told::start().await;
    let upload = told.upload("a.png").await;
    let said = &told.next(1).await["document.uploaded"];
    let names = ["id", "processingHistoryId", "fileName", "fileSize", "mimeType", "status", "templateId", "batchId"];
    let expected = json!({"id": upload["id"], "processingHistoryId": upload["processingHistoryId"],
        "fileName": "a.png", "fileSize": PNG.len(), "mimeType": "image/png", "status": "uploaded",
        "templateId": null, "batchId": null});
    assert_eq!(members(said, &names), expected);

    told.server.work().await;
    let said = &told.next(1).await["document.processed"];
    let expected = json!({"id": upload["id"], "status": "completed", "fields": null, "error": null, "pageCount": 1});
    assert_eq!(members(said, &["id", "status", "fields", "error", "pageCount"]), expected);
    assert_eq!((said.get("pages"), said.get("text")), (None, None), "the record without its pages");
}

#[tokio::test]
async fn a_file_that_could_not_be_read_is_told_of_with_the_reason() {
    let mut told = Told::start().await;
    let upload = told.upload("broken.png").await;
    told.next(1).await;
    told.server.work().await;
    let said = &told.next(1).await["document.failed"];
    let expected = json!({"id": upload["id"], "processingHistoryId": upload["processingHistoryId"],
        "status": "failed", "error": "broken.png is no picture and no PDF"});
    assert_eq!(members(said, &["id", "processingHistoryId", "status", "error"]), expected);
}

#[tokio::test]
async fn a_batch_is_told_of_when_it_comes_and_when_it_ends_in_whatever_way() {
    let mut told = Told::start().await;
    let form = told.server.form().file("a.png", PNG).file("broken.png", PNG);
    let batch = told.server.send(form).await.body;
    assert_eq!(told.next(1).await["batch.uploaded"], batch);
    told.server.work().await;
    let said = told.next(3).await;
    let details = told.server.get(&format!("/batch/{}", batch["id"].as_str().unwrap())).await.body;
    let names = ["id", "status", "progress", "completedFiles", "failedFiles", "uploadIds", "files"];
    assert_eq!(members(&said["batch.completed"], &names), members(&details, &names));
    assert_eq!(details["status"], "partially_failed");
    assert_eq!(said["document.processed"]["batchId"], batch["id"]);
    assert_eq!(said["document.failed"]["id"], batch["uploadIds"][1]);
}

#[tokio::test]
async fn a_template_is_told_of_when_it_is_made_changed_and_deleted() {
    let mut told = Told::start().await;
    let body = json!({"name": "Receipt", "description": "", "templateSchema": {"total": {"type": "number"}},
        "projectId": told.server.project});
    let made = told.server.json(Method::POST, "/templates", body).await.body;
    assert_eq!(told.next(1).await["template.created"], made);
    let path = format!("/templates/{}", made["templateId"].as_str().unwrap());
    let changed = told.server.json(Method::PATCH, &path, json!({"description": "of shops"})).await.body;
    assert_eq!(told.next(1).await["template.updated"], changed);
    assert_eq!(told.server.delete(&path).await.status, 204);
    let said = &told.next(1).await["template.deleted"];
    assert_eq!((&said["templateId"], &said["version"]), (&made["templateId"], &json!(2)));
}
