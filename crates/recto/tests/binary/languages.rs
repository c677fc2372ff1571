//! `languages=auto`: the language of every page by itself.

use serde_json::Value;

use crate::command::run;
use crate::documents::{bytes, files, path};
use crate::server::{Server, file};
use crate::words::{LETTER, recall};

const GERMAN: &str = include_str!("../documents/german.gt.txt");
const GREEK: &str = include_str!("../documents/greek.gt.txt");

/// The documents of a batch that was read, by the JSON export.
pub fn documents(server: &Server, form: reqwest::blocking::multipart::Form) -> Vec<Value> {
    let sent = server.send(form);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let details = server.wait(sent.body["id"].as_str().unwrap());
    assert_eq!(details["status"], "completed", "{details:#}");
    let mut export = server.export(details["id"].as_str().unwrap(), "json").body;
    serde_json::from_value(export["documents"].take()).unwrap()
}

fn form(server: &Server, names: &[&str]) -> reqwest::blocking::multipart::Form {
    names.iter().fold(server.form(), |form, name| file(form, name, bytes(name)))
}

#[track_caller]
fn assert_read(document: &Value, language: &str, truth: &str) {
    assert_eq!(document["pages"][0]["language"], language, "{document:#}");
    // Greek models give the sign for a millionth for the letter that looks alike.
    let recall = recall(truth, &document["text"].as_str().unwrap().replace('µ', "μ"));
    assert!(recall >= 0.9, "{}: recall {recall:.2}: {}", document["fileName"], document["text"]);
}

#[test]
fn every_page_of_a_batch_is_read_in_its_own_language() {
    let server = Server::start();
    let names = ["german.png", "letter.tif", "greek.png", "phototest-rotated-180.png", "phototest-rotated-R.png"];
    let read = documents(&server, form(&server, &names).text("languages", "auto"));
    assert_read(&read[0], "deu", GERMAN);
    assert_read(&read[1], "eng", LETTER);
    assert_read(&read[2], "ell", GREEK);
    assert_read(&read[3], "eng", LETTER);
    assert_read(&read[4], "eng", LETTER);
    assert!(read.iter().all(|document| document["warnings"].as_array().unwrap().is_empty()), "{read:#?}");
}

#[test]
fn letters_with_marks_above_them_are_read_in_one_line_and_so_are_numbers_and_codes() {
    let server = Server::start();
    let truth = String::from_utf8(bytes("thai-receipt.gt.txt")).unwrap();
    for languages in ["tha", "auto"] {
        let read = documents(&server, form(&server, &["thai-receipt.png"]).text("languages", languages));
        let text = read[0]["text"].as_str().unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), truth.lines().count(), "{text}");
        // The model takes the mark of น้ำ for another one.
        let same = |a: &str, b: &str| a.replace("น้ำ", "น้า") == b.replace("น้ำ", "น้า");
        for (line, truth) in lines.iter().zip(truth.lines()) {
            assert!(same(line, truth), "{line} instead of {truth}");
        }
    }
}

#[test]
fn a_single_file_may_be_left_to_itself_and_the_record_says_what_came_of_it() {
    let server = Server::start();
    let form = form(&server, &["german.png", "german.png"]).text("languages", "eng").text("files[1].languages", "auto");
    let sent = server.send(form);
    server.wait(sent.body["id"].as_str().unwrap());
    let project = &server.project;
    let list = server.get(&format!("/processing-history?projectId={project}")).body;
    let mut languages: Vec<&str> =
        list["data"].as_array().unwrap().iter().map(|record| record["languages"].as_str().unwrap()).collect();
    languages.sort_unstable();
    assert_eq!(languages, ["deu", "eng"]);
}

#[test]
fn the_setting_holds_for_whoever_names_none() {
    let server = Server::with(&[("ocr.languages", "auto")]);
    let read = server.documents(files(&["german.png", "letter.tif"]));
    assert_read(&read[0], "deu", GERMAN);
    assert_read(&read[1], "eng", LETTER);
}

#[test]
fn the_command_line_takes_auto_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(path("german.png"), folder.path().join("german.png")).unwrap();
    let said = run(&["run", ".", "--lang", "auto", "--format", "hocr"], folder.path()).ok();
    assert!(said.stdout.contains(r#"lang="deu""#), "{}", said.stdout);
    let said = run(&["run", ".", "--lang", "auto+eng"], folder.path());
    assert!(said.stderr.contains("languages must be auto, or at most 10 codes"), "{}", said.stderr);
}

#[test]
fn a_language_that_is_not_installed_is_named_with_its_package() {
    let server = Server::start();
    let read = documents(&server, form(&server, &["telugu.png", "letter.tif"]).text("languages", "auto"));
    // On a machine that happens to have Telugu, it is read.
    if read[0]["pages"][0]["language"] != "tel" {
        let warnings = read[0]["warnings"].as_array().unwrap();
        let missing = "page 1: the text looks like Telugu, which is not installed: install tesseract-ocr-tel and retry";
        assert!(warnings.iter().any(|warning| warning == missing), "{read:#?}");
        // What English letters leave unread of it is told too.
        assert!(warnings.iter().any(|warning| warning.as_str().is_some_and(|w| w.contains("not read"))), "{read:#?}");
    }
    assert!(read[1]["warnings"].as_array().unwrap().is_empty(), "{read:#?}");
}

#[test]
fn the_language_of_a_text_layer_is_told_by_its_text() {
    let server = Server::start();
    let read = server.documents(files(&["invoice.pdf", "empty.pdf"]));
    assert_eq!(read[0]["pages"][0]["source"], "text-layer");
    assert_eq!(read[0]["pages"][0]["language"], "deu", "{:#}", read[0]);
    let warnings = read.iter().flat_map(|document| document["warnings"].as_array().unwrap());
    assert_eq!(warnings.count(), 0, "{read:#?}");
}
