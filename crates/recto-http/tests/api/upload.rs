//! `POST /batch/upload`

use insta::assert_json_snapshot;
use recto_http::ApiSettings;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::form::{PNG, Upload};
use crate::raw::{Raw, form_start, upload_head};
use crate::server::{Answer, TestServer, eventually};

#[tokio::test]
async fn the_published_example_answers_201_with_the_published_fields() {
    let server = TestServer::start().await;
    let form = Upload::new()
        .file("invoice-001.pdf", "%PDF-1.7")
        .file("invoice-002.pdf", "%PDF-1.7")
        .file("invoice-003.pdf", "%PDF-1.7")
        .field("projectId", server.project.to_string())
        .field("name", "March 2026 Invoices");
    let answer = server.send(form).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["projectId"], server.project.to_string());
    assert_eq!(answer.body["organizationId"], server.organization.to_string());
    assert_json_snapshot!(answer.tidy());
}

#[tokio::test]
async fn a_batch_without_a_name_is_named_after_the_day() {
    let server = TestServer::start().await;
    let answer = server.send(server.form().field("name", "").file("a.png", PNG)).await;
    let name = answer.body["name"].as_str().unwrap();
    assert_eq!(name, format!("Batch {}", &answer.body["createdAt"].as_str().unwrap()[..10]));
}

