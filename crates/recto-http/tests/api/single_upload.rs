//! `/upload` and the links to files

use insta::{assert_json_snapshot, assert_snapshot};
use recto_http::ApiSettings;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::form::PNG;
use crate::server::{Answer, TestServer};

fn form(name: &str) -> Form {
    Form::new().part("file", Part::bytes(PNG).file_name(name.to_owned()))
}

async fn send(server: &TestServer, form: Form) -> Answer {
    let form = form.text("projectId", server.project.to_string());
    Answer::of(server.call(Method::POST, "/upload").multipart(form)).await
}

async fn sent(server: &TestServer, form: Form) -> serde_json::Value {
    let answer = send(server, form).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

/// The part of a link behind the host.
fn path_of(link: &serde_json::Value) -> String {
    let link = link.as_str().unwrap();
    link[link.find("/v1/openapi").unwrap() + "/v1/openapi".len()..].to_owned()
}

#[tokio::test]
async fn the_documented_form_answers_201_with_the_documented_fields() {
    let server = TestServer::start().await;
    let form = form("scan.png")
        .text("fileName", "scan.png")
        .text("fileType", "image")
        .text("fileSize", "67")
        .text("mimeType", "image/png")
        .text("uploadType", "invoice")
        .text("metadata", r#"{"a": 1}"#);
    let mut answer = send(&server, form).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["publicUrl"], answer.body["fileUrl"]);
    for link in ["fileUrl", "publicUrl"] {
        answer.body[link] = "<link>".into();
    }
    assert_json_snapshot!(answer.tidy());
}

#[tokio::test]
async fn a_single_file_is_no_batch_of_any_list() {
    let server = TestServer::start().await;
    let upload = sent(&server, form("a.png")).await;
    assert_eq!(upload["batchId"], json!(null));
    assert_eq!(server.total().await, 0);
    server.work().await;
    let record = server.get(&format!("/processing-history/{}", upload["id"].as_str().unwrap())).await.body;
    assert_eq!((&record["id"], &record["status"]), (&upload["processingHistoryId"], &json!("completed")));
    assert_eq!(record["batchId"], json!(null));
}

#[tokio::test]
async fn a_file_sent_into_an_ended_batch_opens_it_again() {
    let server = TestServer::start().await;
    let batch = server.batch(&["a.png"]).await;
    server.work().await;
    let upload = sent(&server, form("b.png").text("batchId", batch.clone())).await;
    assert_eq!(upload["batchId"], batch);
    let details = server.get(&format!("/batch/{batch}")).await.body;
    assert_eq!((&details["status"], &details["totalFiles"]), (&json!("processing"), &json!(2)));
    server.work().await;
    let details = server.get(&format!("/batch/{batch}")).await.body;
    assert_eq!((&details["status"], &details["completedFiles"]), (&json!("completed"), &json!(2)));
    assert_eq!(details["files"][1]["fileName"], "b.png");
}

#[tokio::test]
async fn a_batch_of_another_project_takes_no_file() {
    let server = TestServer::start().await;
    let batch = server.batch(&["a.png"]).await;
    let other = server.sibling_project().await;
    let form = form("b.png").text("projectId", other.to_string()).text("batchId", batch);
    Answer::of(server.call(Method::POST, "/upload").multipart(form)).await.error(401);
    send(&server, self::form("b.png").text("batchId", "0123456789abcdef01234567")).await.error(404);
}

#[tokio::test]
async fn what_is_missing_or_malformed_is_said() {
    let server = TestServer::start().await;
    let none = Form::new().text("note", "x");
    let two = form("a.png").part("file", Part::bytes(PNG).file_name("b.png"));
    let said = [
        send(&server, none).await.error(400),
        send(&server, two).await.error(400),
        send(&server, form("a.png").text("fileType", "spreadsheet")).await.error(400),
        send(&server, form("a.png").text("fileSize", "many")).await.error(400),
        Answer::of(server.call(Method::POST, "/upload").multipart(form("a.png"))).await.error(400),
    ];
    assert_snapshot!(said.join("\n"));
    crate::server::eventually("nothing is kept", || server.blobs().is_empty()).await;
}

#[tokio::test]
async fn a_file_over_the_limit_is_413() {
    let settings = ApiSettings { max_file_bytes: 60, rate_limit_per_minute: 0, ..ApiSettings::default() };
    let server = TestServer::with(settings).await;
    assert_eq!(send(&server, form("a.png")).await.error(413), "file (a.png) is larger than 60 bytes");
    crate::server::eventually("nothing is kept", || server.blobs().is_empty()).await;
}

#[tokio::test]
async fn a_file_is_named_and_read_as_its_fields_say() {
    let server = TestServer::start().await;
    let template = json!({"name": "Receipt", "description": "", "templateSchema": {"total": {"type": "number"}},
        "projectId": server.project});
    let template = server.json(Method::POST, "/templates", template).await.body["templateId"].clone();
    let fields = form("scan0001.png").text("fileName", "receipt.png").text("uploadType", "receipt");
    let fields = fields.text("metadata", r#"{"po": 7}"#);
    let upload = sent(&server, fields.text("templateId", template.as_str().unwrap().to_owned())).await;
    assert_eq!((&upload["fileName"], &upload["templateId"]), (&json!("receipt.png"), &template));
    let record = server.get(&format!("/processing-history/{}", upload["id"].as_str().unwrap())).await.body;
    for (field, value) in [
        ("fileName", json!("receipt.png")),
        ("templateId", template),
        ("templateName", json!("Receipt")),
        ("uploadType", json!("receipt")),
        ("metadata", json!({"po": 7})),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
}

#[tokio::test]
async fn a_repeated_upload_gets_its_first_answer_until_its_batch_is_deleted() {
    let server = TestServer::start().await;
    let batch = server.batch(&["a.png"]).await;
    let once = async |name: &str| {
        let form = form(name).text("projectId", server.project.to_string()).text("batchId", batch.clone());
        Answer::of(server.call(Method::POST, "/upload").header("Idempotency-Key", "k").multipart(form)).await
    };
    let first = once("b.png").await;
    assert_eq!(first.status, 201, "{}", first.body);
    let again = once("b.png").await;
    assert_eq!((again.status, &again.body["id"]), (201, &first.body["id"]), "{}", again.body);
    once("c.png").await.error(409);
    assert_eq!(server.delete(&format!("/batch/{batch}")).await.status, 204);
    once("b.png").await.error(404);
    send(&server, form("b.png").text("batchId", batch.clone())).await.error(404);
    crate::server::eventually("nothing is kept", || server.blobs().is_empty()).await;
}

#[tokio::test]
async fn a_repeated_upload_gets_its_first_answer_also_when_template_and_project_are_gone() {
    let server = TestServer::start().await;
    let schema = json!({"total": {"type": "number"}});
    let template = json!({"name": "T", "description": "", "templateSchema": schema, "projectId": server.project});
    let template = server.json(Method::POST, "/templates", template).await.body["templateId"].clone();
    let template = template.as_str().unwrap().to_owned();
    let once = async |key: &'static str| {
        let form = form("a.png").text("projectId", server.project.to_string()).text("templateId", template.clone());
        Answer::of(server.call(Method::POST, "/upload").header("Idempotency-Key", key).multipart(form)).await
    };
    let first = once("k").await;
    assert_eq!(first.status, 201, "{}", first.body);
    server.work().await;
    for gone in [format!("/templates/{template}"), format!("/projects/{}", server.project)] {
        assert_eq!(server.delete(&gone).await.status, 204, "{gone}");
        let again = once("k").await;
        assert_eq!((again.status, &again.body["id"]), (201, &first.body["id"]), "{gone}: {}", again.body);
    }
    once("other").await.error(400);
    crate::server::eventually("one file is kept", || server.blobs().len() == 1).await;
}

#[tokio::test]
async fn a_repeated_upload_is_kept_once() {
    let server = TestServer::start().await;
    let once = async |form: Form| {
        let form = form.text("projectId", server.project.to_string());
        Answer::of(server.call(Method::POST, "/upload").header("Idempotency-Key", "k").multipart(form)).await
    };
    let (first, second) = (once(form("a.png")).await, once(form("a.png")).await);
    assert_eq!((first.status, &first.body["id"]), (second.status, &second.body["id"]));
    once(form("b.png")).await.error(409);
    let history = server.get(&format!("/processing-history?projectId={}", server.project)).await.body;
    assert_eq!(history["pagination"]["total"], 1);
}

#[tokio::test]
async fn a_link_gives_the_file_without_a_key_and_only_with_its_signature() {
    let server = TestServer::start().await;
    let upload = sent(&server, form("M\u{e4}rz.png")).await;
    let path = path_of(&upload["fileUrl"]);
    let file = Answer::of(server.bare(Method::GET, &path)).await;
    assert_eq!((file.status, file.bytes.as_slice()), (200, PNG));
    assert_eq!(file.header("content-type"), "image/png");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"M_rz.png\""));
    Answer::of(server.bare(Method::GET, path.split('?').next().unwrap())).await.error(403);
    Answer::of(server.bare(Method::GET, &path[..path.len() - 2])).await.error(403);
}

