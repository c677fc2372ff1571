//! Templates that are taught with real documents: what is learned is tested where it is learned.

use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::json;

use crate::answer::Answer;
use crate::command::run;
use crate::documents::{bytes, path};
use crate::fields::made;
use crate::server::{Server, file};

/// A value of the sample invoice, under a name that says nothing of its label there.
const AGREEMENT: &str = "CON02858";

#[test]
fn a_document_with_its_values_teaches_a_template_that_run_takes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(path("invoice.pdf"), folder.path().join("invoice.pdf")).unwrap();
    std::fs::write(folder.path().join("values.json"), json!({"agreement": AGREEMENT}).to_string()).unwrap();
    let learn = ["template", "learn", "--example", "invoice.pdf=values.json", "-o", "taught.yaml"];
    let said = run(&learn, folder.path()).ok();
    assert!(
        said.stderr.starts_with("FIELD      BEFORE  NOW     LEARNED\nagreement  0 of 1  1 of 1  {"),
        "{}",
        said.stderr
    );
    let yaml = std::fs::read_to_string(folder.path().join("taught.yaml")).unwrap();
    assert!(yaml.starts_with("name: taught\ntemplateSchema:\n  agreement:\n    type: string\n    find:\n"), "{yaml}");
    let found = run(&["run", "invoice.pdf", "--template", "taught.yaml"], folder.path()).ok().json();
    assert_eq!(found["documents"][0]["fields"], json!({"agreement": AGREEMENT}));
    // Taught again, it has nothing to learn; as JSON with the report.
    let again = ["template", "learn", "--template", "taught.yaml", "--example", "invoice.pdf=values.json", "--json"];
    let said = run(&again, folder.path()).ok().json();
    assert_eq!((&said["lessons"][0]["rightBefore"], &said["lessons"][0]["find"]), (&json!(1), &json!(null)));
    assert_eq!(said["template"]["name"], "taught");
}

#[test]
fn an_example_that_cannot_teach_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("noise.pdf"), "noise").unwrap();
    std::fs::write(folder.path().join("values.json"), "{\"total\": \"1.50\"}").unwrap();
    std::fs::write(folder.path().join("list.json"), "[1]").unwrap();
    let refusal = |example: &str| {
        let said = run(&["template", "learn", "--example", example, "-o", "taught.yaml"], folder.path());
        assert!(!folder.path().join("taught.yaml").exists());
        assert_ne!(said.code, Some(0));
        said.stderr.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(refusal("noise.pdf=nowhere.json"), "recto: nowhere.json: no such file or folder");
    assert_eq!(refusal("noise.pdf=list.json"), "recto: list.json: it contains no object of values");
    assert_eq!(refusal("nowhere.pdf=values.json"), "recto: nowhere.pdf: no such file or folder");
    assert!(refusal("noise.pdf=values.json").starts_with("recto: noise.pdf: "));
    assert!(refusal("noise.pdf").contains("may.pdf=may.json"));
}

#[test]
fn an_example_file_teaches_a_stored_template() {
    let server = Server::start();
    let template = made(&server, &json!({"agreement": {"type": "string"}}));
    let example = Form::new()
        .part("file", Part::bytes(bytes("invoice.pdf")).file_name("invoice.pdf"))
        .text("fields", json!({"agreement": AGREEMENT}).to_string());
    let path = format!("/templates/{template}/data-files");
    assert_eq!(Answer::of(server.call(Method::POST, &path).multipart(example)).status, 201);
    let taught = server.call(Method::POST, &format!("/templates/{template}/learn")).json(&json!({}));
    let taught = Answer::of(taught);
    assert_eq!(taught.status, 200, "{}", taught.body);
    assert_eq!((&taught.body["template"]["version"], &taught.body["lessons"][0]["rightAfter"]), (&json!(2), &json!(1)));
    let form = server.form().text("templateId", template);
    let sent = server.send(file(form, "invoice.pdf", bytes("invoice.pdf")));
    server.wait(sent.body["id"].as_str().unwrap());
    let record = sent.body["processingHistoryIds"][0].as_str().unwrap();
    let record = server.get(&format!("/processing-history/{record}")).body;
    assert_eq!((&record["fields"]["agreement"], &record["templateVersion"]), (&json!(AGREEMENT), &json!(2)));
}