#[tokio::test]
async fn metadata_comes_back_as_an_object() {
    let server = TestServer::start().await;
    let form = server.form().file("a.png", PNG).field("metadata", r#"{"po": 7, "tags": ["x"]}"#);
    assert_eq!(server.send(form).await.body["metadata"], json!({"po": 7, "tags": ["x"]}));
}

#[tokio::test]
async fn unknown_fields_are_ignored_even_large_ones() {
    let server = TestServer::start().await;
    let form = server.form().field("colour", "red").field("note", "x".repeat(200_000)).file("a.png", PNG);
    assert_eq!(server.send(form).await.status, 201);
}

#[tokio::test]
async fn fifty_files_are_taken_and_fifty_one_refused() {
    let server = TestServer::start().await;
    let form = |n| (0..n).fold(server.form(), |form, i| form.file(&format!("{i}.png"), PNG));
    let message = server.send(form(51)).await.error(400);
    assert_eq!(message, "files must be 1 to 50 files, but more than 50 were sent");
    server.assert_nothing_kept().await;
    let answer = server.send(form(50)).await;
    assert_eq!((answer.status, &answer.body["totalFiles"]), (201, &json!(50)));
    assert_eq!(answer.body["files"][49]["fileName"], "49.png");
}

#[tokio::test]
async fn a_project_token_implies_its_project() {
    let server = TestServer::start().await;
    let key = server.new_key(server.organization, Some(server.project)).await;
    let form = Upload::new().file("a.png", PNG).into_form();
    let request = server.bare(Method::POST, "/batch/upload").header("X-API-Key", &key).multipart(form);
    assert_eq!(Answer::of(request).await.body["projectId"], server.project.to_string());
}

/// Every refusal, and that nothing is left of what came with it.
#[tokio::test]
async fn wrong_forms_are_refused_with_the_field_the_limit_and_the_value() {
    let server = TestServer::start().await;
    let unknown = "0123456789abcdef01234567";
    let file = || server.form().file("a.png", PNG);
    let forms = [
        ("no files", server.form()),
        ("no files but an empty file input", server.form().file("", "")),
        ("no projectId", Upload::new().file("a.png", PNG)),
        ("nothing", Upload::new().field("name", "x")),
        ("unknown projectId", Upload::new().file("a.png", PNG).field("projectId", unknown)),
        ("malformed projectId", Upload::new().file("a.png", PNG).field("projectId", "../x")),
        ("templateId", file().field("templateId", unknown)),
        ("long name", file().field("name", "n".repeat(201))),
        ("metadata that is no JSON", file().field("metadata", "not json")),
        ("metadata that is an array", file().field("metadata", "[1]")),
        ("metadata that is a text", file().field("metadata", "\"x\"")),
        ("metadata that is too large", file().field("metadata", json!({"x": "y".repeat(17_000)}).to_string())),
        ("a field that is too large", file().field("name", "x".repeat(70_000))),
        ("a language that is none", file().field("languages", "../eng")),
        ("a language that is not installed", file().field("languages", "eng+tha")),
        ("an engine that is not installed", file().field("files[0].engine", "neural")),
        ("pages", file().field("pages", "5-1")),
        ("an index without a file", file().field("files[1].pages", "1")),
        ("files as text", server.form().field("files", "x")),
        ("a long file name", server.form().file(&"n".repeat(1001), PNG)),
    ];
    let mut said = Vec::new();
    for (what, form) in forms {
        said.push(format!("{what}: {}", server.send(form).await.error(400)));
    }
    insta::assert_snapshot!(said.join("\n"));
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn a_missing_project_and_missing_files_are_both_said() {
    let server = TestServer::start().await;
    let answer = server.send(Upload::new().field("name", "x")).await;
    assert!(answer.body["message"].is_array(), "{}", answer.body);
}

#[tokio::test]
async fn unsound_bodies_are_400_and_other_types_415() {
    let server = TestServer::start().await;
    let send = |content_type: &'static str, body: &'static str| {
        let request = server.call(Method::POST, "/batch/upload").body(body);
        Answer::of(if content_type.is_empty() { request } else { request.header("Content-Type", content_type) })
    };
    send("application/json", "{}").await.error(415);
    send("", "x").await.error(415);
    send("multipart/form-data", "x").await.error(400);
    send("multipart/form-data; boundary=B", "--B\r\nnonsense").await.error(400);
    send(
        "multipart/form-data; boundary=B",
        "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\nx",
    )
    .await
    .error(400);
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn keys_and_projects_of_others_are_401() {
    let server = TestServer::start().await;
    let (_, theirs) = server.foreign().await;
    let sibling = server.sibling_project().await;
    let of_sibling = server.new_key(server.organization, Some(sibling)).await;
    let send = |key: &str, form: Upload| {
        let request = server.bare(Method::POST, "/batch/upload").multipart(form.into_form());
        Answer::of(if key.is_empty() { request } else { request.header("X-API-Key", key) })
    };
    send("", server.form().file("a.png", PNG)).await.error(401);
    send("ocr_wrong", server.form().file("a.png", PNG)).await.error(401);
    send(&of_sibling, server.form().file("a.png", PNG)).await.error(401);
    send(&server.key, Upload::new().file("a.png", PNG).field("projectId", theirs.to_string())).await.error(401);
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn sizes_over_the_limits_are_413() {
    let settings = ApiSettings {
        max_file_bytes: 100_000,
        max_upload_bytes: 300_000,
        rate_limit_per_minute: 0,
        ..ApiSettings::default()
    };
    let server = TestServer::with(settings).await;
    let at_limit = server.send(server.form().file("a.png", vec![b'x'; 100_000])).await;
    assert_eq!(at_limit.status, 201);
    let message = server.send(server.form().file("a.png", PNG).file("b.png", vec![b'x'; 100_001])).await.error(413);
    assert_eq!(message, "files[1] (b.png) is larger than 100000 bytes");
    let whole = (0..4).fold(server.form(), |form, i| form.file(&format!("{i}.png"), vec![b'x'; 90_000]));
    assert_eq!(server.send(whole).await.error(413), "the request is larger than 300000 bytes");
    // Without a Content-Length the bytes are counted.
    let pieces = (0..40).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 9000]));
    let streamed = Part::stream(reqwest::Body::wrap_stream(futures::stream::iter(pieces))).file_name("s.png");
    let form = Form::new().text("projectId", server.project.to_string()).part("other", streamed);
    let request = server.call(Method::POST, "/batch/upload").multipart(form);
    assert_eq!(Answer::of(request).await.error(413), "the request is larger than 300000 bytes");
    assert_eq!(server.total().await, 1);
    eventually("one blob is left", || server.blobs().len() == 1).await;
}

#[tokio::test]
async fn any_file_name_is_kept_and_none_is_a_path() {
    let server = TestServer::start().await;
    let names =
        ["../../etc/passwd", "C:\\temp\\a.pdf", "a;b|c&d.pdf", "%2e%2e%2fetc", "見積書.pdf", " leading.pdf", "."];
    let form = names.iter().fold(server.form(), |form, name| form.file(name, PNG));
    let answer = server.send(form.file("", PNG)).await;
    let kept: Vec<_> =
        answer.body["files"].as_array().unwrap().iter().map(|f| f["fileName"].as_str().unwrap()).collect();
    assert_eq!(kept, [&names[..], &["unnamed"]].concat());
    let blobs = server.blobs();
    assert_eq!(blobs.len(), 8);
    assert!(!blobs.iter().any(|path| path.to_string_lossy().contains("passwd")));
}

#[tokio::test]
async fn an_empty_file_is_accepted_as_one() {
    let server = TestServer::start().await;
    let answer = server.send(server.form().file("empty.pdf", "")).await;
    assert_eq!((answer.status, &answer.body["totalFiles"]), (201, &json!(1)));
}

#[tokio::test]
async fn a_client_that_disconnects_leaves_nothing() {
    let server = TestServer::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send(upload_head(&server.key, 20_000_000, "")).await;
    raw.send(form_start(&server)).await;
    raw.send(vec![b'x'; 2_000_000]).await;
    eventually("the file arrives", || !server.blobs().is_empty()).await;
    drop(raw);
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = TestServer::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send(upload_head("ocr_wrong", 20_000_000, "")).await;
    // The client sends all of it before it looks for an answer; without the rest being read, this would be reset.
    raw.send(vec![b'x'; 20_000_000]).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 401"));
    // And the connection serves the next request.
    raw.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut next = raw.head().await;
    if !next.contains("200 OK") {
        next = raw.head().await;
    }
    assert!(next.contains("HTTP/1.1 200 OK"), "{next}");
}

#[tokio::test]
async fn a_client_that_asks_first_is_refused_before_it_sends() {
    let server = TestServer::start().await;
    let mut raw = Raw::open(&server).await;
    raw.send(upload_head(&server.key, 3_000_000_000, "Expect: 100-continue\r\n")).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 413"));
    let mut raw = Raw::open(&server).await;
    raw.send(upload_head(&server.key, 3_000, "Expect: 100-continue\r\n")).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 100"));
}
