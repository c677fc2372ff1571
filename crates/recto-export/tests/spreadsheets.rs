//! Tables made for spreadsheets of other countries: delimiters, encodings, days, numbers and links.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::io::{Cursor, Read};
use std::process::Command;

use calamine::{Data, Reader as _, Xlsx};
use fixture::{exported_with, invoices};
use recto_domain::RecordStatus;
use recto_export::{CsvDelimiter, CsvLayout, ExportOptions, Format};

fn german() -> ExportOptions {
    ExportOptions {
        csv_delimiter: CsvDelimiter::Semicolon,
        csv_byte_order_mark: true,
        locale: Some("de-DE".parse().unwrap()),
        ..ExportOptions::default()
    }
}

fn rows(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn part(xlsx: &[u8], name: &str) -> String {
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(xlsx)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The workbook as LibreOffice prints it.
fn printed_by_libreoffice(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &mut Command| {
        let output = program.output().expect("LibreOffice and poppler are installed (./bootstrap.sh --tests)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let file = folder.path().join("book.xlsx");
    std::fs::write(&file, bytes).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    run(Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", "pdf", "--outdir"])
        .args([folder.path(), &file]));
    run(Command::new("pdftotext").arg("-layout").arg(folder.path().join("book.pdf")).arg("-"))
}

#[test]
fn a_csv_for_german_excel_has_semicolons_decimal_commas_and_german_days() {
    let bytes = exported_with(Format::Csv, &german(), &mut invoices());
    assert!(bytes.starts_with("\u{feff}fileName;status;pages;confidence;number;date;".as_bytes()));
    let table = rows(&bytes[3..], b';');
    assert_eq!(table[1][3..7], ["0,9877", "'@INV-7", "31.03.2026", "1230,5"]);
    assert_eq!(table[2][4..7], ["2026-03-31", "", "-12"], "a text that looks like a day stays one");
    let apart = ExportOptions { csv_layout: CsvLayout::Items, ..german() };
    let table = rows(&exported_with(Format::Csv, &apart, &mut invoices())[3..], b';');
    assert_eq!(table[5][2..6], ["'=SUM(A1) bolts <M8>", "12", "0,35", "02.03.2026"]);
    assert_eq!(table[6][4], "-1234,5");
}

#[test]
fn cells_are_quoted_for_the_sign_that_parts_them() {
    for (delimiter, sign) in CsvDelimiter::ALL.into_iter().zip(*b",;\t|") {
        let mut batch = invoices();
        batch.add_unread("a,b;c\td|e.pdf", RecordStatus::Failed, Some("it is, or was; empty|cut".to_owned()));
        let options = ExportOptions { csv_delimiter: delimiter, ..ExportOptions::default() };
        let table = rows(&exported_with(Format::Csv, &options, &mut batch), sign);
        assert!(table.iter().all(|row| row.len() == table[0].len()), "{table:?}");
        assert_eq!(table[4][0], "a,b;c\td|e.pdf");
        assert_eq!(table[4].last().unwrap(), "it is, or was; empty|cut");
    }
}

#[test]
fn libreoffice_reads_the_german_csv_as_numbers_and_days() {
    let bytes = exported_with(Format::Csv, &german(), &mut invoices());
    // 59 is the semicolon, 76 UTF-8; the columns after that are read as German.
    let into = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("german.csv");
    std::fs::write(&file, &bytes).unwrap();
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.path().join("profile").display()))
        .args(["--headless", "--infilter=CSV:59,34,76,1,,1031,false,true", "--convert-to", into, "--outdir"])
        .args([folder.path().join("out"), file])
        .output()
        .expect("LibreOffice is installed (Debian package libreoffice-calc)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = std::fs::read_dir(folder.path().join("out")).unwrap().next().unwrap().unwrap().path();
    let shown = std::fs::read_to_string(made).unwrap();
    assert!(shown.lines().nth(1).unwrap().starts_with("march.pdf,completed,1,"), "{shown}");
    assert!(shown.contains("1230.5") || shown.contains("\"1230,5\""), "{shown}");
}

#[test]
fn a_workbook_shows_days_as_it_is_asked_to_and_keeps_them_days() {
    for (options, code, shown) in [
        (ExportOptions { locale: Some("de-DE".parse().unwrap()), ..Default::default() }, r"dd\.mm\.yyyy", "31.03.2026"),
        (
            ExportOptions { date_format: Some("d/M/yyyy".parse().unwrap()), ..Default::default() },
            r"d\/m\/yyyy",
            "31/3/2026",
        ),
        (ExportOptions::default(), r"yyyy\-mm\-dd", "2026-03-31"),
    ] {
        let bytes = exported_with(Format::Xlsx, &options, &mut invoices());
        assert!(part(&bytes, "xl/styles.xml").contains(&format!("formatCode=\"{code}\"")), "{code}");
        let range = Xlsx::new(Cursor::new(&bytes)).unwrap().worksheet_range("Documents").unwrap();
        assert!(matches!(range.get_value((1, 5)), Some(Data::DateTime(day)) if day.as_f64() == 46_112.0));
        let text = printed_by_libreoffice(&bytes);
        assert!(text.contains(shown), "{text}");
    }
}

#[test]
fn names_of_files_lead_to_their_records_on_every_sheet() {
    let options =
        ExportOptions { record_address: Some("https://ocr.example.com/records/".to_owned()), ..Default::default() };
    let mut batch = invoices();
    batch.add_unread("broken.pdf", RecordStatus::Failed, Some("it is empty".to_owned()));
    let bytes = exported_with(Format::Xlsx, &options, &mut batch);
    for (sheet, links) in [(1, 4), (2, 2), (3, 2)] {
        let xml = part(&bytes, &format!("xl/worksheets/sheet{sheet}.xml"));
        assert_eq!(xml.matches("<hyperlink ref=\"A").count(), links, "{xml}");
        // Elements of a sheet come in one order only.
        assert!(xml.find("<autoFilter").unwrap() < xml.find("<hyperlinks>").unwrap());
        assert!(xml.find("<hyperlinks>").unwrap() < xml.find("<pageMargins").unwrap());
        let targets = part(&bytes, &format!("xl/worksheets/_rels/sheet{sheet}.xml.rels"));
        assert_eq!(targets.matches("TargetMode=\"External\"").count(), links, "{targets}");
        assert!(targets.contains("Target=\"https://ocr.example.com/records/0000000000000000000000"), "{targets}");
    }
    assert!(printed_by_libreoffice(&bytes).contains("broken.pdf"));
}
