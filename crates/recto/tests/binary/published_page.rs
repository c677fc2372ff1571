//! Every row of the published page's tables, once, on real documents. The API in depth is tested in `recto-http`.

use reqwest::Method;
use reqwest::blocking::multipart::Form;
use serde_json::{Value, json};

use crate::administration::other_organization;
use crate::answer::Answer;
use crate::documents::{bytes, files};
use crate::server::{Server, eventually, file, is_final};

/// The fields of a batch in a list.
const LISTED: [&str; 14] = [
    "id",
    "name",
    "projectId",
    "organizationId",
    "userId",
    "templateId",
    "templateName",
    "totalFiles",
    "completedFiles",
    "failedFiles",
    "status",
    "progress",
    "createdAt",
    "updatedAt",
];
/// What an upload's answer and the details have beside them.
const DETAILED: [&str; 2] = ["uploadIds", "processingHistoryIds"];
/// The table of export formats.
const FORMATS: [(&str, &str, &str); 6] = [
    ("json", "application/json", ".json"),
    ("csv", "text/csv", ".csv"),
    ("text", "text/plain", ".txt"),
    ("xml", "application/xml", ".xml"),
    ("pdf", "application/pdf", ".pdf"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
];
const UNKNOWN: &str = "0123456789abcdef01234567";

fn letter(form: Form) -> Form {
    file(form, "letter.tif", bytes("letter.tif"))
}

#[track_caller]
fn assert_has(body: &Value, fields: &[&str]) {
    for field in fields {
        assert!(body.get(field).is_some(), "{field} is missing: {body:#}");
    }
}

#[test]
fn every_row_of_the_upload_table_is_heeded() {
    let server = Server::start();
    let form = letter(letter(server.form())).text("name", "March 2026 Invoices").text("metadata", r#"{"po": 7}"#);
    let answer = server.send(form);
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_has(&answer.body, &LISTED);
    assert_has(&answer.body, &DETAILED);
    let body = &answer.body;
    assert_eq!(body["totalFiles"], 2);
    assert_eq!(body["projectId"], server.project);
    assert_eq!(body["organizationId"], server.organization);
    assert_eq!(body["name"], "March 2026 Invoices");
    assert_eq!(body["metadata"], json!({"po": 7}));
    assert_eq!((&body["templateId"], &body["templateName"]), (&Value::Null, &Value::Null));
    assert_eq!((&body["status"], &body["progress"]), (&json!("processing"), &json!(0.0)));
    assert_eq!(body["uploadIds"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["processingHistoryIds"].as_array().map(Vec::len), Some(2));

    let unnamed = server.send(letter(server.form())).body;
    assert_eq!(unnamed["name"], format!("Batch {}", &unnamed["createdAt"].as_str().unwrap()[..10]));
    let templated = letter(server.form()).text("templateId", UNKNOWN);
    server.send(templated).is_error(400);
}

#[test]
fn fifty_files_are_a_batch_and_one_more_is_too_many() {
    let server = Server::start();
    let many = |count: usize| {
        (0..count).fold(server.form(), |form, i| file(form, &format!("{i}.tif"), bytes("g4_orientation_1.tif")))
    };
    server.send(many(51)).is_error(400);
    let answer = server.send(many(50));
    assert_eq!((answer.status, &answer.body["totalFiles"]), (201, &json!(50)));
    let details = server.wait(answer.body["id"].as_str().unwrap());
    assert_eq!((&details["status"], &details["completedPages"]), (&json!("completed"), &json!(50)), "{details:#}");
}

#[test]
fn every_error_of_the_upload_table_is_answered() {
    let server = Server::start();
    let (foreign_key, foreign_project) = other_organization(&server);
    server.send(server.form()).is_error(400);
    server.send(letter(Form::new())).is_error(400);
    let with_key = |key: &str| server.bare(Method::POST, "/batch/upload").header("X-API-Key", key);
    Answer::of(with_key("ocr_your_api_key").multipart(letter(server.form()))).is_error(401);
    Answer::of(with_key(&foreign_key).multipart(letter(server.form()))).is_error(401);
    server.send(letter(Form::new().text("projectId", foreign_project))).is_error(401);
    Answer::of(server.bare(Method::POST, "/batch/upload").multipart(letter(server.form()))).is_error(401);
    Answer::of(server.call(Method::POST, "/batch/upload").json(&json!({"projectId": server.project}))).is_error(415);
    let list = server.get(&format!("/batch?projectId={}", server.project)).body;
    assert_eq!(list["pagination"]["total"], 0, "{list:#}");
}

/// Batches that end in each way, and the one list that they stand in.
#[test]
fn every_row_of_the_list_and_status_tables_is_heeded() {
    let server = Server::start();
    let broken = || ("broken.pdf", bytes("text-named.pdf"));
    let letter = || ("letter.tif", bytes("letter.tif"));
    let completed = server.batch([letter()]);
    let partially_failed = server.batch([letter(), broken()]);
    let failed = server.batch([broken()]);
    for (batch, status, progress) in
        [(&completed, "completed", 100.0), (&partially_failed, "partially_failed", 100.0), (&failed, "failed", 100.0)]
    {
        let details = server.wait(batch);
        assert_eq!((&details["status"], &details["progress"]), (&json!(status), &json!(progress)), "{details:#}");
    }
    let list = |query: &str| server.get(&format!("/batch?projectId={}{query}", server.project));
    let ids = |query: &str| {
        let body = list(query).body;
        let ids = body["data"].as_array().unwrap().iter().map(|batch| batch["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let all = list("").body;
    assert_has(&all["data"][0], &LISTED);
    assert_eq!(all["pagination"], json!({"page": 1, "limit": 20, "total": 3, "pages": 1}));
    assert_eq!(ids(""), [failed.clone(), partially_failed.clone(), completed.clone()]);
    assert_eq!(ids("&page=2&limit=2"), std::slice::from_ref(&completed));
    assert_eq!(list("&limit=2").body["pagination"], json!({"page": 1, "limit": 2, "total": 3, "pages": 2}));
    assert_eq!(ids("&status=completed"), [completed]);
    assert_eq!(ids("&status=partially_failed"), [partially_failed]);
    assert_eq!(ids("&status=failed"), [failed]);
    assert_eq!(ids("&status=processing"), [""; 0]);
    assert_eq!(ids("&status=uploading"), [""; 0]);
    for wrong in ["&status=done", "&page=0", "&limit=0", "&limit=101", "&page=x"] {
        list(wrong).is_error(400);
    }
    server.get("/batch").is_error(400);
}

#[test]
fn details_keep_the_published_promises_at_every_poll() {
    let server = Server::start();
    let batch = server.batch(files(&["letter.tif", "phototest-rotated-180.png", "text-named.pdf"]));
    let mut before: Option<Value> = None;
    eventually("the batch ends", || {
        let now = server.get(&format!("/batch/{batch}")).body;
        let count = |field: &str| now[field].as_u64().unwrap();
        let ended = count("completedFiles") + count("failedFiles");
        let percent = (ended as f64 / count("totalFiles") as f64 * 10_000.0).round() / 100.0;
        assert_eq!(now["progress"].as_f64(), Some(percent), "{now:#}");
        assert_eq!(is_final(&now), ended == 3, "{now:#}");
        if let Some(before) = &before {
            assert!(before["completedFiles"].as_u64() <= now["completedFiles"].as_u64());
            assert!(before["updatedAt"].as_str() <= now["updatedAt"].as_str());
        }
        before = Some(now);
        is_final(before.as_ref().unwrap())
    });
    let details = before.unwrap();
    assert_has(&details, &LISTED);
    assert_has(&details, &DETAILED);
    let names: Vec<_> = details["files"].as_array().unwrap().iter().map(|file| &file["fileName"]).collect();
    assert_eq!(names, ["letter.tif", "phototest-rotated-180.png", "text-named.pdf"]);
    assert!(details["files"][2]["error"].is_string(), "{details:#}");
}

#[test]
fn every_row_of_the_format_table_downloads_under_its_name() {
    let server = Server::start();
    let batch = server.batch(files(&["letter.tif", "text-named.pdf"]));
    server.wait(&batch);
    for (format, content_type, extension) in FORMATS {
        let answer = server.export(&batch, format);
        assert_eq!(answer.header("content-type").split(';').next(), Some(content_type), "{format}");
        let disposition = format!("attachment; filename=\"batch-{batch}-export{extension}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
        assert!(!answer.bytes.is_empty(), "{format}");
        assert_eq!(answer.bytes, server.export(&batch, format).bytes, "{format} is the same again");
    }
    let documents = server.export(&batch, "json").body["documents"].take();
    assert_eq!(documents.as_array().map(Vec::len), Some(1), "only completed files are exported");
    assert_eq!(documents[0]["fileName"], "letter.tif");
}

#[test]
fn every_error_of_the_details_and_export_tables_is_answered() {
    let server = Server::start();
    let (foreign_key, _) = other_organization(&server);
    let batch = server.batch(files(&["text-named.pdf"]));
    server.wait(&batch);
    let details = format!("/batch/{batch}");
    let export = format!("/batch/{batch}/export");
    server.get(&export).is_error(400);
    server.get(&format!("{export}?format=exe")).is_error(400);
    server.get(&format!("{export}?format=json")).is_error(400);
    server.get(&format!("/batch/{UNKNOWN}")).is_error(404);
    server.get(&format!("/batch/{UNKNOWN}/export?format=json")).is_error(404);
    for path in [&details, &format!("{export}?format=json")] {
        Answer::of(server.bare(Method::GET, path).header("X-API-Key", &foreign_key)).is_error(401);
        Answer::of(server.bare(Method::GET, path)).is_error(401);
    }
}
