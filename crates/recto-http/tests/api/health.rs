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
    let said = |answer: &Answer| ["status", "storage", "disk", "workers"].map(|part| answer.body[part].clone());
    assert_eq!(
        (answer.status, said(&answer)),
        (503, ["not ready", "ok", "ok", "no worker has started yet"].map(Into::into))
    );
    server.workers.send(1).unwrap();
    let answer = get(&server, "/readyz").await;
    assert_eq!((answer.status, said(&answer)), (200, ["ok"; 4].map(Into::into)));
    let disk = &answer.body["disks"][0];
    assert_eq!(disk["holds"], server.disk_holds());
    assert!(disk["freeBytes"].as_u64() > disk["reserveBytes"].as_u64(), "{disk}");
}
