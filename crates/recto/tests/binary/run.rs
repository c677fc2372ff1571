//! `recto run`: the whole job without a server.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{Said, run};
use crate::documents::{bytes, path};
use crate::programs;
use crate::words::{LETTER, recall};

/// A folder with these documents in `scans`.
fn folder_with(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("scans")).unwrap();
    for name in names {
        std::fs::copy(path(name), folder.path().join("scans").join(name)).unwrap();
    }
    folder
}

/// Runs a command line on a terminal of 100 columns, and gives what the terminal got.
pub fn on_a_terminal(line: &str, folder: &Path) -> String {
    let line = line.replace("recto ", &format!("{} ", env!("CARGO_BIN_EXE_recto")));
    let mut command = Command::new("script");
    command.args(["-qec", &format!("stty cols 100; {line}"), "/dev/null"]);
    command.current_dir(folder).env_remove("NO_COLOR").env("TERM", "xterm-256color");
    Said::of(&mut command).stdout
}

#[test]
fn the_text_goes_to_stdout_and_how_it_went_to_stderr() {
    let folder = folder_with(&["letter.tif", "invoice.pdf"]);
    let said = run(&["run", "scans"], folder.path()).ok();
    assert!(recall(LETTER, &said.stdout) >= 0.95, "{}", said.stdout);
    assert!(said.stdout.contains("Gelnhausen"), "{}", said.stdout);
    assert!(!said.stdout.contains('\x1b') && !said.stderr.contains('\x1b'), "{}", said.stderr);
    let mut lines: Vec<&str> = said.stderr.lines().collect();
    // Whichever is done first is told of first.
    lines[..2].sort_unstable();
    assert_eq!(lines[..2], ["scans/invoice.pdf  done: 2 pages", "scans/letter.tif  done: 1 page"]);
    assert!(lines[2].starts_with("2 files, 3 pages in ") && lines.len() == 3, "{}", said.stderr);
}

#[test]
fn pages_are_read_by_the_engine_that_is_named() {
    let folder = folder_with(&["letter.tif"]);
    for engine in ["tesseract", "neural"] {
        let read = run(&["run", "scans", "--engine", engine, "--format", "json"], folder.path()).ok().json();
        let document = &read["documents"][0];
        assert_eq!(document["pages"][0]["source"], engine);
        assert!(recall(LETTER, document["text"].as_str().unwrap()) >= 0.95, "{document}");
        // Both are sure of clean print, on the same scale.
        assert!((0.9..=1.0).contains(&document["confidence"].as_f64().unwrap()), "{document}");
    }
    let read = run(&["run", "scans", "--format", "json"], folder.path()).ok().json();
    let source = read["documents"][0]["pages"][0]["source"].as_str().unwrap();
    assert!(["tesseract", "neural"].contains(&source), "{source}");
    let said = run(&["run", "scans", "--engine", "abacus"], folder.path());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("auto, tesseract, neural or mixed"), "{}", said.stderr);
}

#[test]
fn the_neural_engine_reads_with_its_smallest_models_alone() {
    let folder = folder_with(&["letter.tif"]);
    std::fs::write(folder.path().join("recto.toml"), "[ocr]\nneural_models = \"tiny\"\n").unwrap();
    let said = run(&["run", "scans", "--engine", "neural"], folder.path()).ok();
    assert!(recall(LETTER, &said.stdout) >= 0.95, "{}", said.stdout);
    std::fs::write(folder.path().join("recto.toml"), "[ocr]\nneural_models = \"huge\"\n").unwrap();
    let said = run(&["run", "scans"], folder.path());
    assert!(said.code == Some(1) && said.stderr.contains("tiny or careful"), "{}", said.stderr);
}

#[test]
fn the_format_follows_from_the_name_after_o() {
    let folder = folder_with(&["invoice.pdf"]);
    let starts: [(&str, &[u8]); 6] = [
        ("all.pdf", b"%PDF-"),
        ("all.docx", b"PK\x03\x04"),
        ("all.csv", b"fileName,"),
        ("all.json", b"{"),
        ("all.xml", b"<?xml "),
        ("all.txt", b"===== scans/invoice.pdf"),
    ];
    for (name, start) in starts {
        let said = run(&["run", "scans", "-o", name], folder.path()).ok();
        assert_eq!(said.stdout, "", "{name}");
        assert!(said.stderr.trim_end().ends_with(" kB)") && said.stderr.contains(name), "{}", said.stderr);
        assert!(std::fs::read(folder.path().join(name)).unwrap().starts_with(start), "{name}");
    }
    programs::run("qpdf", &[&"--check", &folder.path().join("all.pdf")]);
}

