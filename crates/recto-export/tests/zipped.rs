//! A ZIP of one export per file, as a reader of archives unpacks it.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use fixture::{block, exported, line, page};
use recto_domain::{BlockKind, FileKind, FinishedBatch as _, Page, RecordStatus, Timestamp};
use recto_export::{ExportOptions, Format, MemoryBatch, OneFile, export, export_zip};

fn zipped(format: Format, batch: &mut MemoryBatch) -> Vec<u8> {
    let mut out = Vec::new();
    export_zip(format, &ExportOptions::default(), batch, &mut out).unwrap();
    out
}

fn unpacked(bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().to_owned(), content);
    }
    files
}

fn batch() -> MemoryBatch {
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(1_774_951_200_000));
    for (name, word) in
        [("2026/a.tif", "first"), ("problems.tif", "second"), ("../b.tif", "third"), ("b.png", "fourth")]
    {
        let words = vec![block(BlockKind::Paragraph, vec![line(72.0, 72.0, word)])];
        let failed = (name == "b.png").then(|| Page::failed(2, "it is cut off".to_owned()));
        batch.add(name, FileKind::Png, "nowhere", std::iter::once(page(1, words)).chain(failed).collect());
        batch.add_unread(format!("broken {name}"), RecordStatus::Failed, Some("it is empty".to_owned()));
    }
    batch
}

#[test]
fn each_file_has_a_result_of_its_name() {
    let files = unpacked(zipped(Format::Text, &mut batch()));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["2026/a.txt", "b.png.txt", "b.tif.txt", "problems.tif.txt", "problems.txt"]);
    assert_eq!(files["2026/a.txt"], b"===== 2026/a.tif =====\nfirst\n");
    let problems = std::str::from_utf8(&files["problems.txt"]).unwrap();
    insta::assert_snapshot!(problems, @r"
    broken 2026/a.tif [failed: it is empty]
    broken problems.tif [failed: it is empty]
    broken ../b.tif [failed: it is empty]
    b.png [page 2 could not be read: it is cut off]
    broken b.png [failed: it is empty]
    ");
}

#[test]
fn every_format_can_be_zipped_and_the_same_batch_gives_the_same_bytes() {
    let mut same = batch();
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Pdf) {
        assert_eq!(unpacked(zipped(format, &mut same)).len(), 5, "{}", format.name());
        assert_eq!(zipped(format, &mut same), zipped(format, &mut same), "{}", format.name());
    }
}

#[test]
fn the_result_of_a_file_is_about_that_file_alone() {
    let mut whole = batch();
    let record = whole.documents()[3].record_id;
    let mut one = OneFile::of(&mut whole, record).unwrap();
    let mut json = Vec::new();
    export(Format::Json, &ExportOptions::default(), &mut one, &mut json).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(read["documents"].as_array().unwrap().len(), 1);
    let counts = ["totalFiles", "completedFiles", "failedFiles", "totalPages", "failedPages"]
        .map(|name| read["batch"][name].as_u64());
    assert_eq!(counts, [1, 1, 0, 2, 1].map(Some));
    assert_eq!(read["batch"]["status"], "completed");
    let mut other = batch();
    assert!(OneFile::of(&mut other, record).is_none());
    assert!(exported(Format::Text, &mut whole).len() > 100);
}
