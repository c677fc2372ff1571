//! A file that is sent again is not read again.

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::documents::bytes;
use crate::fields::made;
use crate::server::{Server, eventually, file};

/// A page of a scan, and one that carries its text.
const FILES: [&str; 2] = ["receipt.jpg", "invoice.pdf"];

/// Sends both files with further form fields; the documents of the export, and the batch.
fn documents(server: &Server, fields: &[(&str, &str)]) -> (Vec<Value>, String) {
    let form =
        fields.iter().fold(server.form(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    let sent = server.send(FILES.iter().fold(form, |form, name| file(form, name, bytes(name))));
    assert_eq!(sent.status, 201, "{}", sent.body);
    let batch = sent.body["id"].as_str().unwrap().to_owned();
    assert_eq!(server.wait(&batch)["status"], "completed");
    let documents = server.export(&batch, "json").body["documents"].take();
    (serde_json::from_value(documents).unwrap(), batch)
}

fn ids(documents: &[Value]) -> Vec<Value> {
    documents.iter().map(|document| document["processingHistoryId"].clone()).collect()
}

fn origins(documents: &[Value]) -> Vec<Value> {
    documents.iter().map(|document| document["reusedFrom"].clone()).collect()
}

/// What is read in documents, without what names them.
fn read(documents: &[Value]) -> Vec<[Value; 4]> {
    documents
        .iter()
        .map(|document| ["text", "pages", "confidence", "warnings"].map(|name| document[name].clone()))
        .collect()
}

#[test]
fn a_file_that_is_sent_again_takes_over_what_was_read_and_keeps_it() {
    let server = Server::start();
    let (first, batch) = documents(&server, &[]);
    assert_eq!(origins(&first), [Value::Null, Value::Null]);
    let (second, _) = documents(&server, &[("engine", "auto"), ("languages", "eng")]);
    assert_eq!(origins(&second), ids(&first), "the usual settings, named");
    assert_eq!(read(&second), read(&first));
    let record = server.get(&format!("/processing-history/{}", ids(&second)[0].as_str().unwrap())).body;
    assert_eq!(record["reusedFrom"], ids(&first)[0]);

    assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/batch/{batch}"))).status, 204);
    let (third, _) = documents(&server, &[]);
    assert_eq!(origins(&third), ids(&second), "the first are gone");
    assert_eq!(read(&third), read(&first));
}

#[test]
fn other_settings_another_project_and_who_asks_for_it_read_anew() {
    let server = Server::start();
    let (first, _) = documents(&server, &[]);
    for (name, value) in [("engine", "tesseract"), ("pages", "1"), ("reuse", "false")] {
        let (other, _) = documents(&server, &[(name, value)]);
        assert_eq!(origins(&other), [Value::Null, Value::Null], "{name}={value}");
    }
    let (mixed, _) = documents(&server, &[("files[1].reuse", "false")]);
    assert_eq!(origins(&mixed), [ids(&first)[0].clone(), Value::Null]);

    let body = json!({"name": "Other", "description": ""});
    let other = Answer::of(server.call(Method::POST, "/projects").json(&body)).body["id"].clone();
    let form = reqwest::blocking::multipart::Form::new().text("projectId", other.as_str().unwrap().to_owned());
    let sent = server.send(file(form, FILES[0], bytes(FILES[0]))).body;
    server.wait(sent["id"].as_str().unwrap());
    let record = sent["processingHistoryIds"][0].as_str().unwrap();
    assert_eq!(server.get(&format!("/processing-history/{record}")).body["reusedFrom"], Value::Null);

    let refused = server.send(file(server.form().text("reuse", "perhaps"), FILES[0], bytes(FILES[0])));
    refused.is_error(400);
    assert_eq!(refused.body["message"], "reuse: it must be true or false, not perhaps");
}

#[test]
fn a_server_told_not_to_reads_every_file_unless_its_sender_asks() {
    let mut server = Server::with(&[("ocr.reuse_results", "false")]);
    let (first, _) = documents(&server, &[]);
    let (second, _) = documents(&server, &[]);
    assert_eq!(origins(&second), [Value::Null, Value::Null]);
    // What was read before the server was started again counts.
    server.signal(rustix::process::Signal::KILL, true);
    server.ended();
    server.start_again();
    let (third, _) = documents(&server, &[("reuse", "true")]);
    assert_eq!(origins(&third), ids(&first));
}

#[test]
fn fields_are_looked_for_as_the_request_says_and_a_retry_reads_the_file() {
    let server = Server::start();
    let (first, _) = documents(&server, &[]);
    let template = made(&server, &json!({"total": {"type": "number"}}));
    let (second, _) = documents(&server, &[("templateId", &template)]);
    assert_eq!(origins(&second), ids(&first));
    let (fresh, _) = documents(&server, &[("templateId", &template), ("reuse", "false")]);
    for (second, fresh) in second.iter().zip(&fresh) {
        assert_eq!((&second["fields"], &second["text"]), (&fresh["fields"], &fresh["text"]));
        assert!(second["fields"].get("total").is_some());
    }
    let record = format!("/processing-history/{}", ids(&second)[0].as_str().unwrap());
    let retried = Answer::of(server.call(Method::POST, &format!("{record}/retry")));
    assert_eq!((retried.status, &retried.body["reusedFrom"]), (200, &Value::Null));
    eventually("the record is read", || server.get(&record).body["status"] == "completed");
    let read = server.get(&record).body;
    assert_eq!((&read["reusedFrom"], &read["text"]), (&Value::Null, &second[0]["text"]));
}
