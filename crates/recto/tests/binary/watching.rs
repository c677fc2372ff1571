//! `recto watch`: what is put into a folder is read, once, and nothing is lost over a restart.

use std::ffi::OsStr;
use std::fs::{File, copy, create_dir_all, read_to_string, rename, write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use recto_test_s3::{BUCKET, S3};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::command::{Said, recto, run};
use crate::documents::{bytes, path};
use crate::each::below;
use crate::programs;
use crate::server::{Server, eventually};
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

/// `s3://` with what lies below the bucket's name.
fn s3(prefix: &str) -> String {
    format!("s3://{BUCKET}/{prefix}")
}

/// What lies under a prefix of the bucket.
fn objects(files: &S3, prefix: &str) -> Vec<String> {
    let start = format!("{BUCKET}/{prefix}/");
    files.files().unwrap().iter().filter_map(|name| name.strip_prefix(&start).map(str::to_owned)).collect()
}

#[test]
fn a_bucket_is_watched_like_a_folder() {
    let (folder, files) = (tempfile::tempdir().unwrap(), S3::start().unwrap());
    let letter = bytes("letter.tif");
    let watch = |more: &[&str]| {
        let (watched, out, endpoint) = (s3("in"), s3("in/out"), files.endpoint());
        let arguments = ["watch", &watched, "--out", &out, "--endpoint", &endpoint, "--once", "--settle", "0"];
        let mut command = recto(&[&arguments[..], &["--format", "text"], more].concat(), folder.path());
        Said::of(command.envs(files.variables())).ok()
    };
    files.put("in/2026/letter.tif", &letter).unwrap();
    files.put("in/broken.pdf", b"no PDF").unwrap();
    files.put("in/coming.tif.part", &letter).unwrap();
    let said = watch(&[]);
    assert!(said.stderr.contains("2 files, 1 page in ") && said.stderr.contains(", 1 failed"), "{}", said.stderr);
    assert_eq!(objects(&files, "in/out"), ["2026/letter.tif.txt", "broken.pdf.reason.txt"]);
    let text = String::from_utf8(files.read("in/out/2026/letter.tif.txt").unwrap()).unwrap();
    assert!(recall(LETTER, &text) >= 0.95, "{text}");
    assert_eq!(watch(&[]).stderr, "", "nothing is left to do");

    // With places to go to, what was read or refused before goes there too, and a name that comes again keeps both.
    let (done, failed) = (s3("done"), s3("bad"));
    for _ in 0..2 {
        watch(&["--done", &done, "--failed", &failed]);
        files.put("in/2026/letter.tif", &letter).unwrap();
    }
    assert_eq!(objects(&files, "done"), ["2026/letter.tif", "2026/letter.tif.2"]);
    assert_eq!(objects(&files, "bad"), ["broken.pdf", "broken.pdf.reason.txt"]);
    assert_eq!(files.read("done/2026/letter.tif.2").unwrap(), letter);
    let said = run(&["watch", &s3("in"), "--out", &s3("in"), "--once"], folder.path());
    assert!(said.stderr.contains("would be read again"), "{}", said.stderr);
}

#[test]
fn what_is_put_into_a_folder_is_written_to_a_bucket_and_the_other_way_round() {
    let (folder, files) = (tempfile::tempdir().unwrap(), S3::start().unwrap());
    put(&folder.path().join("in"), "letter.tif", "letter.tif");
    let watch = |watched: &str, out: &str, done: &str| {
        let endpoint = files.endpoint();
        let arguments = ["watch", watched, "--out", out, "--done", done, "--endpoint", &endpoint, "--format", "text"];
        let mut command = recto(&[&arguments[..], &["--once", "--settle", "0"]].concat(), folder.path());
        Said::of(command.envs(files.variables())).ok()
    };
    watch("in", &s3("out"), &s3("done"));
    assert_eq!(objects(&files, "out"), ["letter.tif.txt"]);
    assert_eq!(objects(&files, "done"), ["letter.tif"]);
    assert_eq!(below(&folder.path().join("in")), [""; 0]);
    watch(&s3("done"), "out", "again");
    assert_eq!(below(&folder.path().join("out")), ["letter.tif.txt"]);
    assert_eq!(below(&folder.path().join("again")), ["letter.tif"]);
    assert_eq!(objects(&files, "done"), [""; 0]);
}

#[test]
fn a_server_reads_what_is_put_into_its_folder_once() {
    let places = tempfile::tempdir().unwrap();
    let place = |name: &str| places.path().join(name).to_str().unwrap().to_owned();
    let inbox = places.path().join("in");
    put(&inbox, "letter.tif", "letter.tif");
    put(&inbox, "broken.pdf", "zero-pages.pdf");
    let (watched, out, done, failed) = (place("in"), place("out"), place("done"), place("bad"));
    let mut server = Server::with(&[
        ("watch.folder", &watched),
        ("watch.out", &out),
        ("watch.done", &done),
        ("watch.failed", &failed),
        ("watch.format", "text"),
        ("watch.settle_seconds", "0"),
    ]);
    eventually("the files are dealt with", || below(&inbox).is_empty());
    assert_eq!(below(Path::new(&done)), ["letter.tif"]);
    assert_eq!(below(Path::new(&failed)), ["broken.pdf", "broken.pdf.reason.txt"]);
    let text = read_to_string(Path::new(&out).join("letter.tif.txt")).unwrap();
    assert!(recall(LETTER, &text) >= 0.95, "{text}");
    let batches = |server: &Server| server.get(&format!("/batch?projectId={}", server.project)).body;
    let listed = batches(&server);
    assert_eq!(listed["pagination"]["total"], 1, "one batch a drop: {listed:#}");
    assert!(listed["data"][0]["name"].as_str().unwrap().starts_with(&watched), "{listed:#}");

    // A server that dies while it reads goes on with the same batch.
    for number in 0..6 {
        put(&inbox, format!("{number}.tif"), "letter.tif");
    }
    eventually("the batch is accepted", || batches(&server)["pagination"]["total"] == 2);
    server.signal(Signal::KILL, true);
    server.ended();
    server.start_again();
    eventually("the files are dealt with", || below(&inbox).is_empty());
    let results = (0..6).map(|number| format!("{number}.tif.txt")).chain(["letter.tif.txt".to_owned()]);
    assert_eq!(below(Path::new(&out)), results.collect::<Vec<_>>());
}

#[test]
fn a_server_whose_folder_is_not_there_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = recto(&["serve", "--listen", "127.0.0.1:0"], folder.path());
    let said = Said::of(command.env("RECTO__WATCH__FOLDER", "nowhere").env("RECTO__WATCH__OUT", "out"));
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("nowhere"), "{}", said.stderr);
    let said = Said::of(recto(&["serve"], folder.path()).env("RECTO__WATCH__FOLDER", "nowhere"));
    assert!(said.stderr.contains("watch.out"), "{}", said.stderr);
}
