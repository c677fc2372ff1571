//! `GET /healthz` and `GET /readyz`

use serde_json::json;

use crate::server::{Answer, TestServer};

async fn get(server: &TestServer, path: &str) -> Answer {
    Answer::of(server.client.get(format!("{}{path}", server.base))).await
}

#[tokio::test]
async fn a_server_is_alive_before_it_is_ready() {
    let server = TestServer::start().await;
    server.workers.send(0).unwrap();
    assert_eq!(get(&server, "/healthz").await.body, json!({"status": "ok"}));
    let answer = get(&server, "/readyz").await;
    let expected = json!({"status": "not ready", "storage": "ok", "workers": "no worker has started yet"});
    assert_eq!((answer.status, answer.body), (503, expected));
    server.workers.send(1).unwrap();
    let answer = get(&server, "/readyz").await;
    assert_eq!((answer.status, answer.body), (200, json!({"status": "ok", "storage": "ok", "workers": "ok"})));
}
