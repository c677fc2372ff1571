//! SIGKILL at any moment: what was accepted ends, and ends once.

use std::time::Duration;

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use crate::documents::files;
use crate::fields::made;
use crate::random::Random;
use crate::server::{Server, eventually, file, is_final, runs};
use crate::words::assert_reads_letter;

const KILLS: u32 = 12;
/// Fifteen pages: quick ones, and columns that take longer than a server lives while it is being killed.
const DOCUMENTS: [&str; 10] = [
    "letter.tif",
    "two-page-scan.tif",
    "invoice.pdf",
    "phototest-rotated-180.png",
    "phototest-rotated-L.png",
    "three_pages_with_number.pdf",
    "g4_orientation_6.tif",
    "phototest-rotated-R.png",
    "receipt.jpg",
    "rotation.pdf",
];
const PAGES: [u64; 10] = [1, 2, 2, 1, 1, 3, 1, 1, 1, 2];

/// The answer to the upload of all documents, whose fields are to be found too.
fn sent(server: &Server) -> Value {
    let form = server.form().text("templateId", made(server, &json!({"total": {"type": "number"}})));
    let form = files(&DOCUMENTS).into_iter().fold(form, |form, (name, bytes)| file(form, name, bytes));
    server.send(form).body
}

/// Checks that every file of the batch completed, every page of it is there once, and fields were looked for.
#[track_caller]
fn assert_whole(server: &Server, accepted: &Value, details: &Value) {
    let counts =
        ["status", "totalFiles", "completedFiles", "failedFiles", "completedPages"].map(|field| &details[field]);
    let expected = json!(["completed", 10, 10, 0, 15]);
    assert_eq!(serde_json::to_value(counts).unwrap(), expected, "{details:#}");
    assert_eq!(details["uploadIds"], accepted["uploadIds"]);
    let documents = server.export(details["id"].as_str().unwrap(), "json").body["documents"].take();
    let documents = documents.as_array().unwrap();
    let ids: Vec<&Value> = documents.iter().map(|document| &document["uploadId"]).collect();
    assert_eq!(ids, accepted["uploadIds"].as_array().unwrap().iter().collect::<Vec<_>>());
    for (document, pages) in documents.iter().zip(PAGES) {
        let numbers: Vec<u64> =
            document["pages"].as_array().unwrap().iter().map(|page| page["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=pages).collect::<Vec<_>>(), "{}", document["fileName"]);
        assert!(document["fields"].get("total").is_some(), "{}", document["fields"]);
        assert_eq!(document["warnings"], json!([]), "a kill costs no attempt");
    }
    for letter in [0, 3, 4, 7] {
        assert_reads_letter(&documents[letter]);
    }
}

#[test]
fn a_server_killed_again_and_again_ends_every_file_once() {
    let mut random = Random::new();
    let mut server = Server::with(&[("workers.count", "2")]);
    let accepted = sent(&server);
    let batch = accepted["id"].as_str().unwrap().to_owned();
    let mut while_working = 0;
    for _ in 0..KILLS {
        // The moment is what is random here; nothing waits for it.
        std::thread::sleep(Duration::from_millis(random.below(600)));
        let with_workers = random.below(3) == 0;
        while_working += u32::from(!is_final(&server.get(&format!("/batch/{batch}")).body));
        server.signal(Signal::KILL, with_workers);
        server.ended();
        server.start_again();
    }
    assert!(while_working >= KILLS / 3, "only {while_working} of {KILLS} kills hit work in progress");
    // Were a kill to cost an attempt, pages would have failed at the third.
    let details = server.wait(&batch);
    assert_whole(&server, &accepted, &details);
    let list = server.get(&format!("/batch?projectId={}", server.project)).body;
    assert_eq!(list["pagination"]["total"], 1);
}

#[test]
fn killed_workers_are_replaced_and_cost_no_page() {
    let mut random = Random::new();
    let server = Server::with(&[("workers.count", "2")]);
    let accepted = sent(&server);
    // A page fails at its third attempt: two deaths can be no page's end.
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(random.below(1500)));
        eventually("a worker runs", || !server.workers().is_empty());
        let workers = server.workers();
        let victim = workers[random.below(workers.len() as u64) as usize];
        // It may have been ended by the server in this very moment.
        let _ = kill_process(victim, Signal::KILL);
    }
    let details = server.wait(accepted["id"].as_str().unwrap());
    assert_whole(&server, &accepted, &details);
}

#[test]
fn a_server_told_to_stop_ends_in_good_order_and_goes_on_at_its_next_start() {
    let mut server = Server::start();
    let accepted = sent(&server);
    let batch = accepted["id"].as_str().unwrap().to_owned();
    let pages = || server.get(&format!("/batch/{batch}")).body["completedPages"].as_u64().unwrap();
    eventually("a page is read", || pages() > 0);
    server.signal(Signal::TERM, false);
    assert_eq!(server.ended().code(), Some(0));
    server.start_again();
    let details = server.wait(&batch);
    assert_whole(&server, &accepted, &details);
}

#[test]
fn workers_do_not_outlive_a_killed_server() {
    let mut server = Server::start();
    eventually("a worker runs", || !server.workers().is_empty());
    let workers = server.workers();
    server.signal(Signal::KILL, false);
    server.ended();
    eventually("the workers end", || !workers.iter().any(|&worker| runs(worker)));
}