#[tokio::test]
async fn links_never_lead_where_a_request_says() {
    let public_url = Some("https://ocr.example.com/sub/".to_owned());
    let named = TestServer::with(ApiSettings { public_url, ..ApiSettings::default() }).await;
    let unnamed = TestServer::start().await;
    for (server, address) in [(&named, "https://ocr.example.com/sub"), (&unnamed, "")] {
        let id = sent(server, form("a.png")).await["id"].as_str().unwrap().to_owned();
        server.work().await;
        let mut links = 0;
        for (method, path) in [
            (Method::POST, "/upload".to_owned()),
            (Method::GET, format!("/upload/{id}")),
            (Method::GET, format!("/processing-history?projectId={}", server.project)),
            (Method::GET, format!("/processing-history/{id}")),
            (Method::PATCH, format!("/processing-history/{id}")),
        ] {
            let mut request = server.call(method.clone(), &path);
            for header in ["Host", "X-Forwarded-Host", "Forwarded"] {
                request = request.header(header, "attacker.example");
            }
            request = match method {
                Method::POST => request.multipart(form("b.png").text("projectId", server.project.to_string())),
                Method::PATCH => request.json(&json!({"fields": {}})),
                _ => request,
            };
            let answer = Answer::of(request).await;
            let told = format!("{:?} {}", answer.headers, answer.body);
            assert!(!told.contains("attacker") && !told.contains(&server.base[7..]), "{path}: {told}");
            let begins = format!("Url\":\"{address}/v1/openapi/files/");
            assert_eq!(told.matches("Url\":\"").count(), told.matches(&begins).count(), "{path}: {told}");
            links += told.matches(&begins).count();
        }
        assert!(links >= 7, "{links}");
    }
}

