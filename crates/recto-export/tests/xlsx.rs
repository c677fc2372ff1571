//! The XLSX export, read back by a spreadsheet library and by LibreOffice.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::io::{Cursor, Read};
use std::process::Command;

use calamine::{Data, Range, Reader as _, Xlsx};
use fixture::{block, exported, invoices, line, page, sample};
use proptest::prelude::*;
use recto_domain::{BlockKind, Field, FieldType, FileKind, FinishedBatch as _, FinishedDocument, Timestamp};
use recto_export::{Format, MemoryBatch};
use serde_json::json;

fn part(xlsx: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(xlsx)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn workbook(xlsx: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(xlsx)).unwrap()
}

fn sheet(batch: &mut MemoryBatch, name: &str) -> Range<Data> {
    workbook(exported(Format::Xlsx, batch)).worksheet_range(name).unwrap()
}

/// A batch of one file with one word.
fn of(name: &str, word: &str) -> MemoryBatch {
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
    let mut line = line(72.0, 72.0, "x");
    word.clone_into(&mut line.words[0].text);
    batch.add(name, FileKind::Png, "nowhere", vec![page(1, vec![block(BlockKind::Paragraph, vec![line])])]);
    batch
}

fn header(range: &Range<Data>) -> Vec<String> {
    range.rows().next().unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn a_sheet_looks_like_this() {
    let xlsx = exported(Format::Xlsx, &mut invoices());
    insta::assert_snapshot!(part(&xlsx, "xl/worksheets/sheet2.xml"));
    insta::assert_snapshot!(part(&xlsx, "xl/workbook.xml"));
}

#[test]
fn a_batch_without_a_template_has_its_text() {
    let range = sheet(&mut sample(), "Documents");
    assert_eq!(header(&range), ["fileName", "status", "pages", "confidence", "text"]);
    assert_eq!(range.height(), 4);
    let text = range.get_value((1, 4)).unwrap().to_string();
    assert!(text.starts_with("Annual report\n\n=The committee"), "{text}");
    assert!(text.contains("\n\n[page 2 could not be read: the recognition took longer than 60 seconds]\n\n"));
    assert_eq!(range.get_value((3, 4)), Some(&Data::Empty));
    assert_eq!(workbook(exported(Format::Xlsx, &mut sample())).sheet_names(), ["Documents", "Problems"]);
}

#[test]
fn fields_are_cells_of_their_type() {
    let range = sheet(&mut invoices(), "Documents");
    let names = ["number", "date", "total", "copies", "paid", "items", "tags", "seller", "carrier", "warnings"];
    assert_eq!(header(&range)[4..], names);
    let first: Vec<&Data> = range.rows().nth(1).unwrap().iter().collect();
    assert_eq!(first[4], &Data::String("@INV-7".to_owned()));
    assert!(matches!(first[5], Data::DateTime(day) if day.as_f64() == 46_112.0), "{:?}", first[5]);
    assert_eq!(first[6], &Data::Float(1230.5));
    assert_eq!(first[7], &Data::Float(2.0));
    assert_eq!(first[8], &Data::Bool(true));
    assert_eq!(first[9], &Data::String("2 rows on the sheet Line items".to_owned()));
    assert_eq!(first[11], &Data::String(r#"{"name":"A & B","city":null}"#.to_owned()));
    let second: Vec<&Data> = range.rows().nth(2).unwrap().iter().collect();
    assert_eq!(second[4], &Data::String("2026-03-31".to_owned()), "the template asks for text");
    assert_eq!((second[5], second[6]), (&Data::Empty, &Data::Float(-12.0)));
    assert_eq!(second[13], &Data::String("page 2 could not be read: it is cut off".to_owned()));
}

#[test]
fn line_items_have_a_sheet_of_their_own() {
    let range = sheet(&mut invoices(), "Line items");
    assert_eq!(header(&range), ["fileName", "field", "description", "quantity", "price", "delivered", "note"]);
    assert_eq!(range.height(), 3);
    assert_eq!(range.get_value((1, 2)), Some(&Data::String("=SUM(A1) bolts <M8>".to_owned())));
    assert_eq!(range.get_value((2, 4)), Some(&Data::Float(-1234.5)));
    assert!(matches!(range.get_value((1, 5)), Some(Data::DateTime(_))));
}

#[test]
fn nothing_is_a_formula() {
    let mut book = workbook(exported(Format::Xlsx, &mut invoices()));
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name}");
    }
    let xlsx = exported(Format::Xlsx, &mut sample());
    assert!(!part(&xlsx, "xl/worksheets/sheet1.xml").contains("<f"));
}

#[test]
fn a_text_longer_than_a_cell_is_cut_with_a_note() {
    let long = "word ".repeat(10_000);
    let text = sheet(&mut of("a.png", long.trim()), "Documents").get_value((1, 4)).unwrap().to_string();
    assert_eq!(text.encode_utf16().count(), 32_767);
    assert!(text.ends_with("\n[cut off here: the cell is full]"));
}

#[test]
fn a_field_of_many_digits_keeps_them() {
    let template = sample();
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
    let account = Field::missing("account", FieldType::Integer).corrected(json!(1_234_567_890_123_456_789_i64));
    let document = FinishedDocument { fields: Some(vec![account]), page_count: 0, ..template.documents()[1].clone() };
    batch.add_document(document, "nowhere", Vec::new());
    let range = sheet(&mut batch, "Documents");
    assert_eq!(range.get_value((1, 4)), Some(&Data::String("1234567890123456789".to_owned())));
}

#[test]
fn a_column_of_line_items_looks_alike() {
    let template = sample();
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
    let items = json!([{"price": 9.95, "day": "2026-03-01"}, {"price": 100, "day": null}]);
    let fields = Some(vec![Field::missing("items", FieldType::Array).corrected(items)]);
    let document = FinishedDocument { fields, page_count: 0, ..template.documents()[1].clone() };
    batch.add_document(document, "nowhere", Vec::new());
    let sheet = part(&exported(Format::Xlsx, &mut batch), "xl/worksheets/sheet2.xml");
    for price in ["9.95", "100"] {
        assert!(sheet.contains(&format!(r#"s="4" t="n"><v>{price}</v>"#)), "two decimals: {sheet}");
    }
    assert_eq!(sheet.matches(r#"s="8""#).count(), 2, "the headers of numbers and days stand over them: {sheet}");
}

#[test]
fn libreoffice_opens_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.xlsx");
    std::fs::write(&file, exported(Format::Xlsx, &mut invoices())).unwrap();
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.path().join("profile").display()))
        .args([
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1",
        ])
        .arg("--outdir")
        .args([folder.path(), &file])
        .output()
        .expect("LibreOffice is installed (Debian package libreoffice-calc)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(format!("export-{name}.csv"))).unwrap();
    let documents = read("Documents");
    assert!(
        documents.lines().nth(1).unwrap().starts_with("march.pdf,completed,1,98.77%,@INV-7,2026-03-31,"),
        "{documents}"
    );
    let items = read("Line items");
    assert!(items.contains("march.pdf,items,=SUM(A1) bolts <M8>,12,0.35,2026-03-02"), "{items}");
}

proptest! {
    #[test]
    fn any_name_and_text_survive(name in any::<String>(), word in "[=+@\t-]?(_x[0-9a-f]{4}_)?\\PC{0,40}[\u{0}-\u{1f}\u{fffe}]?") {
        let allowed = |text: &str| -> String {
            let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
            text.chars().map(|c| if forbidden(c) { '\u{fffd}' } else { c }).collect()
        };
        let range = sheet(&mut of(&name, &word), "Documents");
        let cell = |column| range.get_value((1, column)).map(ToString::to_string).unwrap_or_default();
        prop_assert_eq!(cell(4), allowed(&word));
        prop_assert_eq!(cell(0), allowed(&name));
    }
}
