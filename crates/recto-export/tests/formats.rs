//! What each format looks like, read back by other programs' eyes where they have an opinion.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use fixture::{NAMES, block, exported, exported_text, exported_with, invoices, line, page, sample};
use proptest::prelude::*;
use recto_domain::{
    Block, BlockKind, Field, FieldType, FileKind, FinishedBatch as _, FinishedDocument, Page, Timestamp,
};
use recto_export::{CsvLayout, ExportOptions, Format, MemoryBatch};
use serde_json::json;

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
fn json_lines_look_like_this() {
    insta::assert_snapshot!(exported_text(Format::Jsonl, &mut sample()));
}

#[test]
fn tsv_looks_like_this() {
    insta::assert_snapshot!(exported_text(Format::Tsv, &mut sample()).replace('\t', "→"));
}

#[test]
fn markdown_looks_like_this() {
    insta::assert_snapshot!(exported_text(Format::Markdown, &mut sample()));
}

#[test]
fn fields_look_like_this_in_json() {
    insta::assert_snapshot!(exported_text(Format::Json, &mut invoices()));
}

#[test]
fn fields_look_like_this_in_xml() {
    insta::assert_snapshot!(exported_text(Format::Xml, &mut invoices()).replace("<field ", "\n<field "));
}

#[test]
fn fields_look_like_this_in_csv() {
    insta::assert_snapshot!(exported_text(Format::Csv, &mut invoices()).replace("\r\n", "␍␊\n"));
}

#[test]
fn fields_look_like_this_in_csv_with_line_items_apart() {
    insta::assert_snapshot!(items_apart(&mut invoices()).replace("\r\n", "␍␊\n"));
}

#[test]
fn fields_look_like_this_in_markdown() {
    insta::assert_snapshot!(exported_text(Format::Markdown, &mut invoices()));
}

fn items_apart(batch: &mut MemoryBatch) -> String {
    let options = ExportOptions { csv_layout: CsvLayout::Items, ..ExportOptions::default() };
    String::from_utf8(exported_with(Format::Csv, &options, batch)).unwrap()
}

#[test]
fn the_same_batch_gives_the_same_bytes() {
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Pdf) {
        assert_eq!(exported(format, &mut sample()), exported(format, &mut sample()), "{}", format.name());
        assert_eq!(exported(format, &mut invoices()), exported(format, &mut invoices()), "{}", format.name());
    }
}

#[test]
fn a_page_that_could_not_be_read_is_no_page_without_text_in_any_format() {
    let of = |page: Page| {
        let mut batch = MemoryBatch::with_details(sample().details().clone());
        let document = FinishedDocument { page_count: 1, warnings: Vec::new(), ..sample().documents()[2].clone() };
        batch.add_document(document, "nowhere", vec![page]);
        batch
    };
    let failed = || Page { size: fixture::A4, ..Page::failed(1, "it is cut off".to_owned()) };
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Pdf) {
        let (failed, empty) = (exported(format, &mut of(failed())), exported(format, &mut of(page(1, Vec::new()))));
        assert_ne!(failed, empty, "{}", format.name());
        if format.is_text() {
            assert!(String::from_utf8(failed).unwrap().contains("it is cut off"), "{}", format.name());
        }
    }
}

#[test]
fn a_line_of_json_is_a_document_of_the_json_export() {
    for batch in [sample, invoices] {
        let whole: serde_json::Value = serde_json::from_slice(&exported(Format::Json, &mut batch())).unwrap();
        let lines = exported_text(Format::Jsonl, &mut batch());
        let document = |line| {
            let mut document: serde_json::Value = serde_json::from_str(line).unwrap();
            let members = document.as_object_mut().unwrap();
            assert_eq!(members.shift_remove("status"), Some(json!("completed")));
            assert_eq!(members.shift_remove("error"), Some(json!(null)));
            document
        };
        let documents: Vec<serde_json::Value> = lines.lines().map(document).collect();
        assert_eq!(serde_json::Value::Array(documents), whole["documents"]);
    }
}

