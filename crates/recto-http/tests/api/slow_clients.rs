//! Clients that keep the server waiting, on purpose or not, leave the others served.

use std::time::Duration;

use recto_http::{ApiSettings, ClientSettings, Pace};
use reqwest::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::raw::{Raw, form_start, upload_head};
use crate::server::{Answer, TestServer};

/// Room for so few connections that an attack of a test fills it.
const ROOM: usize = 16;

async fn with(clients: ClientSettings) -> TestServer {
    TestServer::with(ApiSettings { rate_limit_per_minute: 0, clients, ..ApiSettings::default() }).await
}

/// A server with little room, on which nobody is ever sent away for being slow alone.
async fn narrow() -> TestServer {
    let pace = Pace { max_stall: Duration::from_hours(1), ..Pace::default() };
    let head_timeout = Duration::from_hours(1);
    with(ClientSettings { max_connections: ROOM, head_timeout, pace, ..ClientSettings::default() }).await
}

fn impatience() -> ClientSettings {
    let pace = Pace { max_stall: Duration::from_millis(200), least_bytes_per_second: 100_000 };
    ClientSettings { pace, ..ClientSettings::default() }
}

/// A server that soon loses its patience.
async fn impatient() -> TestServer {
    with(impatience()).await
}

/// Three times as many connections as there is room for, each with that sent.
async fn attack(server: &TestServer, sent: &str) -> Vec<Raw> {
    let mut connections = Vec::new();
    for _ in 0..3 * ROOM {
        let mut one = Raw::open(server).await;
        // One that had to go already may be closed.
        let _ = one.0.write_all(sent.as_bytes()).await;
        connections.push(one);
    }
    connections
}

/// Another organization is answered from the same address over new connections: health, an upload, an export.
async fn others_are_served(server: &TestServer) {
    let (key, project) = server.foreign().await;
    let get = |path: String| Client::new().get(path).header("X-API-Key", &key);
    assert_eq!(Answer::of(get(format!("{}/healthz", server.base))).await.status, 200);
    let form = crate::form::Upload::new().field("projectId", project.to_string()).file("a.png", crate::form::PNG);
    let upload = Client::new().post(format!("{}/v1/openapi/batch/upload", server.base)).header("X-API-Key", &key);
    let batch = Answer::of(upload.multipart(form.into_form())).await;
    assert_eq!(batch.status, 201, "{}", batch.body);
    server.work().await;
    let id = batch.body["id"].as_str().unwrap();
    let export = get(format!("{}/v1/openapi/batch/{id}/export?format=text", server.base));
    assert_eq!(Answer::of(export).await.status, 200);
}

#[tokio::test]
async fn idle_connections_make_room() {
    let server = narrow().await;
    let connections = attack(&server, "").await;
    others_are_served(&server).await;
    drop(connections);
}

#[tokio::test]
async fn heads_that_never_end_make_room() {
    let server = narrow().await;
    let connections = attack(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ").await;
    others_are_served(&server).await;
    drop(connections);
}

#[tokio::test]
async fn sign_ins_that_never_end_make_room() {
    let server = narrow().await;
    let head = "POST /v1/openapi/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 4000\r\n\r\n{\"token\":\"";
    let connections = attack(&server, head).await;
    others_are_served(&server).await;
    drop(connections);
}

#[tokio::test]
async fn answers_that_nobody_reads_make_room() {
    let server = narrow().await;
    let ask = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20);
    let connections = attack(&server, &ask).await;
    others_are_served(&server).await;
    drop(connections);
}

#[tokio::test]
async fn uploads_of_one_key_that_never_end_leave_room() {
    let server = narrow().await;
    let start = upload_head(&server.key, 1_000_000, "") + &form_start(&server) + "x";
    let connections = attack(&server, &start).await;
    others_are_served(&server).await;
    drop(connections);
}

