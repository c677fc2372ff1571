//! What becomes of a page when its worker hangs, takes too long or wants too much memory.

use image::ImageFormat;
use rustix::process::{Signal, kill_process};

use crate::documents::{bytes, files};
use crate::pictures::{encoded, grey, tiled, white_png};
use crate::server::{Server, eventually};
use crate::words::assert_reads_letter;

#[test]
fn a_page_that_takes_too_long_fails_and_says_so() {
    let server = Server::with(&[("workers.page_timeout_seconds", "1")]);
    let sheet = encoded(tiled(&grey(&bytes("letter.tif")), 6, 6), ImageFormat::Png);
    let details = server.read([("sheet.png", sheet)]);
    assert_eq!(details["status"], "failed", "{details:#}");
    let error = details["files"][0]["error"].as_str().unwrap();
    assert!(error.contains("took longer than 1 s"), "{error}");
}

#[test]
fn a_page_that_wants_too_much_memory_fails_and_the_next_is_read() {
    let server = Server::with(&[("workers.memory_bytes", "402653184")]);
    let details = server.read([("white.png", white_png(14_000, 14_000)), ("invoice.pdf", bytes("invoice.pdf"))]);
    assert_eq!(details["status"], "partially_failed", "{details:#}");
    let error = details["files"][0]["error"].as_str().unwrap();
    assert!(error.contains("memory"), "{error}");
    assert_eq!(details["files"][1]["status"], "completed");
}

#[test]
fn a_worker_that_hangs_is_replaced_and_its_page_read() {
    let server = Server::with(&[("workers.page_timeout_seconds", "5")]);
    eventually("the worker answers", || server.is_ready());
    let worker = server.workers()[0];
    kill_process(worker, Signal::STOP).unwrap();
    let documents = server.documents(files(&["letter.tif"]));
    assert_reads_letter(&documents[0]);
    assert!(!server.workers().contains(&worker), "the one that hung is gone");
}

/// A thread that a library had started before the worker shut itself in would be held by no wall.
#[test]
fn a_worker_has_no_threads_but_its_own() {
    let server = Server::start();
    server.documents(files(&["receipt.jpg", "invoice.pdf"]));
    let worker = server.workers()[0].as_raw_nonzero();
    let threads = std::fs::read_dir(format!("/proc/{worker}/task")).unwrap();
    let name = |path: std::path::PathBuf| std::fs::read_to_string(path.join("comm")).unwrap().trim().to_owned();
    let mut names: Vec<String> = threads.map(|thread| name(thread.unwrap().path())).collect();
    names.sort();
    assert_eq!(names, ["listen", "recto"]);
}

/// The loader tells libraries apart by name, and those that come from memory are called alike: the second one was
/// written to the disk by every worker.
#[test]
fn a_worker_has_its_libraries_from_memory() {
    let server = Server::start();
    eventually("the worker answers", || server.is_ready());
    let worker = server.workers()[0].as_raw_nonzero();
    // Who may not look at a worker's memory, as it is nobody's, cannot tell.
    let Ok(maps) = std::fs::read_to_string(format!("/proc/{worker}/maps")) else { return };
    for library in ["libpdfium", "libonnxruntime"] {
        assert!(maps.contains(&format!("/memfd:{library}")), "{maps}");
    }
}

#[test]
fn a_cancelled_batch_ends_at_once_with_its_worker() {
    let server = Server::start();
    let sheet = encoded(tiled(&grey(&bytes("letter.tif")), 6, 6), ImageFormat::Png);
    let batch = server.batch([("sheet.png", sheet)]);
    let status = || server.get(&format!("/batch/{batch}")).body["files"][0]["status"].clone();
    eventually("the page is at work", || status() == "in_progress");
    let path = format!("/batch/{batch}/cancel");
    let answer = crate::answer::Answer::of(server.call(reqwest::Method::POST, &path));
    assert_eq!((answer.status, &answer.body["status"]), (200, &"failed".into()));
    assert_eq!(answer.body["files"][0]["error"], "cancelled");
    let documents = server.documents(files(&["letter.tif"]));
    assert_reads_letter(&documents[0]);
}