#[test]
fn fields_are_in_the_templates_order_and_null_without_a_template() {
    let read: serde_json::Value = serde_json::from_slice(&exported(Format::Json, &mut invoices())).unwrap();
    let document = &read["documents"][0];
    let names = ["number", "date", "total", "copies", "paid", "items", "tags", "seller"];
    for member in ["fields", "fieldDetails"] {
        assert!(document[member].as_object().unwrap().keys().eq(names), "{member}");
    }
    assert_eq!(document["fields"]["total"], document["fieldDetails"]["total"]["value"]);
    let read: serde_json::Value = serde_json::from_slice(&exported(Format::Json, &mut sample())).unwrap();
    assert!(read["documents"][0]["fields"].is_null() && read["documents"][0]["fieldDetails"].is_null());
}

#[test]
fn the_second_table_of_a_csv_is_there_without_items_too() {
    let text = items_apart(&mut sample());
    assert!(text.ends_with("\r\n\r\nfileName,field\r\n"), "{text}");
}

/// Rows as a plain reader of Tesseract's tables sees them: twelve cells, the last one text.
fn tsv_words(text: &str) -> Vec<(u32, String)> {
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let rows = rows.inspect(|row| assert_eq!(row.len(), 12, "{row:?}"));
    let words = rows.filter(|row| row[10].parse::<i32>().unwrap() >= 0);
    words.map(|row| (row[1].parse().unwrap(), row[11].to_owned())).collect()
}

#[test]
fn a_reader_of_tesseracts_tables_finds_the_words_and_pages_apart() {
    let words = tsv_words(&exported_text(Format::Tsv, &mut sample()));
    assert_eq!(words[0], (1, "Annual".to_owned()));
    assert_eq!(words.last().unwrap(), &(5, "-12.50".to_owned()));
    assert_eq!(words.iter().filter(|(page, _)| *page == 4).count(), 3);
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
    assert_eq!(exported_text(Format::Jsonl, &mut empty), "");
    assert_eq!(exported_text(Format::Markdown, &mut empty), "");
    assert_eq!(exported_text(Format::Tsv, &mut empty).lines().count(), 1);
}

