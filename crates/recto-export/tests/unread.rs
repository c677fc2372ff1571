//! Files without a document and pages that could not be read stand in every format, with their status and the reason.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;

use calamine::{Data, Reader as _, Xlsx};
use fixture::{block, exported, exported_text, exported_with, invoices, line, page};
use recto_domain::{BlockKind, FileKind, FinishedBatch as _, FinishedDocument, Page, RecordStatus, Timestamp};
use recto_export::{CsvLayout, ExportOptions, Format, MemoryBatch, PdfOptions, PdfStandard};

/// The files of [`batch`] without a document, with their status and the reason as people read them.
const UNREAD: [(&str, &str, &str); 4] = [
    ("broken.pdf", "failed", "the PDF is cut off & <unreadable>"),
    ("stopped.pdf", "failed", "cancelled"),
    ("waiting.png", "queued", "it is waiting to be read"),
    ("open.tif", "in progress", "it is being opened"),
];

fn picture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples/receipt.jpg")
}

/// A file that was read, one of whose pages was not, among files that failed, were cancelled or are still open.
fn batch() -> MemoryBatch {
    let mut batch = MemoryBatch::new("March", Timestamp::from_millis(1_774_951_200_000));
    let reason = |text: &str| Some(text.to_owned());
    batch.add_unread(UNREAD[0].0, RecordStatus::Failed, reason(UNREAD[0].2));
    let words = vec![block(BlockKind::Paragraph, vec![line(72.0, 72.0, "Thank you")])];
    let pages = vec![page(1, words), Page::failed(2, "it took too long".to_owned())];
    batch.add("receipt.jpg", FileKind::Jpeg, picture(), pages);
    batch.add_unread(UNREAD[1].0, RecordStatus::Failed, reason("cancelled"));
    batch.add_unread(UNREAD[2].0, RecordStatus::Queued, None);
    batch.add_unread(UNREAD[3].0, RecordStatus::InProgress, None);
    batch
}

/// The batch of invoices with a file that failed in its middle.
fn invoices_with_a_failed_one() -> MemoryBatch {
    let invoices = invoices();
    let mut batch = MemoryBatch::with_details(MemoryBatch::new("b", Timestamp::from_millis(0)).details().clone());
    for (at, document) in invoices.documents().iter().enumerate() {
        if at == 1 {
            batch.add_unread("=broken.pdf", RecordStatus::Failed, Some("it is empty".to_owned()));
        }
        let pages = (1..=document.page_count).map(|number| match number {
            2 => Page::failed(2, "it is cut off".to_owned()),
            number => page(number, Vec::new()),
        });
        batch.add_document(FinishedDocument::clone(document), "nowhere", pages.collect());
    }
    batch
}

fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn sheet(bytes: Vec<u8>, name: &str) -> Vec<Vec<String>> {
    let range = Xlsx::new(Cursor::new(bytes)).unwrap().worksheet_range(name).unwrap();
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

/// What `program` makes of an export.
fn said_by(program: &str, before: &[&str], bytes: &[u8], after: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    std::fs::write(&file, bytes).unwrap();
    let output = Command::new(program).args(before).arg(&file).args(after).output();
    let output = output.unwrap_or_else(|_| panic!("{program} is installed (./bootstrap.sh --tests)"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The export as a person or a program reads it: text, and of markup what it means.
fn read(format: Format) -> String {
    let bytes = exported(format, &mut batch());
    let part = |name: &str| {
        let mut text = String::new();
        zip::ZipArchive::new(Cursor::new(&bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let text = match format {
        Format::Pdf => said_by("pdftotext", &["-layout"], &bytes, &["-"]),
        Format::Docx => part("word/document.xml"),
        Format::Xlsx => part("xl/worksheets/sheet1.xml") + &part("xl/worksheets/sheet2.xml"),
        _ => String::from_utf8(bytes.clone()).unwrap(),
    };
    if format == Format::Markdown {
        return text.replace('\\', "");
    }
    let is_markup =
        matches!(format, Format::Docx | Format::Xlsx | Format::Html | Format::Hocr | Format::Alto | Format::Xml);
    if is_markup { quick_xml::escape::unescape(&text).unwrap().into_owned() } else { text }
}

#[test]
fn every_format_names_every_file_with_its_status_and_the_reason_in_upload_order() {
    for format in Format::ALL {
        let (name, text) = (format.name(), read(format));
        // JSON and XML have the state of open files in the batch's details, spelled as the API spells it.
        let is_for_programs = matches!(format, Format::Json | Format::Xml | Format::Jsonl | Format::Csv | Format::Xlsx);
        let mut at = 0;
        for (file, status, reason) in UNREAD {
            let from = text[at..].find(file).unwrap_or_else(|| panic!("{name} has no {file} in its place:\n{text}"));
            at += from;
            let status = if is_for_programs { status.replace(' ', "_") } else { status.to_owned() };
            let has_reason = status == "failed" || !matches!(format, Format::Json | Format::Xml);
            let told = if matches!(format, Format::Json | Format::Jsonl) {
                text.lines().find(|line| line.contains(file)).unwrap()
            } else {
                text.as_str()
            };
            assert!(told.contains(&status), "{name}: {file} {status}:\n{text}");
            assert!(!has_reason || told.contains(reason), "{name}: {file} {reason}:\n{text}");
        }
    }
}

#[test]
fn a_line_of_text_says_it() {
    let text = exported_text(Format::Text, &mut batch());
    insta::assert_snapshot!(text.replace('\u{c}', "␌"), @r"
    ===== broken.pdf [failed: the PDF is cut off & <unreadable>] =====

    ===== receipt.jpg =====
    Thank you
    ␌[page 2 could not be read: it took too long]

    ===== stopped.pdf [failed: cancelled] =====

    ===== waiting.png [queued: it is waiting to be read] =====

    ===== open.tif [in progress: it is being opened] =====
    ");
}

#[test]
fn a_table_has_a_row_a_file_and_the_columns_that_it_always_has() {
    let rows = rows(&exported(Format::Csv, &mut batch()));
    assert_eq!(rows[0], ["fileName", "status", "pages", "confidence", "text"]);
    assert_eq!(rows[1], ["broken.pdf", "failed", "", "", "[failed: the PDF is cut off & <unreadable>]"]);
    let statuses: Vec<_> = rows[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(statuses, ["failed", "completed", "failed", "queued", "in_progress"]);
}

#[test]
fn a_table_of_fields_has_problems_in_a_last_column_when_there_are_some() {
    let table = rows(&exported(Format::Csv, &mut invoices_with_a_failed_one()));
    assert_eq!(table[0].last().unwrap(), "problems");
    let problems: Vec<_> = table[1..].iter().map(|row| row.last().unwrap().as_str()).collect();
    assert_eq!(problems, ["", "it is empty", "page 2 could not be read: it is cut off", ""]);
    assert_eq!(table[2][..4], ["'=broken.pdf", "failed", "", ""]);
    assert!(table.iter().all(|row| row.len() == table[0].len()), "{table:?}");
    let options = ExportOptions { csv_layout: CsvLayout::Items, ..ExportOptions::default() };
    let apart = rows(&exported_with(Format::Csv, &options, &mut invoices_with_a_failed_one()));
    assert_eq!((apart[0].last().unwrap().as_str(), apart[2][1].as_str()), ("problems", "failed"));
    let mut sound = MemoryBatch::new("b", Timestamp::from_millis(0));
    let first = invoices().documents()[0].clone();
    sound.add_document(first, "nowhere", vec![page(1, Vec::new())]);
    assert_eq!(rows(&exported(Format::Csv, &mut sound))[0].last().unwrap(), "seller");
}

#[test]
fn a_workbook_has_a_sheet_of_problems() {
    let problems = sheet(exported(Format::Xlsx, &mut batch()), "Problems");
    assert_eq!(
        problems,
        [
            ["fileName", "status", "page", "problem"],
            ["broken.pdf", "failed", "", UNREAD[0].2],
            ["receipt.jpg", "completed", "2", "could not be read: it took too long"],
            ["stopped.pdf", "failed", "", "cancelled"],
            ["waiting.png", "queued", "", "it is waiting to be read"],
            ["open.tif", "in_progress", "", "it is being opened"],
        ]
    );
    let documents = sheet(exported(Format::Xlsx, &mut batch()), "Documents");
    assert_eq!(documents.len(), 6);
    assert_eq!(documents[1][4], "[failed: the PDF is cut off & <unreadable>]");
    let fields = sheet(exported(Format::Xlsx, &mut invoices_with_a_failed_one()), "Documents");
    assert_eq!((fields[2][0].as_str(), fields[2].last().unwrap().as_str()), ("=broken.pdf", "it is empty"));
}

#[test]
fn what_else_is_worth_knowing_stands_among_the_problems_once() {
    let mut with_warnings = MemoryBatch::new("b", Timestamp::from_millis(0));
    let warned = FinishedDocument {
        warnings: vec!["page 1: it is dark".to_owned(), "page 2 could not be read: it took too long".to_owned()],
        ..batch().documents()[0].clone()
    };
    let pages = vec![page(1, Vec::new()), Page::failed(2, "it took too long".to_owned())];
    with_warnings.add_document(warned, "nowhere", pages);
    let problems = sheet(exported(Format::Xlsx, &mut with_warnings), "Problems");
    let told: Vec<_> = problems[1..].iter().map(|row| (row[2].as_str(), row[3].as_str())).collect();
    assert_eq!(told, [("2", "could not be read: it took too long"), ("", "page 1: it is dark")]);
}

#[test]
fn json_lines_have_a_line_a_file_with_the_same_members() {
    let text = exported_text(Format::Jsonl, &mut batch());
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |member: &str| lines.iter().map(|line| line[member].as_str()).collect::<Vec<_>>();
    assert_eq!(of("status"), ["failed", "completed", "failed", "queued", "in_progress"].map(Some));
    assert_eq!(of("error")[..3], [Some(UNREAD[0].2), None, Some("cancelled")]);
    assert!(lines.iter().all(|line| line.as_object().unwrap().keys().eq(lines[1].as_object().unwrap().keys())));
    assert!(lines[0]["pages"].as_array().unwrap().is_empty() && lines[0]["pageCount"].is_null());
}

#[test]
fn a_pdf_has_a_page_and_an_entry_in_the_outline_for_each() {
    let mut batch = batch();
    batch.add_unread("ใบเสร็จ.pdf", RecordStatus::Failed, Some("é — “quoted”".to_owned()));
    for standard in [None, Some(PdfStandard::A2b)] {
        let pdf = PdfOptions { standard, ..PdfOptions::default() };
        let bytes = exported_with(Format::Pdf, &ExportOptions { pdf, ..ExportOptions::default() }, &mut batch);
        let text = said_by("pdftotext", &[], &bytes, &["-"]);
        assert_eq!(text.matches('\u{c}').count(), 7, "{text}");
        assert!(text.contains("ใบเสร็จ.pdf") && text.contains("é — “quoted”"), "{text}");
        let outline: serde_json::Value =
            serde_json::from_str(&said_by("qpdf", &["--json", "--json-key=outlines"], &bytes, &[])).unwrap();
        let titles: Vec<_> =
            outline["outlines"].as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap()).collect();
        for title in
            ["broken.pdf [failed: the PDF is cut off & <unreadable>]", "receipt.jpg", "stopped.pdf [failed: cancelled]"]
        {
            assert!(titles.contains(&title), "{titles:?}");
        }
    }
}

#[test]
fn alto_and_hocr_stay_what_their_readers_expect() {
    let alto = exported_text(Format::Alto, &mut batch());
    assert_eq!(alto.matches("QUALITY=\"Missing\"").count(), 5, "{alto}");
    let hocr = exported_text(Format::Hocr, &mut batch());
    assert_eq!(hocr.matches("class=\"ocr_page\"").count(), 2, "{hocr}");
    let ids: Vec<&str> = hocr.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let tsv = exported_text(Format::Tsv, &mut batch());
    assert!(tsv.lines().all(|line| line.split('\t').count() == 12), "{tsv}");
}
