//! What each format looks like, read back by other programs' eyes where they have an opinion.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use fixture::{NAMES, block, exported, exported_text, line, page, sample};
use proptest::prelude::*;
use recto_domain::{BlockKind, FileKind, Timestamp};
use recto_export::{Format, MemoryBatch};

/// A batch of one file with one word.
fn of(name: &str, word: &str) -> MemoryBatch {
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
    let mut line = line(72.0, 72.0, "x");
    word.clone_into(&mut line.words[0].text);
    batch.add(name, FileKind::Png, "nowhere", vec![page(1, vec![block(BlockKind::Paragraph, vec![line])])]);
    batch
}

fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    assert_eq!(reader.headers().unwrap(), vec!["fileName", "status", "pages", "confidence", "text"]);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// What a cell shows for a text that is no number.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[test]
fn json_looks_like_this() {
    insta::assert_snapshot!(exported_text(Format::Json, &mut sample()));
}

#[test]
fn csv_looks_like_this() {
    insta::assert_snapshot!(exported_text(Format::Csv, &mut sample()).replace("\r\n", "␍␊\n"));
}

#[test]
fn text_looks_like_this() {
    insta::assert_snapshot!(exported_text(Format::Text, &mut sample()).replace('\u{c}', "␌"));
}

#[test]
fn xml_looks_like_this() {
    insta::assert_snapshot!(exported_text(Format::Xml, &mut sample()));
}

#[test]
fn the_same_batch_gives_the_same_bytes() {
    for format in [Format::Json, Format::Csv, Format::Text, Format::Xml] {
        assert_eq!(exported(format, &mut sample()), exported(format, &mut sample()), "{}", format.name());
    }
}

#[test]
fn json_gives_back_names_and_metadata_as_they_were_sent() {
    let read: serde_json::Value = serde_json::from_slice(&exported(Format::Json, &mut sample())).unwrap();
    let names: Vec<_> = read["documents"].as_array().unwrap().iter().map(|d| d["fileName"].as_str().unwrap()).collect();
    assert_eq!(names, NAMES);
    assert_eq!(read["batch"]["metadata"]["note"], "bell \u{7} <&");
    let statuses: Vec<_> =
        read["documents"][0]["pages"].as_array().unwrap().iter().map(|p| p["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["read", "failed", "no_text", "read"]);
    assert_eq!(read["documents"][0]["text"].as_str().unwrap().matches('\u{c}').count(), 3);
}

#[test]
fn a_csv_reader_gets_a_row_a_document_and_no_formula() {
    let rows = rows(&exported(Format::Csv, &mut sample()));
    let firsts: Vec<_> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(firsts, ["'=1+2.tif", NAMES[1], NAMES[2]]);
    assert!(rows[0][4].starts_with("'Annual report") || rows[0][4].starts_with("Annual report"));
    assert!(
        rows[0][4].contains("\u{c}[page 2 could not be read: the recognition took longer than 60 seconds]\u{c}\u{c}")
    );
    assert_eq!(rows[1][4], "-12.50");
}

#[test]
fn a_batch_without_documents_is_a_whole_file_too() {
    let mut empty = MemoryBatch::new("empty", Timestamp::from_millis(0));
    assert!(serde_json::from_slice::<serde_json::Value>(&exported(Format::Json, &mut empty)).is_ok());
    assert_eq!(exported_text(Format::Csv, &mut empty), "fileName,status,pages,confidence,text\r\n");
    assert_eq!(exported_text(Format::Text, &mut empty), "");
}

proptest! {
    #[test]
    fn csv_gives_back_any_name_and_text(name in "[=+@\t\r-]?[0-9\"\r\n\\PC]*", word in "[=+@-]?\\PC*") {
        let rows = rows(&exported(Format::Csv, &mut of(&name, &word)));
        prop_assert!(rows[0][0] == guarded(&name) || rows[0][0] == name);
        prop_assert!(rows[0][4] == guarded(&word) || rows[0][4] == word);
    }

    #[test]
    fn json_gives_back_any_name_and_text(name in any::<String>(), word in any::<String>()) {
        let read: serde_json::Value = serde_json::from_slice(&exported(Format::Json, &mut of(&name, &word))).unwrap();
        prop_assert_eq!(read["documents"][0]["fileName"].as_str(), Some(name.as_str()));
        prop_assert_eq!(read["documents"][0]["text"].as_str(), Some(word.as_str()));
    }

    #[test]
    fn xml_is_well_formed_for_any_name_and_text(name in any::<String>(), word in any::<String>()) {
        let xml = exported_text(Format::Xml, &mut of(&name, &word));
        let mut reader = quick_xml::Reader::from_str(&xml);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }
}