proptest! {
    #[test]
    fn csv_gives_back_any_name_and_text(name in "[=+@\t\r-]?[0-9\"\r\n\\PC]*", word in "[=+@-]?\\PC*") {
        let rows = rows(&exported(Format::Csv, &mut of(&name, &word)));
        prop_assert!(rows[0][0] == guarded(&name) || rows[0][0] == name);
        prop_assert!(rows[0][4] == guarded(&word) || rows[0][4] == word);
    }

    #[test]
    fn tsv_keeps_its_columns_for_any_name_and_text(name in any::<String>(), word in "[\t\n\r\"=+@-]?\\PC*[\t\n\u{2028}]?") {
        let words = tsv_words(&exported_text(Format::Tsv, &mut of(&name, &word)));
        let clean = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { '\u{fffd}' } else { c };
        let word: String = word.chars().map(clean).collect();
        let is_number = word.chars().all(|c| c.is_ascii_digit() || "+-.,'eE".contains(c));
        prop_assert!(words == [(1, guarded(&word))] || is_number && words == [(1, word.clone())], "{words:?} of {word:?}");
    }

    #[test]
    fn markdown_names_a_file_on_one_line_whatever_it_is_called(name in any::<String>(), word in any::<String>()) {
        let text = exported_text(Format::Markdown, &mut of(&name, &word));
        prop_assert!(text.starts_with("# ") && !text.contains("<script") && !text.contains('\r'));
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

/// What strangers would have a reader run, in words, names and fields.
const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "<a href=\"javascript:alert(1)\">x</a>",
    "\"><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://evil.example\";\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
];

/// A document whose every part is hostile, with fields or without.
fn hostile(with_fields: bool) -> MemoryBatch {
    let mut batch = MemoryBatch::new(HOSTILE[0], Timestamp::from_millis(0));
    for hostile in HOSTILE {
        let mut words = line(72.0, 72.0, "x y");
        hostile.clone_into(&mut words.words[0].text);
        hostile.clone_into(&mut words.words[1].text);
        let heading = Block::of(BlockKind::Heading, vec![words.clone()]).unwrap();
        let pages =
            vec![page(1, vec![heading, block(BlockKind::Paragraph, vec![words])]), Page::failed(2, hostile.into())];
        batch.add(hostile, FileKind::Png, "nowhere", pages);
    }
    if !with_fields {
        return batch;
    }
    let mut filled = MemoryBatch::with_details(batch.details().clone());
    for document in batch.documents().to_vec() {
        let value = json!(document.file_name);
        let item = serde_json::Value::from_iter([(document.file_name.clone(), value.clone())]);
        let fields = vec![
            Field::missing(document.file_name.clone(), FieldType::String).corrected(value),
            Field::missing(format!("{} items", document.file_name), FieldType::Array).corrected(json!([item])),
        ];
        let pages = vec![page(1, Vec::new()), page(2, Vec::new())];
        filled.add_document(FinishedDocument { fields: Some(fields), ..document }, "nowhere", pages);
    }
    filled
}

/// Nothing in a file of elements acts or leads out of it.
fn assert_tame(name: &str, xml: &str) {
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        let element = match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => element,
            quick_xml::events::Event::Eof => return,
            _ => continue,
        };
        let tag = element.name().as_ref().to_owned();
        let acting =
            ["script", "img", "iframe", "object", "f", "w:hyperlink", "hyperlink", "w:instrText", "w:fldSimple"];
        assert!(!acting.contains(&tag.as_str()), "{name}: <{tag}>");
        for attribute in element.attributes() {
            let attribute = attribute.unwrap();
            let key = attribute.key.as_ref().to_owned();
            let value = attribute.value.into_owned();
            assert!(!key.starts_with("on"), "{name}: <{tag} {key}>");
            assert!(key != "href" || value.starts_with('#'), "{name}: {value}");
            assert!(!(key == "TargetMode" && value == "External"), "{name}: {value}");
        }
    }
}

#[test]
fn what_a_document_says_runs_in_no_format() {
    for (format, with_fields) in Format::ALL.into_iter().flat_map(|format| [(format, false), (format, true)]) {
        let name = format.name();
        match format {
            Format::Docx | Format::Xlsx => {
                let bytes = exported(format, &mut hostile(with_fields));
                let mut package = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
                for at in 0..package.len() {
                    let mut part = package.by_index(at).unwrap();
                    let mut xml = String::new();
                    std::io::Read::read_to_string(&mut part, &mut xml).unwrap();
                    assert_tame(name, &xml);
                }
            }
            Format::Html | Format::Hocr | Format::Alto | Format::Xml => {
                assert_tame(name, &exported_text(format, &mut hostile(with_fields)));
            }
            Format::Csv => {
                for layout in [CsvLayout::Documents, CsvLayout::Items] {
                    let options = ExportOptions { csv_layout: layout, ..ExportOptions::default() };
                    let bytes = exported_with(format, &options, &mut hostile(with_fields));
                    let mut reader =
                        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
                    for cell in
                        reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
                    {
                        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
                    }
                }
            }
            Format::Tsv => {
                let table = exported_text(format, &mut hostile(with_fields));
                for text in table.lines().filter_map(|row| row.split('\t').nth(11)) {
                    assert!(!text.starts_with(['=', '+', '-', '@']), "{text}");
                }
            }
            Format::Markdown => {
                let text = exported_text(format, &mut hostile(with_fields)).replace("<br>", "").replace("<!-- -->", "");
                for (at, _) in text.match_indices(['<', '[', ']']) {
                    assert!(text[..at].ends_with('\\'), "{}", &text[at..]);
                }
            }
            // Nothing in the first three has a meaning beyond itself; for PDF see actions.rs.
            Format::Json | Format::Jsonl | Format::Text | Format::Pdf => {}
        }
    }
}
