//! The built-in templates, each on a document of its kind: `papers/ID.txt` is drawn as a page, and `papers/ID.json` has
//! the fields that stand on it.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::command::run;
use crate::drawn::Drawn;
use crate::server::{Server, file};

fn paper(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/papers").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The PDF of a paper: words that two blanks part stand in columns of their own.
fn drawn(id: &str) -> Vec<u8> {
    let text = paper(&format!("{id}.txt"));
    let mut page = Drawn::new(|letter| letter);
    for (row, line) in text.lines().enumerate() {
        let mut column = 0;
        for piece in line.split("  ") {
            let words = piece.trim_start();
            let indent = piece.len() - words.len();
            if !words.is_empty() {
                page = page.text(0, 40.0 + (column + indent) as f32 * 6.0, 60.0 + row as f32 * 16.0, words);
            }
            column += piece.len() + 2;
        }
    }
    page.pdf()
}

#[test]
fn every_built_in_template_finds_the_fields_of_its_kind_of_document() {
    let server = Server::start();
    let all = server.get("/templates/builtin").body;
    let mut sent = Vec::new();
    for builtin in all.as_array().unwrap() {
        let id = builtin["id"].as_str().unwrap();
        let copy = server.call(Method::POST, &format!("/templates/builtin/{id}/copy"));
        let copy = Answer::of(copy.json(&json!({"projectId": server.project})));
        assert_eq!(copy.status, 201, "{}", copy.body);
        let form = server.form().text("templateId", copy.body["id"].as_str().unwrap().to_owned());
        sent.push((id, server.send(file(form, &format!("{id}.pdf"), drawn(id)))));
    }
    assert_eq!(sent.len(), 9);
    for (id, sent) in sent {
        assert_eq!(server.wait(sent.body["id"].as_str().unwrap())["status"], "completed");
        let record = sent.body["processingHistoryIds"][0].as_str().unwrap();
        let record = server.get(&format!("/processing-history/{record}")).body;
        let expected: Value = serde_json::from_str(&paper(&format!("{id}.json"))).unwrap();
        assert_eq!(record["fields"], expected, "{id}");
        assert!(expected.as_object().unwrap().values().all(|value| !value.is_null()), "{id} has all its fields");
        assert_eq!(record["warnings"], json!([]), "{id}");
    }
}

#[test]
fn the_command_lists_copies_and_runs_built_in_templates() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let data = server.data_dir().to_string_lossy().into_owned();
    let listed = run(&["template", "list", "--builtin"], folder.path()).ok().stdout;
    assert!(listed.contains("builtin:bank-statement"), "{listed}");
    let listed = run(&["template", "list", "--builtin", "--json"], folder.path()).ok().json();
    assert_eq!(listed, server.get("/templates/builtin").body);
    let made = ["template", "import", "builtin:contract", "--project", &server.project, "--data-dir", &data, "--json"];
    assert_eq!(run(&made, folder.path()).ok().json()["name"], "Contract");
    std::fs::write(folder.path().join("card.pdf"), drawn("id-card")).unwrap();
    let read = run(&["run", "card.pdf", "--template", "builtin:id-card"], folder.path()).ok().json();
    assert_eq!(read["documents"][0]["fields"]["surname"], "HAWTHORNE");
    let refused = run(&["run", "card.pdf", "--template", "builtin:card"], folder.path());
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.starts_with("recto: there is no built-in template card\n  Built-in templates are "),
        "{}",
        refused.stderr
    );
}
