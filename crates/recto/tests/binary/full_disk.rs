//! A disk that others fill to its last byte: what is refused, what is said, and what makes room again.

use std::io::Read;
use std::process::{Command, Stdio};

use reqwest::Method;
use reqwest::blocking::multipart::Part;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::command::{Said, recto_after};
use crate::documents::{bytes, files};
use crate::durability::disk::SmallDisk;
use crate::server::{Server, eventually, is_final};
use crate::words::assert_reads_letter;

/// More than a small disk has.
const SIZE: u64 = 60_000_000;

fn server_on(disk: &SmallDisk, settings: &[(&str, &str)]) -> Server {
    let server = Server::on_with(&disk.enter(), &disk.seen_from_outside(), settings);
    eventually("the ballast is there", || server.data_dir().join("recto.ballast").exists());
    server
}

fn ready(server: &Server) -> Answer {
    Answer::of(server.client.get(format!("http://{}/readyz", server.address)))
}

fn letter(server: &Server) -> Answer {
    server.send(crate::server::file(server.form(), "letter.tif", bytes("letter.tif")))
}

#[test]
fn a_disk_full_to_the_last_byte_is_said_and_freed_over_the_api() {
    let Some(disk) = SmallDisk::mount() else { return };
    let mut server = server_on(&disk, &[("metrics.token", "a token for metrics")]);
    let token = json!({"name": "lost", "type": "organization", "permissions": ["read"], "scopes": ["*"]});
    let token = Answer::of(server.call(Method::POST, "/tokens").json(&token)).body;
    let done = server.read(files(&["letter.tif"]))["id"].as_str().unwrap().to_owned();

    for _ in 0..10 {
        disk.fill();
        let refused = letter(&server);
        refused.is_error(507);
        assert_eq!(refused.header("retry-after"), "30");
        assert!(refused.body["message"].as_str().unwrap().contains("disk"), "{}", refused.body);
    }
    disk.fill();
    Answer::of(server.call(Method::POST, "/projects").json(&json!({"name": "More"}))).is_error(507);
    assert_eq!(server.export(&done, "text").status, 200);
    disk.fill();
    let not_ready = ready(&server);
    assert_eq!(not_ready.status, 503);
    assert_eq!(not_ready.body["disk"], "the disk of the database and files is full", "{}", not_ready.body);
    assert_eq!(not_ready.body["storage"], "ok", "what was put aside is enough to write: {}", not_ready.body);
    let metrics = server.client.get(format!("http://{}/metrics", server.address)).bearer_auth("a token for metrics");
    let metrics = Answer::of(metrics);
    let told = |name: &str| {
        let start = format!("{name}{{holds=\"database and files\"}} ");
        let value = metrics.text().lines().find_map(|line| line.strip_prefix(&start)?.parse::<u64>().ok());
        value.unwrap_or_else(|| panic!("no {name}: {}", metrics.text()))
    };
    let reserve = told("recto_disk_reserve_bytes");
    let left = told("recto_disk_free_bytes") + told("recto_disk_ballast_bytes");
    // Beside the reserve there is room for less than a transaction.
    assert!(left <= reserve + reserve / 4, "{}", metrics.text());
    let doctor = Said::of(&mut recto_after(&disk.enter(), &["doctor", "--json"], server.working_folder()));
    assert_eq!(doctor.code, Some(1));
    let finding = doctor.json().as_array().unwrap().iter().find(|finding| finding["check"] == "disk").unwrap().clone();
    assert_eq!(finding["ok"], false);
    assert!(finding["found"].as_str().unwrap().ends_with("new files are refused"), "{finding}");

    assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/batch/{done}"))).status, 204);
    let revoked = Answer::of(server.call(Method::DELETE, &format!("/tokens/{}", token["id"].as_str().unwrap())));
    assert_eq!(revoked.status, 204);
    server.get(&format!("/batch/{done}")).is_error(404);

    disk.free();
    eventually("the server is ready", || server.is_ready());
    let sent: Vec<String> = (0..3).map(|_| server.batch(files(&["letter.tif"]))).collect();
    let details: Vec<Value> = sent.iter().map(|batch| server.wait(batch)).collect();
    assert!(details.iter().all(|details| details["status"] == "completed"), "{details:#?}");
    let held = || std::fs::metadata(server.data_dir().join("recto.ballast")).map_or(0, |file| file.len());
    eventually("the ballast is put aside again", || held() > 500_000);

    server.signal(Signal::TERM, false);
    assert_eq!(server.ended().code(), Some(0));
    server.start_again();
    for batch in &sent {
        assert_eq!(server.get(&format!("/batch/{batch}")).body["status"], "completed");
    }
    server.get(&format!("/batch/{done}")).is_error(404);
    let lost = server.bare(Method::GET, &format!("/batch?projectId={}", server.project));
    Answer::of(lost.header("X-API-Key", token["apiKey"].as_str().unwrap())).is_error(401);
}

#[test]
fn a_server_starts_on_a_full_disk_and_frees_it() {
    let Some(disk) = SmallDisk::mount() else { return };
    let mut server = server_on(&disk, &[]);
    let done = server.read(files(&["letter.tif"]))["id"].as_str().unwrap().to_owned();
    server.signal(Signal::TERM, false);
    server.ended();
    disk.fill();
    server.start_again();
    letter(&server).is_error(507);
    assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/batch/{done}"))).status, 204);
    server.get(&format!("/batch/{done}")).is_error(404);
}

#[test]
fn what_is_being_read_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else { return };
    let server = server_on(&disk, &[]);
    let batch = server.batch(files(&["letter.tif", "two-page-scan.tif", "receipt.jpg", "invoice.pdf"]));
    disk.fill();
    letter(&server).is_error(507);
    disk.free();
    let details = server.wait(&batch);
    assert_eq!((details["status"].as_str(), &details["completedFiles"]), (Some("completed"), &json!(4)), "{details:#}");
    assert_reads_letter(&server.export(&batch, "json").body["documents"][0]);
}

#[test]
fn an_upload_that_does_not_fit_is_refused_before_it_or_on_the_way() {
    let Some(disk) = SmallDisk::mount() else { return };
    let server = server_on(&disk, &[]);
    let endless = || std::io::repeat(b'x').take(SIZE);
    // The size is known from the head of the request.
    let part = Part::reader_with_length(endless(), SIZE).file_name("large.png");
    let refused = server.send(server.form().part("files", part));
    refused.is_error(507);
    assert!(refused.body["message"].as_str().unwrap().contains("60 MB more are needed"), "{}", refused.body);
    // It is not: the disk is filled up to the reserve and no further.
    let refused = server.send(server.form().part("files", Part::reader(endless()).file_name("large.png")));
    refused.is_error(507);
    eventually("what came of it is removed", || {
        let batches = std::fs::read_dir(server.data_dir().join("blobs/batches"));
        batches.map_or(true, |mut batches| batches.next().is_none())
    });
    assert!(is_final(&server.read(files(&["letter.tif"]))));
}

#[test]
fn a_database_that_another_program_locks_is_said_so() {
    let server = Server::start();
    let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); \
                  c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()";
    let mut other = Command::new("python3")
        .args(["-c", script])
        .arg(server.data_dir().join("recto.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    other.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let refused = Answer::of(server.call(Method::POST, "/projects").json(&json!({"name": "More"})));
    refused.is_error(503);
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(refused.body["message"], "the database is locked by another program; try again");
    drop(other.stdin.take());
    other.wait().unwrap();
    assert_eq!(Answer::of(server.call(Method::POST, "/projects").json(&json!({"name": "More"}))).status, 201);
}