#[tokio::test]
async fn an_upload_under_way_outlives_a_flood_of_idle_connections_from_its_address() {
    let server = narrow().await;
    let rest = "x\r\n--B--\r\n";
    let length = form_start(&server).len() + rest.len();
    let mut upload = Raw::open(&server).await;
    upload.send(upload_head(&server.key, length, "Expect: 100-continue\r\n")).await;
    assert!(upload.head().await.starts_with("HTTP/1.1 100"));
    upload.send(form_start(&server)).await;
    let connections = attack(&server, "").await;
    upload.send(rest).await;
    assert!(upload.head().await.starts_with("HTTP/1.1 201"));
    drop(connections);
}

#[tokio::test]
async fn a_head_that_takes_too_long_ends_its_connection() {
    let server = with(ClientSettings { head_timeout: Duration::from_secs(1), ..ClientSettings::default() }).await;
    let sent = ["", "GET /healthz HTTP/1.1\r\nX-A: ", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"];
    let [idle, half, whole] = sent.map(async |sent| {
        let mut connection = Raw::open(&server).await;
        connection.send(sent).await;
        until_closed(&mut connection).await
    });
    let (idle, half, whole) = tokio::join!(idle, half, whole);
    assert_eq!((idle, half), (0, 0));
    assert!(whole > 0, "one that is done with is closed too, after its answer");
}

/// Reads to the end; how many bytes came.
async fn until_closed(connection: &mut Raw) -> usize {
    let mut read = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(30), connection.0.read_to_end(&mut read)).await;
    // A reset is an end as good as any.
    let _ = end.expect("the server closes the connection");
    read.len()
}

#[tokio::test]
async fn an_upload_that_stops_is_408() {
    let server = impatient().await;
    let mut upload = Raw::open(&server).await;
    upload.send(upload_head(&server.key, 1_000_000, "") + &form_start(&server) + "x").await;
    let head = upload.head().await;
    assert!(head.starts_with("HTTP/1.1 408"), "{head}");
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn an_upload_that_trickles_is_408() {
    let server = impatient().await;
    let mut upload = Raw::open(&server).await;
    upload.send(upload_head(&server.key, 1_000_000, "") + &form_start(&server)).await;
    let (mut read, mut write) = upload.0.into_split();
    let trickle = async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if write.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut answer = [0; 12];
    tokio::select! {
        () = trickle => {}
        read = tokio::time::timeout(Duration::from_secs(30), read.read_exact(&mut answer)) => {
            read.expect("the server answers").unwrap();
        }
    }
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn a_sign_in_that_stops_is_408() {
    let server = impatient().await;
    let mut connection = Raw::open(&server).await;
    let head = "POST /v1/openapi/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    connection.send(format!("{head}Content-Length: 4000\r\n\r\n{{\"token\":\"")).await;
    let head = connection.head().await;
    assert!(head.starts_with("HTTP/1.1 408"), "{head}");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_cut_off() {
    let server = impatient().await;
    let mut connection = Raw::open(&server).await;
    connection.send("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20)).await;
    // Reading would make the answer go on; writing tells that the connection has gone.
    let cut = async {
        while connection.0.write_all(b"\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), cut).await.expect("the server cuts the connection");
}

#[tokio::test]
async fn the_server_may_take_longer_than_a_client() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    let impatient = server.another(ApiSettings { clients: impatience(), ..ApiSettings::default() }).await;
    let events = format!("http://{impatient}/v1/openapi/batch/{id}/events");
    let mut listener = server.client.get(events).header("X-API-Key", &server.key).send().await.unwrap();
    assert!(listener.chunk().await.unwrap().unwrap().starts_with(b"event: progress"));
    // The stream is silent for several times the patience.
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.work().await;
    let mut rest = Vec::new();
    while let Some(chunk) = listener.chunk().await.unwrap() {
        rest.extend_from_slice(&chunk);
    }
    assert!(String::from_utf8(rest).unwrap().contains("event: completed"));
}
