//! Uploads, exports, event streams and requests at once: shared out by key and organization.

use std::time::Duration;

use recto_http::{ApiSettings, ClientSettings, Pace, PlaceSettings};
use reqwest::{Method, Response};

use crate::raw::{Raw, upload_head};
use crate::server::{Answer, TestServer};

/// A key may have two of each, an organization four; nobody waits unless the test says so.
async fn with(places: PlaceSettings) -> TestServer {
    let clients = ClientSettings { places, ..ClientSettings::default() };
    TestServer::with(ApiSettings { rate_limit_per_minute: 0, clients, ..ApiSettings::default() }).await
}

fn eight() -> PlaceSettings {
    PlaceSettings { requests: 1024, uploads: 8, exports: 8, event_streams: 8, wait: Duration::ZERO }
}

/// An upload that has its place and does not end.
async fn endless_upload(server: &TestServer, key: &str) -> Result<Raw, String> {
    let mut upload = Raw::open(server).await;
    upload.send(upload_head(key, 1_000_000, "Expect: 100-continue\r\n")).await;
    let head = upload.head().await;
    if head.starts_with("HTTP/1.1 100") { Ok(upload) } else { Err(head) }
}

#[tokio::test]
async fn uploads_are_shared_out_by_key_and_organization() {
    let server = with(eight()).await;
    let (second, third) =
        (server.new_key(server.organization, None).await, server.new_key(server.organization, None).await);
    let mut taken = Vec::new();
    for key in [&server.key, &server.key] {
        taken.push(endless_upload(&server, key).await.unwrap());
    }
    let refused = endless_upload(&server, &server.key).await.unwrap_err();
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("\r\nretry-after: 5\r\n"), "{refused}");
    let refused = server.send(server.form().file("a.png", crate::form::PNG)).await;
    assert_eq!(refused.error(429), "at most 2 uploads per key may run at once; try again in 5 s");

    for key in [&second, &second] {
        taken.push(endless_upload(&server, key).await.unwrap());
    }
    assert!(endless_upload(&server, &third).await.unwrap_err().contains("at most 4 uploads per organization"));
    let (foreign, _) = server.foreign().await;
    taken.push(endless_upload(&server, &foreign).await.unwrap());
}

#[tokio::test]
async fn an_organization_without_an_upload_finds_a_place_when_all_are_taken() {
    let server = with(PlaceSettings { uploads: 2, ..eight() }).await;
    let mut taken = Vec::new();
    for _ in 0..5 {
        let (key, _) = server.foreign().await;
        taken.push(endless_upload(&server, &key).await.unwrap());
    }
    assert!(endless_upload(&server, &server.key).await.is_ok());
}

#[tokio::test]
async fn a_place_comes_back_when_its_upload_breaks_off() {
    let server = with(PlaceSettings { wait: Duration::from_mins(1), ..eight() }).await;
    let first = endless_upload(&server, &server.key).await.unwrap();
    let _second = endless_upload(&server, &server.key).await.unwrap();
    let form = server.form().file("a.png", crate::form::PNG);
    let (answer, ()) = tokio::join!(server.send(form), async { drop(first) });
    assert_eq!(answer.status, 201, "it waited for a place of its own");
}

async fn listen(server: &TestServer, key: &str, batch: &str) -> Response {
    server.bare(Method::GET, &format!("/batch/{batch}/events")).header("X-API-Key", key).send().await.unwrap()
}

#[tokio::test]
async fn event_streams_are_shared_out() {
    let server = with(eight()).await;
    let batch = server.batch(&["a.png"]).await;
    let streams = [listen(&server, &server.key, &batch).await, listen(&server, &server.key, &batch).await];
    assert!(streams.iter().all(|stream| stream.status() == 200));
    let refused = Answer::read(listen(&server, &server.key, &batch).await).await;
    assert_eq!(refused.error(429), "at most 2 event streams per key may run at once; try again in 5 s");
    let other = server.new_key(server.organization, None).await;
    assert_eq!(listen(&server, &other, &batch).await.status(), 200);
}

#[tokio::test]
async fn requests_in_hand_are_shared_out() {
    let server = with(PlaceSettings { requests: 8, event_streams: 1000, ..eight() }).await;
    let batch = server.batch(&["a.png"]).await;
    let _streams = [listen(&server, &server.key, &batch).await, listen(&server, &server.key, &batch).await];
    let path = format!("/batch/{batch}");
    server.get(&path).await.error(429);
    let other = server.new_key(server.organization, None).await;
    assert_eq!(server.get_with(&other, &path).await.status, 200);
}

/// A batch whose export is larger than what the sockets between server and client hold.
async fn long_batch(server: &TestServer, key: &str, project: String) -> String {
    let name = format!("note {}", "a ".repeat(480));
    let mut form = crate::form::Upload::new().field("projectId", project);
    for _ in 0..50 {
        form = form.file(&name, crate::form::PNG);
    }
    let sent = server.bare(Method::POST, "/batch/upload").header("X-API-Key", key).multipart(form.into_form());
    let answer = Answer::of(sent).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    server.work().await;
    answer.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn exports_that_nobody_reads_take_only_places_of_their_own_and_not_for_long() {
    let places = PlaceSettings { exports: 4, ..eight() };
    let pace = Pace { max_stall: Duration::from_secs(2), ..Pace::default() };
    let clients = ClientSettings { places, pace, ..ClientSettings::default() };
    let settings = ApiSettings { rate_limit_per_minute: 0, clients, ..ApiSettings::default() };
    let server = TestServer::with(settings).await;
    let batch = long_batch(&server, &server.key, server.project.to_string()).await;
    let path = format!("/batch/{batch}/export?format=json");
    let mut unread = Raw::open(&server).await;
    unread.send(format!("GET /v1/openapi{path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\n\r\n", server.key)).await;
    // The head is there, so the place is taken.
    unread.0.readable().await.unwrap();
    assert_eq!(server.get(&path).await.error(429), "at most 1 exports per key may run at once; try again in 5 s");
    let other = server.new_key(server.organization, None).await;
    assert_eq!(server.get_with(&other, &path).await.status, 200);
    let (foreign, project) = server.foreign().await;
    let theirs = long_batch(&server, &foreign, project.to_string()).await;
    assert_eq!(server.get_with(&foreign, &format!("/batch/{theirs}/export?format=json")).await.status, 200);

    let mut status = 429;
    while status == 429 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        status = server.get(&path).await.status;
    }
    assert_eq!(status, 200, "the one that nobody read was cut off");
    drop(unread);
}