#[tokio::test]
async fn a_page_has_a_picture_behind_a_link_of_its_own() {
    let server = TestServer::start().await;
    let upload = sent(&server, form("two.png")).await;
    server.work().await;
    let record = server.get(&format!("/processing-history/{}", upload["id"].as_str().unwrap())).await.body;
    let path = path_of(&record["pages"][1]["imageUrl"]);
    let picture = Answer::of(server.bare(Method::GET, &path)).await;
    assert_eq!((picture.status, picture.bytes.as_slice()), (200, PNG));
    assert_eq!(picture.header("content-type"), "image/png");
    Answer::of(server.bare(Method::GET, &path.replace("/pages/2", "/pages/1"))).await.error(403);
    Answer::of(server.bare(Method::GET, path.split('?').next().unwrap())).await.error(403);
}

#[tokio::test]
async fn a_deleted_file_is_gone_with_its_record_and_its_bytes() {
    let server = TestServer::start().await;
    let upload = sent(&server, form("a.png")).await;
    let path = format!("/upload/{}", upload["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.body["processingHistoryId"], upload["processingHistoryId"]);
    assert_eq!(Answer::of(server.call(Method::DELETE, &path)).await.status, 204);
    server.get(&path).await.error(404);
    server.get(&format!("/processing-history/{}", upload["processingHistoryId"].as_str().unwrap())).await.error(404);
    crate::server::eventually("the bytes are gone", || server.blobs().is_empty()).await;
}

#[tokio::test]
async fn a_file_deleted_from_a_batch_leaves_the_others() {
    let server = TestServer::start().await;
    let batch = server.batch(&["a.png", "broken.png"]).await;
    server.work().await;
    let details = server.get(&format!("/batch/{batch}")).await.body;
    assert_eq!(details["status"], "partially_failed");
    let broken = details["files"][1]["uploadId"].as_str().unwrap();
    assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/upload/{broken}"))).await.status, 204);
    let details = server.get(&format!("/batch/{batch}")).await.body;
    assert_eq!((&details["status"], &details["totalFiles"]), (&json!("completed"), &json!(1)));
    crate::server::eventually("one blob is left", || server.blobs().len() == 1).await;
}
