//! `recto watch`: what is put into a folder is read, once, and nothing is lost over a restart.

use std::ffi::OsStr;
use std::fs::{File, copy, create_dir_all, read_to_string, rename, write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::command::{Said, recto, run};
use crate::documents::path;
use crate::each::below;
use crate::programs;
use crate::server::eventually;
use crate::words::{LETTER, recall};

fn put(folder: &Path, name: impl AsRef<OsStr>, document: &str) {
    let place = folder.join(Path::new(name.as_ref()));
    create_dir_all(place.parent().unwrap()).unwrap();
    copy(path(document), place).unwrap();
}

fn once(folder: &TempDir, more: &[&str]) -> Said {
    let arguments = ["watch", "in", "--out", "out", "--once", "--settle", "0"];
    run(&[&arguments[..], more].concat(), folder.path()).ok()
}

#[test]
fn results_originals_and_bad_files_go_where_they_belong() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("in");
    put(&inbox, "2026/letter.tif", "letter.tif");
    put(&inbox, "invoice.pdf", "invoice.pdf");
    put(&inbox, "broken.pdf", "zero-pages.pdf");
    put(&inbox, OsStr::from_bytes(b"caf\xe9\n.tif"), "letter.tif");
    put(&inbox, "coming.pdf.part", "invoice.pdf");
    let said = once(&folder, &["--done", "in/done", "--failed", "bad"]);
    assert!(said.stderr.contains("4 files, 4 pages in ") && said.stderr.contains(", 1 failed"), "{}", said.stderr);

    assert!(said.stderr.contains("\n2026/letter.tif  done"), "{}", said.stderr);
    assert_eq!(below(&folder.path().join("out")), ["2026/letter.tif.pdf", "caf\u{fffd}\n.tif.pdf", "invoice.pdf"]);
    let letter = folder.path().join("out/2026/letter.tif.pdf");
    assert!(recall(LETTER, &programs::pdf_text(&letter)) >= 0.95);
    assert!(folder.path().join("out").join(OsStr::from_bytes(b"caf\xe9\n.tif.pdf")).is_file());
    let left = ["coming.pdf.part", "done/2026/letter.tif", "done/caf\u{fffd}\n.tif", "done/invoice.pdf"];
    assert_eq!(below(&inbox), left);
    assert_eq!(below(&folder.path().join("bad")), ["broken.pdf", "broken.pdf.reason.txt"]);
    let reason = read_to_string(folder.path().join("bad/broken.pdf.reason.txt")).unwrap();
    assert!(reason.contains("page"), "{reason}");
    rename(inbox.join("coming.pdf.part"), inbox.join("coming.pdf")).unwrap();
    let said = once(&folder, &["--done", "in/done", "--failed", "bad"]);
    assert!(said.stderr.contains("1 file, 2 pages in "), "{}", said.stderr);
    assert!(folder.path().join("out/coming.pdf").is_file());
}

#[test]
fn what_stays_is_read_once_until_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("in");
    put(&inbox, "letter.tif", "letter.tif");
    put(&inbox, "broken.pdf", "zero-pages.pdf");
    once(&folder, &["--format", "text"]);
    assert_eq!(below(&folder.path().join("out")), ["broken.pdf.reason.txt", "letter.tif.txt"]);
    let said = once(&folder, &["--format", "text"]);
    assert_eq!(said.stderr, "", "nothing is left to do");
    // What was bad is good now.
    put(&inbox, "broken.pdf", "invoice.pdf");
    let said = once(&folder, &["--format", "text"]);
    assert!(said.stderr.contains("1 file, 2 pages in "), "{}", said.stderr);
    assert_eq!(below(&inbox), ["broken.pdf", "letter.tif"]);
}

#[test]
fn a_file_that_was_read_before_a_crash_is_only_moved() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("in");
    put(&inbox, "letter.tif", "letter.tif");
    create_dir_all(folder.path().join("out")).unwrap();
    write(folder.path().join("out/letter.tif.pdf"), "a result").unwrap();
    let said = once(&folder, &["--done", "done"]);
    assert_eq!(said.stderr, "");
    assert!(folder.path().join("done/letter.tif").is_file());
    assert_eq!(read_to_string(folder.path().join("out/letter.tif.pdf")).unwrap(), "a result");
    put(&inbox, "broken.pdf", "zero-pages.pdf");
    create_dir_all(folder.path().join("bad")).unwrap();
    write(folder.path().join("bad/broken.pdf.reason.txt"), "a reason").unwrap();
    assert_eq!(once(&folder, &["--failed", "bad"]).stderr, "");
    assert_eq!(below(&folder.path().join("bad")), ["broken.pdf", "broken.pdf.reason.txt"]);
}

#[test]
fn a_watched_folder_is_read_as_files_come_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("in");
    create_dir_all(&inbox).unwrap();
    let log = File::create(folder.path().join("log")).unwrap();
    let arguments = ["watch", "in", "--out", "in/out", "--settle", "0", "--format", "text"];
    let mut watching = recto(&arguments, folder.path()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    for name in ["a.tif", "b.tif"] {
        put(&inbox, name, "letter.tif");
        let result = inbox.join("out").join(format!("{name}.txt"));
        eventually("the file is read", || result.is_file());
        assert!(recall(LETTER, &read_to_string(result).unwrap()) >= 0.95);
    }
    kill_process(Pid::from_child(&watching), Signal::TERM).unwrap();
    assert!(watching.wait().unwrap().success());
    assert_eq!(below(&inbox), ["a.tif", "b.tif", "out/a.tif.txt", "out/b.tif.txt"]);
}

#[test]
fn a_folder_whose_results_would_be_read_again_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("in"), "letter.tif", "letter.tif");
    for out in ["in", "."] {
        let said = run(&["watch", "in", "--out", out, "--once"], folder.path());
        assert_eq!(said.code, Some(1));
        assert!(said.stderr.contains("would be read again"), "{}", said.stderr);
    }
    let said = run(&["watch", "nowhere", "--out", "out"], folder.path());
    assert!(said.stderr.contains("nowhere"), "{}", said.stderr);
}

#[test]
fn more_files_than_are_read_together_are_all_read_and_names_are_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("in");
    create_dir_all(&inbox).unwrap();
    for number in 0..53 {
        write(inbox.join(format!("{number:02}.pdf")), "no PDF").unwrap();
    }
    put(&inbox, "zz.tif", "letter.tif");
    once(&folder, &["--format", "text"]);
    assert_eq!(below(&folder.path().join("out")).len(), 54);
    let originals = ["--format", "text", "--done", "done"];
    for _ in 0..2 {
        put(&inbox, "again.tif", "letter.tif");
        once(&folder, &originals);
    }
    let results = below(&folder.path().join("out"));
    assert!(
        ["again.tif.txt", "again.tif.2.txt"].iter().all(|name| results.contains(&(*name).to_owned())),
        "{results:?}"
    );
    assert_eq!(below(&folder.path().join("done")), ["again.tif", "again.tif.2", "zz.tif"]);
}
