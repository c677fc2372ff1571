//! Exports read back by programs that know nothing of Recto.

use serde_json::Value;

use crate::answer::Answer;
use crate::documents::{bytes, files};
use crate::programs::{self, office_text, saved};
use crate::server::Server;
use crate::words::{LETTER, recall};

/// A server with a batch that has what an export can hold: scans, a PDF, a blank page and a file that failed.
fn server_with_batch() -> (Server, String) {
    let server = Server::start();
    let batch =
        server.batch(files(&["letter.tif", "text-named.pdf", "invoice.pdf", "empty.pdf", "phototest-rotated-180.png"]));
    assert_eq!(server.wait(&batch)["status"], "partially_failed");
    (server, batch)
}

fn schema(server: &Server, name: &str) -> Answer {
    Answer::of(server.bare(reqwest::Method::GET, &format!("/schemas/{name}")))
}

#[test]
fn json_is_valid_against_the_served_schema() {
    let (server, batch) = server_with_batch();
    let validator = jsonschema::draft202012::new(&schema(&server, "export.schema.json").body).unwrap();
    let export = server.export(&batch, "json").body;
    let problems: Vec<String> =
        validator.iter_errors(&export).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    let names: Vec<_> = export["documents"].as_array().unwrap().iter().map(|document| &document["fileName"]).collect();
    assert_eq!(names, ["letter.tif", "invoice.pdf", "empty.pdf", "phototest-rotated-180.png"]);
}

#[test]
fn xml_is_valid_against_the_served_schema() {
    let (server, batch) = server_with_batch();
    let folder = tempfile::tempdir().unwrap();
    let xsd = saved(&folder, "export.xsd", &schema(&server, "export.xsd").bytes);
    let xml = saved(&folder, "export.xml", &server.export(&batch, "xml").bytes);
    programs::run("xmllint", &[&"--noout", &"--nonet", &"--schema", &xsd, &xml]);
    let text = programs::run("xmllint", &[&"--xpath", &"string(//*[local-name()='text'])", &xml]);
    assert!(recall(LETTER, &text) >= 0.95, "{text}");
}

#[test]
fn csv_has_a_row_a_document() {
    let (server, batch) = server_with_batch();
    let export = server.export(&batch, "csv");
    assert!(export.text().starts_with("fileName,status,pages,confidence,text\r\n"), "{}", export.text());
    let mut reader = csv::Reader::from_reader(export.bytes.as_slice());
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(head, ["fileName", "status", "pages", "confidence", "text"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |number: usize| rows.iter().map(|row| row[number].to_owned()).collect::<Vec<_>>();
    assert_eq!(column(0), ["letter.tif", "text-named.pdf", "invoice.pdf", "empty.pdf", "phototest-rotated-180.png"]);
    assert_eq!(column(1), ["completed", "failed", "completed", "completed", "completed"]);
    assert_eq!(column(2), ["1", "", "2", "1", "1"]);
    assert!(rows[1][4].starts_with("[failed: "), "{}", &rows[1][4]);
    assert!(recall(LETTER, &rows[0][4]) >= 0.95, "{}", &rows[0][4]);
    assert!(rows[0][3].parse::<f64>().is_ok_and(|confidence| confidence > 0.8), "{}", &rows[0][3]);
    assert_eq!(&rows[3][4], "");
    assert!(export.text().lines().count() > rows.len() + 1, "cells keep their line breaks");
}

#[test]
fn text_names_each_file_and_parts_pages_by_form_feeds() {
    let (server, batch) = server_with_batch();
    let export = server.export(&batch, "text");
    let mut at = 0;
    for name in ["letter.tif", "invoice.pdf", "empty.pdf", "phototest-rotated-180.png"] {
        let found = export.text()[at..].find(name);
        at += found.unwrap_or_else(|| panic!("no {name} in its place:\n{}", export.text()));
    }
    let failed = export.text().lines().find(|line| line.contains("text-named.pdf")).unwrap();
    assert!(failed.contains("[failed: "), "{failed}");
    let invoice = export.text().split("=====").find(|part| part.contains("Gelnhausen")).unwrap();
    assert_eq!(invoice.trim_end_matches('\x0c').matches('\x0c').count(), 1, "two pages:\n{invoice}");
}

#[test]
fn docx_is_read_by_an_office_program() {
    let (server, batch) = server_with_batch();
    let folder = tempfile::tempdir().unwrap();
    let text = office_text(&saved(&folder, "export.docx", &server.export(&batch, "docx").bytes));
    for name in ["letter.tif", "invoice.pdf", "phototest-rotated-180.png"] {
        assert!(text.contains(name), "no heading {name}:\n{text}");
    }
    assert!(recall(&format!("{LETTER} {LETTER}"), &text) >= 0.95, "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let paragraph = lines.iter().find(|line| line.contains("The quick brown dog")).unwrap();
    assert!(paragraph.contains("lazy fox."), "a paragraph is one, not lines: {paragraph}");
}

#[test]
fn every_export_holds_every_document_once() {
    let (server, batch) = server_with_batch();
    let documents = server.export(&batch, "json").body["documents"].take();
    let mut seen: Vec<&str> =
        documents.as_array().unwrap().iter().map(|document| document["uploadId"].as_str().unwrap()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 4);
    let numbers = |document: &Value| {
        document["pages"].as_array().unwrap().iter().map(|page| page["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(
        documents.as_array().unwrap().iter().map(numbers).collect::<Vec<_>>(),
        [vec![1], vec![1, 2], vec![1], vec![1]]
    );
}

#[test]
fn a_cell_never_runs_as_a_formula() {
    let server = Server::start();
    let batch = server.batch([("=cmd|' /C calc'!A0.tif", bytes("g4_orientation_1.tif"))]);
    server.wait(&batch);
    let export = server.export(&batch, "csv");
    let mut reader = csv::Reader::from_reader(export.bytes.as_slice());
    assert_eq!(&reader.records().next().unwrap().unwrap()[0], "'=cmd|' /C calc'!A0.tif");
}
