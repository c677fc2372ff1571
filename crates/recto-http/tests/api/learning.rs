//! `POST /templates/:id/learn`

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::form::Upload;
use crate::server::{Answer, TestServer};

/// A new template that asks for the driver; its id.
async fn made(server: &TestServer) -> String {
    let body = json!({"name": "Note", "description": "", "templateSchema": {"who": {"type": "string"}},
        "projectId": server.project});
    server.json(Method::POST, "/templates", body).await.body["templateId"].as_str().unwrap().to_owned()
}

async fn add_example(server: &TestServer, template: &str, name: &str, text: &'static [u8], fields: &Value) {
    let file = Part::bytes(text).file_name(name.to_owned());
    let form = Form::new().part("file", file).text("fields", fields.to_string());
    let path = format!("/templates/{template}/data-files");
    let added = Answer::of(server.call(Method::POST, &path).multipart(form)).await;
    assert_eq!(added.status, 201, "{}", added.body);
}

async fn teach(server: &TestServer, template: &str, body: Value) -> Answer {
    server.json(Method::POST, &format!("/templates/{template}/learn"), body).await
}

/// A record of a file that says who was at the wheel; its id.
async fn noted(server: &TestServer, template: &str, who: &str) -> String {
    let form = server.form().file(&format!("note {who}"), "x").field("templateId", template);
    let sent = server.send(form).await;
    server.work().await;
    sent.body["processingHistoryIds"][0].as_str().unwrap().to_owned()
}

async fn correct(server: &TestServer, record: &str, who: &str) {
    let fields = json!({"fields": {"who": who}});
    let answer = server.json(Method::PATCH, &format!("/processing-history/{record}"), fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn examples_teach_a_new_version() {
    let server = TestServer::start().await;
    let template = made(&server).await;
    add_example(&server, &template, "a.txt", b"HAULIER PLC\nAt the wheel: Ms Dee\n", &json!({"who": "Ms Dee"})).await;
    add_example(&server, &template, "b.txt", b"HAULIER PLC\nAt the wheel: Ode Ray\n", &json!({"who": "Ode Ray"})).await;
    let taught = teach(&server, &template, json!({})).await;
    assert_eq!(taught.status, 200, "{}", taught.body);
    let find = json!({"labels": ["At the wheel"]});
    assert_eq!(
        taught.body["lessons"],
        json!([{"field": "who", "known": 2, "rightBefore": 0, "rightAfter": 2, "find": find, "unseenIn": []}])
    );
    assert_eq!(taught.body["template"]["version"], 2);
    assert_eq!(taught.body["template"]["templateSchema"]["who"]["find"], find);
    assert_eq!(server.get(&format!("/templates/{template}")).await.body, taught.body["template"]);
    // It knows that now: there is nothing more to learn, and no new version.
    let again = teach(&server, &template, json!({})).await;
    assert_eq!((&again.body["template"]["version"], &again.body["lessons"][0]["find"]), (&json!(2), &json!(null)));
}

#[tokio::test]
async fn corrections_teach_and_so_do_records_that_are_named() {
    let server = TestServer::start().await;
    let template = made(&server).await;
    let record = noted(&server, &template, "Ms Dee").await;
    let message = teach(&server, &template, json!({})).await.error(400);
    assert!(message.starts_with("there is nothing to learn from: add example documents"), "{message}");
    correct(&server, &record, "Ms Dee").await;
    let taught = teach(&server, &template, json!({})).await.body;
    assert_eq!((&taught["lessons"][0]["known"], &taught["lessons"][0]["rightAfter"]), (&json!(1), &json!(1)));
    let other = made(&server).await;
    let taught = teach(&server, &other, json!({"records": [record]})).await.body;
    assert_eq!(taught["template"]["templateSchema"]["who"]["find"], json!({"labels": ["At the wheel"]}));
}

#[tokio::test]
async fn what_cannot_be_learned_from_is_refused_and_nothing_is_changed() {
    let server = TestServer::start().await;
    let template = made(&server).await;
    let record = noted(&server, &template, "Ms Dee").await;
    let (foreign, theirs) = server.foreign().await;
    let sent = Upload::new().field("projectId", theirs.to_string()).file("note x", "x").into_form();
    let sent = server.bare(Method::POST, "/batch/upload").header("X-API-Key", &foreign).multipart(sent);
    let foreign = Answer::of(sent).await.body["processingHistoryIds"][0].as_str().unwrap().to_owned();
    server.work().await;
    let none = |id: &str| format!("records: the template's project has no completed record {id}");
    assert_eq!(teach(&server, &template, json!({"records": [foreign]})).await.error(400), none(&foreign));
    let unknown = "0123456789abcdef01234567";
    assert_eq!(teach(&server, &template, json!({"records": [unknown]})).await.error(400), none(unknown));
    teach(&server, &template, json!({"records": "all"})).await.error(400);
    teach(&server, &template, json!({"records": []})).await.error(400);
    teach(&server, &template, json!({"records": vec![record.as_str(); 11]})).await.error(400);
    add_example(&server, &template, "a.bin", b"\xff\xfe", &json!({"who": "Ms Dee"})).await;
    let message = teach(&server, &template, json!({})).await.error(400);
    assert_eq!(message, "the example a.bin cannot be read: it is no text");
    assert_eq!(server.get(&format!("/templates/{template}")).await.body["version"], 1);
}

#[tokio::test]
async fn an_example_of_other_fields_is_told() {
    let server = TestServer::start().await;
    let template = made(&server).await;
    add_example(&server, &template, "a.txt", b"At the wheel: Ms Dee\n", &json!({"driver": "Ms Dee"})).await;
    let message = teach(&server, &template, json!({})).await.error(400);
    assert_eq!(message, "a.txt: the template has no field driver");
}
