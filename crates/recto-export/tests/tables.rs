//! A table in every format that has tables.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::io::{Cursor, Read};

use calamine::{Data, Reader as _, Xlsx};
use fixture::{block, exported, exported_text, line, page, timetable};
use recto_domain::{BlockKind, FileKind, Timestamp};
use recto_export::{
    CsvDelimiter, ExportError, ExportOptions, Format, JSON_SCHEMA, MemoryBatch, PdfOptions, export_tables, table_values,
};
use serde_json::{Value, json};

fn tables_csv(options: &ExportOptions, batch: &mut MemoryBatch) -> String {
    let mut out = Vec::new();
    export_tables(options, batch, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A batch of so many pages with a small table each.
fn of_pages(count: u32) -> MemoryBatch {
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
    let row = |at: u8, name: &str| {
        let y = 100.0 + 14.0 * f32::from(at);
        [line(72.0, y, name), line(300.0, y, "1,250.00")]
    };
    let lines = || ["Harbour", "Ships", "Crew", "Total"].into_iter().zip(0..).flat_map(|(name, at)| row(at, name));
    let pages = (1..=count).map(|number| page(number, vec![block(BlockKind::Table, lines().collect())]));
    batch.add("long.pdf", FileKind::Pdf, "nowhere", pages.collect());
    batch
}

#[test]
fn json_has_its_cells_with_spans_and_is_valid() {
    let export: Value = serde_json::from_slice(&exported(Format::Json, &mut timetable())).unwrap();
    let validator = jsonschema::draft202012::new(&serde_json::from_str(JSON_SCHEMA).unwrap()).unwrap();
    assert_eq!(validator.iter_errors(&export).map(|e| e.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
    let pages = &export["documents"][0]["pages"];
    assert_eq!(pages[1]["tables"], json!([]));
    insta::assert_json_snapshot!(pages[0]["tables"]);
}

#[test]
fn xml_has_the_same() {
    let xml = exported_text(Format::Xml, &mut timetable());
    let from = xml.find("<tables>").unwrap();
    let until = xml.find("</tables>").unwrap();
    insta::assert_snapshot!(xml[from..until].replace("<row>", "\n<row>").replace("<cell", "\n  <cell"));
}

#[test]
fn html_has_spans_and_headers() {
    let html = exported_text(Format::Html, &mut timetable());
    let (from, until) = (html.find("<table>").unwrap(), html.find("</table>").unwrap());
    insta::assert_snapshot!(html[from..until].replace("<tr>", "\n<tr>").replace("<t", "\n  <t"));
}

#[test]
fn markdown_has_the_text_of_a_wide_cell_in_its_first_place() {
    let markdown = exported_text(Format::Markdown, &mut timetable());
    let table: Vec<&str> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn docx_has_spans_and_repeats_headers() {
    let mut archive = zip::ZipArchive::new(Cursor::new(exported(Format::Docx, &mut timetable()))).unwrap();
    let mut xml = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
    assert_eq!(xml.matches("<w:tblHeader/>").count(), 2);
    assert_eq!(xml.matches(r#"<w:gridSpan w:val="2"/>"#).count(), 1);
    assert_eq!(xml.matches(r#"<w:vMerge w:val="restart"/>"#).count(), 1);
    assert_eq!(xml.matches("<w:vMerge/>").count(), 1);
    // Every row has as many places as there are columns.
    for row in xml.split("<w:tr>").skip(1) {
        let spans = row.matches("<w:gridSpan").count();
        assert_eq!(row.matches("<w:tc>").count() + spans, 3, "{row}");
    }
}

#[test]
fn a_workbook_has_a_sheet_for_it() {
    let mut workbook = Xlsx::new(Cursor::new(exported(Format::Xlsx, &mut timetable()))).unwrap();
    assert_eq!(workbook.sheet_names(), ["Documents", "Table 1", "Problems"]);
    let sheet = workbook.worksheet_range("Table 1").unwrap();
    let rows: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(rows[0], ["fileName", "page", "=Harbour", "Ships 2025", "2026"]);
    assert_eq!(rows[1], ["ships.pdf", "1", "North & <South>", "12", "1.204,50"]);
    assert_eq!(sheet.get_value((1, 3)), Some(&Data::Float(12.0)));
    assert_eq!(sheet.get_value((1, 4)), Some(&Data::String("1.204,50".to_owned())));
}

#[test]
fn a_workbook_holds_no_more_sheets_than_can_be_borne_and_says_so() {
    let mut workbook = Xlsx::new(Cursor::new(exported(Format::Xlsx, &mut of_pages(102)))).unwrap();
    assert_eq!(workbook.sheet_names().len(), 102);
    let problems = workbook.worksheet_range("Problems").unwrap();
    let row: Vec<String> = problems.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(row[..3], ["long.pdf", "completed", "101"]);
    assert!(row[3].contains("not in this workbook"), "{row:?}");
}

#[test]
fn all_tables_make_one_csv() {
    let csv = tables_csv(&ExportOptions::default(), &mut timetable());
    insta::assert_snapshot!(csv.replace("\r\n", "␍␊\n"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.records().filter(|record| record.as_ref().unwrap().len() == 8).count(), 5);
    let bar = ExportOptions { csv_delimiter: CsvDelimiter::Bar, ..ExportOptions::default() };
    assert!(tables_csv(&bar, &mut timetable()).starts_with("fileName|page|table|row|kind|column1|"));
    let pdf = PdfOptions { standard: Some("pdfa-2b".parse().unwrap()), ..PdfOptions::default() };
    let archive = ExportOptions { pdf, ..ExportOptions::default() };
    assert!(matches!(export_tables(&archive, &mut timetable(), &mut Vec::new()), Err(ExportError::Options(_))));
}

#[test]
fn a_page_without_tables_has_none() {
    assert_eq!(
        table_values(&page(1, vec![block(BlockKind::Paragraph, vec![line(72.0, 72.0, "Hello")])])),
        [] as [Value; 0]
    );
}
