//! One result per file, stdin and stdout, and the exit codes.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{recto, run};
use crate::documents::{bytes, path};
use crate::programs;
use crate::words::{LETTER, recall};

/// A folder with scans in folders: two that read, one that does not.
fn scans() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, document) in
        [("2026/letter.tif", "letter.tif"), ("2026/03/invoice.pdf", "invoice.pdf"), ("broken.pdf", "zero-pages.pdf")]
    {
        let place = folder.path().join("scans").join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(path(document), place).unwrap();
    }
    folder
}

/// The files below a folder, sorted.
pub fn below(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    all.sort();
    all
}

#[test]
fn a_folder_gets_a_result_for_each_file_at_its_own_path() {
    let folder = scans();
    let said = run(&["run", "scans", "-o", "out/", "--format", "pdf", "--json"], folder.path());
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    assert_eq!(below(&folder.path().join("out")), ["2026/03/invoice.pdf", "2026/letter.pdf"]);
    let letter = folder.path().join("out/2026/letter.pdf");
    programs::run("qpdf", &[&"--check", &letter]);
    assert!(recall(LETTER, &programs::pdf_text(&letter)) >= 0.95);
    assert!(said.stderr.contains("2 results in out/"), "{}", said.stderr);
    let report: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outputs: Vec<_> = report.iter().map(|file| file["output"].as_str()).collect();
    assert_eq!(outputs, [Some("out/2026/03/invoice.pdf"), Some("out/2026/letter.pdf"), None]);
    // What a run has written is no input of the next.
    let said = run(&["run", ".", "-o", "out", "--format", "txt", "--json"], folder.path());
    assert_eq!(said.code, Some(1), "txt is no format: {}", said.stderr);
    let said = run(&["run", ".", "-o", "out", "--format", "text", "--json"], folder.path());
    assert_eq!(said.stdout.lines().count(), 3, "{}", said.stdout);
    assert!(folder.path().join("out/scans/2026/letter.txt").is_file());
}

#[test]
fn a_result_lies_beside_its_file_and_is_not_read_the_next_time() {
    let folder = scans();
    for _ in 0..2 {
        let said = run(&["run", "scans", "--in-place-sidecar", "--format", "pdf", "-q"], folder.path());
        assert_eq!(said.code, Some(2), "{}", said.stderr);
        let expected =
            ["2026/03/invoice.pdf", "2026/03/invoice.pdf.pdf", "2026/letter.tif", "2026/letter.tif.pdf", "broken.pdf"];
        assert_eq!(below(&folder.path().join("scans")), expected);
    }
    assert_eq!(std::fs::read(folder.path().join("scans/2026/letter.tif")).unwrap(), bytes("letter.tif"));
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let folder = scans();
    let said = run(&["run", "scans", "-o", "scans", "--format", "pdf"], folder.path());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("would overwrite one of the files to read"), "{}", said.stderr);
    assert_eq!(std::fs::read(folder.path().join("scans/2026/03/invoice.pdf")).unwrap(), bytes("invoice.pdf"));
}

#[test]
fn a_zip_has_all_results() {
    let folder = scans();
    let said = run(&["run", "scans", "-o", "all.zip", "--format", "md"], folder.path());
    assert_eq!(said.code, Some(2), "{}", said.stderr);
    let listed = programs::run("python3", &[&"-m", &"zipfile", &"-l", &folder.path().join("all.zip")]);
    for name in ["scans/2026/03/invoice.md", "scans/2026/letter.md", "problems.txt"] {
        assert!(listed.contains(name), "{listed}");
    }
}

#[test]
fn stdin_is_a_file_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = recto(&["run", "-", "-o", "-", "--format", "pdf"], folder.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all(&bytes("letter.tif")));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("stdin  done: 1 page"), "{told}");
    let pdf = programs::saved(&folder, "out.pdf", &output.stdout);
    assert!(recall(LETTER, &programs::pdf_text(&pdf)) >= 0.95);
    let said = run(&["run", "-", "-"], folder.path());
    assert!(said.code == Some(1) && said.stderr.contains("stdin can be read only once"), "{}", said.stderr);
    let said = run(&["run", "-", "--password-file", "-"], folder.path());
    assert!(said.code == Some(1) && said.stderr.contains("stdin is already used as an input file"), "{}", said.stderr);
    // Nothing on it is an empty file, which fails.
    let said = run(&["run", "-"], folder.path());
    assert!(said.code == Some(2) && said.stderr.contains("the file is empty"), "{}", said.stderr);
}

#[test]
fn each_kind_of_trouble_has_its_exit_code() {
    let folder = scans();
    let code = |arguments: &[&str]| {
        let said = run(arguments, folder.path());
        (said.code, said.stderr)
    };
    programs::run(
        "qpdf",
        &[&"--encrypt", &"secret", &"owner", &"256", &"--", &path("invoice.pdf"), &folder.path().join("locked.pdf")],
    );
    for (expected, arguments) in [
        (0, &["run", "scans/2026", "-q"][..]),
        (1, &["run", "nowhere", "-q"]),
        (2, &["run", "scans", "-q"]),
        (2, &["run", "locked.pdf", "scans/2026/letter.tif", "-q"]),
        (8, &["run", "locked.pdf", "-q"]),
        (8, &["run", "locked.pdf", "-q", "--password", "wrong"]),
        (0, &["run", "locked.pdf", "-q", "--password", "secret"]),
        (5, &["run", "scans/2026/letter.tif", "-q", "-o", "/dev/full", "--format", "text"]),
    ] {
        let (code, told) = code(arguments);
        assert_eq!(code, Some(expected), "{arguments:?}: {told}");
    }
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let (code, told) = code(&["run", "scans/2026", "-o", "taken/"]);
    assert!(code == Some(1) && told.contains("it is not a folder"), "{told}");
}
