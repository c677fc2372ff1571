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
