//! From a template to the fields of real documents: which values are found is tested where they are found.

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::command::run;
use crate::documents::{bytes, path};
use crate::server::{Server, file};

/// A new template with that schema; its id.
pub fn made(server: &Server, schema: &Value) -> String {
    let body = json!({"name": "T", "description": "", "projectId": server.project, "templateSchema": schema});
    let answer = Answer::of(server.call(Method::POST, "/templates").json(&body));
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["templateId"].as_str().unwrap().to_owned()
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap_or_else(|| panic!("{object}")).keys().map(String::as_str).collect()
}

#[test]
fn a_document_that_is_sent_with_a_template_has_its_fields() {
    let server = Server::start();
    // No document has the second one, which a person should therefore look for.
    let schema = json!({"total": {"type": "number"}, "flux capacity": {"type": "string", "required": true}});
    let form = server.form().text("templateId", made(&server, &schema));
    let sent = server.send(["invoice.pdf", "receipt.jpg"].into_iter().fold(form, |f, name| file(f, name, bytes(name))));
    let batch = sent.body["id"].as_str().unwrap();
    assert_eq!(server.wait(batch)["status"], "completed");
    for record in sent.body["processingHistoryIds"].as_array().unwrap() {
        let record = server.get(&format!("/processing-history/{}", record.as_str().unwrap())).body;
        assert_eq!(names(&record["fields"]), ["total", "flux capacity"]);
        assert_eq!(names(&record["fieldDetails"]), ["total", "flux capacity"]);
        let total = &record["fields"]["total"];
        assert!(total.is_null() || total.is_number(), "{total}");
        assert_eq!((&record["fields"]["flux capacity"], &record["needsReview"]), (&json!(null), &json!(true)));
        assert_eq!(record["warnings"], json!([]));
    }
    let csv = server.export(batch, "csv");
    assert!(csv.text().starts_with("fileName,status,pages,confidence,total,flux capacity\r\n"), "{}", csv.text());
}

#[test]
fn a_template_of_another_program_is_imported_and_run() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let yaml = "issuer: Somebody\nkeywords:\n  - e\nfields:\n  static_kind: invoice\n  first: (\\w+)\n";
    std::fs::write(folder.path().join("somebody.yml"), yaml).unwrap();
    let data = server.data_dir().to_string_lossy().into_owned();
    let arguments = ["template", "import", "somebody.yml", "--project", &server.project, "--data-dir", &data, "--json"];
    let made = run(&arguments, folder.path()).ok().json();
    assert_eq!(made["name"], "Somebody");
    let form = server.form().text("templateId", made["id"].as_str().unwrap().to_owned());
    let sent = server.send(file(form, "invoice.pdf", bytes("invoice.pdf")));
    assert_eq!(server.wait(sent.body["id"].as_str().unwrap())["status"], "completed");
    let record = sent.body["processingHistoryIds"][0].as_str().unwrap();
    let record = server.get(&format!("/processing-history/{record}")).body;
    assert_eq!((&record["fields"]["issuer"], &record["fields"]["kind"]), (&json!("Somebody"), &json!("invoice")));
    assert_eq!(record["fieldDetails"]["kind"]["source"], "invoice2data");
    let listed = run(&["template", "list", "--data-dir", &data, "--json"], folder.path()).ok().json();
    assert_eq!(listed[0]["id"], made["id"]);
}

#[test]
fn a_template_that_cannot_be_looked_for_is_refused() {
    let server = Server::start();
    let body = json!({"name": "T", "description": "", "projectId": server.project,
        "templateSchema": {"total": {"type": "colour"}}});
    let refused = Answer::of(server.call(Method::POST, "/templates").json(&body));
    refused.is_error(400);
    assert!(refused.body["message"].as_str().unwrap().starts_with("templateSchema.total.type must be one of "));
}

#[test]
fn run_finds_the_fields_of_a_template_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(path("invoice.pdf"), folder.path().join("invoice.pdf")).unwrap();
    let yaml = "name: Invoice\ntemplateSchema:\n  number: {type: string}\n  total: {type: number}\n";
    std::fs::write(folder.path().join("invoice.yaml"), yaml).unwrap();
    let said = run(&["run", "invoice.pdf", "--template", "invoice.yaml"], folder.path()).ok().json();
    assert_eq!(names(&said["documents"][0]["fields"]), ["number", "total"]);

    std::fs::write(folder.path().join("receipt.json"), r#"{"total": {"type": "number"}}"#).unwrap();
    run(&["run", "invoice.pdf", "--template", "receipt.json", "-o", "all.csv"], folder.path()).ok();
    let csv = std::fs::read_to_string(folder.path().join("all.csv")).unwrap();
    assert!(csv.starts_with("fileName,status,pages,confidence,total\r\ninvoice.pdf,completed,2,"), "{csv}");
}

#[test]
fn run_says_what_is_wrong_with_a_template_file_before_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.yaml"), "total: {type: colour}\nday: 7\n").unwrap();
    let said = run(&["run", "nowhere.pdf", "--template", "bad.yaml"], folder.path());
    assert_eq!((said.code, said.stdout.as_str()), (Some(1), ""));
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert_eq!(lines[0], "recto: bad.yaml is not a valid template");
    assert!(lines[1].starts_with("  templateSchema.total.type must be one of "), "{}", said.stderr);
    assert_eq!(lines[2], "  templateSchema.day must be an object with a type, not 7");
    let said = run(&["run", "nowhere.pdf", "--template", "nowhere.yaml"], folder.path());
    assert!(said.stderr.starts_with("recto: nowhere.yaml: "), "{}", said.stderr);
}