#[test]
fn one_failed_file_is_told_of_and_ends_with_2() {
    let folder = folder_with(&["letter.tif", "zero-pages.pdf"]);
    let said = run(&["run", "scans", "--quiet"], folder.path());
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    assert!(recall(LETTER, &said.stdout) >= 0.95, "{}", said.stdout);
    let told = said.stdout.lines().find(|line| line.contains("zero-pages.pdf")).unwrap();
    assert!(told.starts_with("===== scans/zero-pages.pdf [failed: "), "{told}");
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert!(lines.len() == 1 && lines[0].starts_with("scans/zero-pages.pdf  failed: "), "{}", said.stderr);
}

#[test]
fn a_file_that_could_not_even_be_opened_stands_in_the_result() {
    let folder = folder_with(&["letter.tif"]);
    // It can be found and opened, but its beginning cannot be read.
    let said = run(&["run", "scans/letter.tif", "/proc/self/mem", "-o", "all.csv"], folder.path());
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    let csv = std::fs::read_to_string(folder.path().join("all.csv")).unwrap();
    assert!(csv.contains("\r\n/proc/self/mem,failed,,,[failed: "), "{csv}");
}

#[test]
fn what_could_not_run_ends_with_1_and_says_what_to_do() {
    let folder = folder_with(&[]);
    let said = run(&["run", "nowhere.pdf"], folder.path());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.starts_with("recto: nowhere.pdf: no such file or folder\n  "), "{}", said.stderr);
    for arguments in [&["run", "scans"][..], &["run", "."], &["run", "scans", "--lang", "../eng"], &["run"]] {
        let said = run(arguments, folder.path());
        assert_eq!((said.code, said.stdout.as_str()), (Some(1), ""), "{arguments:?}: {}", said.stderr);
    }
}

#[test]
fn json_is_one_object_a_file_in_order() {
    let folder = folder_with(&["invoice.pdf", "letter.tif", "zero-pages.pdf"]);
    let said = run(&["run", "scans", "--json"], folder.path());
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    let objects: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<_> = objects.iter().map(|object| (&object["file"], &object["status"])).collect();
    assert_eq!(
        serde_json::to_value(files).unwrap(),
        serde_json::json!([
            ["scans/invoice.pdf", "completed"],
            ["scans/letter.tif", "completed"],
            ["scans/zero-pages.pdf", "failed"],
        ])
    );
    assert!(objects[2]["error"].is_string(), "{}", said.stdout);
}

#[test]
fn only_the_pages_asked_for_are_read() {
    let folder = folder_with(&["three_pages_with_number.pdf"]);
    let said = run(&["run", "scans", "--pages", "2-", "--format", "json"], folder.path()).ok().json();
    let numbers: Vec<_> =
        said["documents"][0]["pages"].as_array().unwrap().iter().map(|page| page["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [2, 3]);
}

#[test]
fn a_second_language_reads_its_letters() {
    let folder = tempfile::tempdir().unwrap();
    // Without its text layer the invoice is a picture like any other.
    programs::run(
        "pdftoppm",
        &[
            &"-r",
            &"200",
            &"-f",
            &"1",
            &"-l",
            &"1",
            &"-gray",
            &"-png",
            &path("invoice.pdf"),
            &folder.path().join("page"),
        ],
    );
    let said = run(&["run", ".", "--lang", "deu"], folder.path()).ok();
    assert!(said.stdout.contains("Grundgebühr pro Einheit"), "{}", said.stdout);
}

#[test]
fn a_terminal_gets_a_bar_while_pages_are_read_and_a_summary_at_the_end() {
    let folder = folder_with(&["letter.tif", "phototest-rotated-180.png", "zero-pages.pdf"]);
    let got = on_a_terminal("recto run scans -o all.pdf", folder.path());
    assert!(got.contains("\x1b[31m▚"), "a failed file is vermilion in the ribbon: {got:?}");
    assert!(got.contains("pages"), "{got:?}");
    let end = got.trim_end().rsplit("\r\n").next().unwrap();
    assert!(end.contains("2 of 3 files, 2 pages in ") && end.contains("all.pdf ("), "{end:?}");
    let plain = on_a_terminal("NO_COLOR=1 recto run scans -o all.pdf", folder.path());
    assert!(plain.contains('▚') && !plain.contains("\x1b[31m"), "{plain:?}");
}

#[test]
fn a_reader_that_leaves_early_is_told_nothing() {
    let folder = folder_with(&["invoice.pdf"]);
    let line = format!("{} run scans | true; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_recto"));
    let said = Said::of(Command::new("bash").args(["-c", &line]).current_dir(folder.path()));
    assert_eq!(said.code, Some(141), "as a program that SIGPIPE ends: {}", said.stderr);
    assert!(!said.stderr.contains("recto:"), "{}", said.stderr);
}

#[test]
fn a_picture_read_from_elsewhere_is_left_as_it_is() {
    let folder = folder_with(&["letter.tif"]);
    run(&["run", "scans/letter.tif", "-o", "letter.txt"], folder.path()).ok();
    assert_eq!(std::fs::read(folder.path().join("scans/letter.tif")).unwrap(), bytes("letter.tif"));
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["letter.txt", "scans"]);
}
