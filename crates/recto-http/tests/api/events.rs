//! `GET /batch/:id/events`

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;

use crate::server::TestServer;

/// A client that listens.
struct Listener {
    response: Response,
    read: String,
}

impl Listener {
    async fn open(server: &TestServer, id: &str) -> Self {
        let response = server.call(Method::GET, &format!("/batch/{id}/events")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, read: String::new() }
    }

    /// The next event: its name and its data. `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
                let told = (field("event:").to_owned(), serde_json::from_str(field("data:")).unwrap());
                return Some(told);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk()).await.unwrap();
            self.read.push_str(std::str::from_utf8(&chunk.unwrap()?).unwrap());
        }
    }
}

#[tokio::test]
async fn progress_comes_at_once_and_on_changes_and_then_the_end() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "b.png"]).await;
    let mut listener = Listener::open(&server, &id).await;
    let (name, first) = listener.next().await.unwrap();
    assert_eq!((name.as_str(), &first["status"]), ("progress", &"processing".into()));
    assert_eq!(first, server.get(&format!("/batch/{id}")).await.body);

    server.work_once().await;
    let (name, second) = listener.next().await.unwrap();
    assert_eq!((name.as_str(), &second["files"][0]["status"]), ("progress", &"in_progress".into()));

    server.work().await;
    let mut names = Vec::new();
    let mut last = Value::Null;
    while let Some((name, data)) = listener.next().await {
        names.push(name);
        last = data;
    }
    assert_eq!(names.pop().as_deref(), Some("completed"));
    assert!(names.iter().all(|name| name == "progress") && !names.is_empty(), "{names:?}");
    assert_eq!(last, server.get(&format!("/batch/{id}")).await.body);
}

#[tokio::test]
async fn a_batch_that_failed_ends_with_failed() {
    let server = TestServer::start().await;
    let id = server.batch(&["broken.png"]).await;
    server.work().await;
    let mut listener = Listener::open(&server, &id).await;
    let names = [listener.next().await.unwrap().0, listener.next().await.unwrap().0];
    assert_eq!(names, ["progress", "failed"]);
    assert_eq!(listener.next().await, None);
}

#[tokio::test]
async fn a_batch_that_failed_partially_ends_with_completed() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "broken.png"]).await;
    server.work().await;
    let mut listener = Listener::open(&server, &id).await;
    listener.next().await.unwrap();
    let (name, data) = listener.next().await.unwrap();
    assert_eq!((name.as_str(), &data["status"]), ("completed", &"partially_failed".into()));
}

#[tokio::test]
async fn the_stream_ends_when_the_batch_is_deleted_or_the_server_stops() {
    let server = TestServer::start().await;
    let (gone, stays) = (server.batch(&["a.png"]).await, server.batch(&["a.png"]).await);
    let mut of_gone = Listener::open(&server, &gone).await;
    let mut of_stays = Listener::open(&server, &stays).await;
    of_gone.next().await.unwrap();
    of_stays.next().await.unwrap();
    server.call(Method::DELETE, &format!("/batch/{gone}")).send().await.unwrap();
    assert_eq!(of_gone.next().await, None);
    server.stop.cancel();
    assert_eq!(of_stays.next().await, None);
}
