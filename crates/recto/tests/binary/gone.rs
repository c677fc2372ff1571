//! Deleted is gone, the folder is closed, and a clean stop leaves one whole file.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::command::{Said, recto, run};
use crate::documents::{bytes, path};
use crate::request::Request;
use crate::server::{Server, eventually, file};

/// Stands in every name and text that is given to what is deleted.
const WORD: &str = "Zebrafink";
/// A name on the sample invoice that is sent.
const PRINTED: &str = "CON02858";

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().flat_map(|e| if e.path().is_dir() { files(&e.path()) } else { vec![e.path()] }).collect()
}

/// The files of the data folder that hold one of the words.
fn holding(server: &Server) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        // One that was removed meanwhile holds nothing.
        let bytes = std::fs::read(path).unwrap_or_default();
        // The sample that is unpacked for a first try is no document of anybody.
        let is_sample = path.parent().is_some_and(|folder| folder.ends_with("samples"));
        let has = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        has(WORD) || (!is_sample && has(PRINTED))
    };
    files(&server.data_dir()).into_iter().filter(holds).collect()
}

fn assert_gone(server: &Server, what: &str) {
    let begun = Instant::now();
    loop {
        let left = holding(server);
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "{what} left something in {left:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// An endpoint that answers with what it gets.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/Zebrafink", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut connection in listener.incoming().map_while(Result::ok) {
            let Some(Request { body, .. }) = Request::read(&connection) else { continue };
            let body = body.to_string();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            // A server that ended meanwhile does not hear it.
            let _ = connection.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

fn sent(server: &Server, path: &str, body: &Value) -> Value {
    let answer = Answer::of(server.call(Method::POST, path).json(body));
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

fn delete(server: &Server, path: &str) {
    assert_eq!(Answer::of(server.call(Method::DELETE, path)).status, 204, "{path}");
}

fn template(server: &Server) -> String {
    let schema = json!({"agreement": {"type": "string"}, "Zebrafink": {"type": "string"}});
    let body = json!({"name": "Zebrafink", "description": "of Zebrafink", "templateSchema": schema,
        "projectId": server.project});
    sent(server, "/templates", &body)["templateId"].as_str().unwrap().to_owned()
}

/// A batch that holds the word wherever a sender can put it, read with a template; its details.
fn batch(server: &Server, template: &str) -> Value {
    let form = file(server.form(), "Zebrafink-1.pdf", bytes("invoice.pdf"));
    let form = file(form, "Zebrafink-2.pdf", bytes("invoice.pdf"))
        .text("name", "Zebrafink batch")
        .text("metadata", r#"{"patient": "Zebrafink"}"#)
        .text("templateId", template.to_owned());
    let request = server.call(Method::POST, "/batch/upload").header("Idempotency-Key", "Zebrafink-key");
    let answer = Answer::of(request.multipart(form));
    assert_eq!(answer.status, 201, "{}", answer.body);
    server.wait(answer.body["id"].as_str().unwrap())
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value:#}"))
}

#[test]
fn nothing_of_what_is_deleted_stands_in_the_data_folder() {
    let mut server = Server::with(&[("webhooks.allow_private", "true")]);
    let events = json!([
        "document.uploaded",
        "document.processed",
        "batch.uploaded",
        "batch.completed",
        "template.created",
        "template.updated",
        "template.deleted"
    ]);
    let hook = json!({"name": "Zebrafink", "url": echo(), "events": events, "projectId": server.project,
        "headers": {"X-Zebrafink": "Zebrafink"}});
    let hook = text(&sent(&server, "/webhooks", &hook), "/id").to_owned();
    let taught = template(&server);
    let example = Form::new()
        .part("file", Part::bytes(bytes("invoice.pdf")).file_name("Zebrafink.pdf"))
        .text("fields", json!({"agreement": PRINTED, "Zebrafink": "Zebrafink"}).to_string());
    let example = Answer::of(server.call(Method::POST, &format!("/templates/{taught}/data-files")).multipart(example));
    assert_eq!(example.status, 201, "{}", example.body);
    let details = batch(&server, &taught);
    let id = text(&details, "/id").to_owned();
    let record = text(&details, "/processingHistoryIds/0").to_owned();
    let corrected = json!({"fields": {"agreement": "Zebrafink"}, "metadata": {"patient": "Zebrafink"}});
    let changed = Answer::of(server.call(Method::PATCH, &format!("/processing-history/{record}")).json(&corrected));
    assert_eq!(changed.status, 200, "{}", changed.body);
    server.export(&id, "pdf");
    let single = Form::new().part("file", Part::bytes(bytes("invoice.pdf")).file_name("Zebrafink.pdf"));
    let single = single.text("projectId", server.project.clone()).text("uploadType", WORD);
    let single = Answer::of(server.call(Method::POST, "/upload").multipart(single)).body;
    eventually("the single file is read", || {
        server.get(&format!("/processing-history/{}", text(&single, "/processingHistoryId"))).body["status"]
            == json!("completed")
    });
    eventually("the endpoint was told of all", || {
        let told = server.get(&format!("/webhooks/{hook}/deliveries?status=delivered")).body;
        // Template, batch, three documents twice or once, and the batch's end.
        told["pagination"]["total"].as_u64().is_some_and(|total| total >= 7)
    });
    assert!(!holding(&server).is_empty());

    delete(&server, &format!("/upload/{}", text(&details, "/uploadIds/0")));
    delete(&server, &format!("/batch/{id}"));
    delete(&server, &format!("/upload/{}", text(&single, "/id")));
    delete(&server, &format!("/templates/{taught}"));
    let deliveries = server.get(&format!("/webhooks/{hook}/deliveries")).body;
    assert!(!deliveries["data"].to_string().contains("Zebrafink-1"), "{deliveries:#}");
    delete(&server, &format!("/webhooks/{hook}"));
    assert_gone(&server, "deleting");
    server.signal(Signal::TERM, false);
    assert!(server.ended().success());
    assert_eq!(holding(&server), Vec::<PathBuf>::new());
    assert!(!server.data_dir().join("recto.db-wal").exists(), "a clean stop leaves one file");
    let said = run(&["org", "list", "--json"], server.working_folder()).ok().json();
    assert_eq!(said.as_array().unwrap().len(), 1);
    assert!(!server.data_dir().join("recto.db-wal").exists(), "and so does a command");
}

#[test]
fn what_a_killed_server_held_is_deleted_as_well() {
    let mut server = Server::start();
    let taught = template(&server);
    let details = batch(&server, &taught);
    delete(&server, &format!("/templates/{taught}"));
    server.signal(Signal::KILL, true);
    server.ended();
    server.start_again();
    delete(&server, &format!("/batch/{}", text(&details, "/id")));
    // Before anything is erased in the background.
    server.signal(Signal::KILL, true);
    server.ended();
    server.start_again();
    assert_gone(&server, "a kill after the delete");
}

#[test]
fn the_folder_is_closed_to_others_whatever_it_was_before() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("recto-data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let open = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o077 != 0;
    run(&["org", "create", "--name", "Acme"], folder.path()).ok();
    assert_eq!(files(&data).into_iter().filter(|path| open(path)).collect::<Vec<_>>(), Vec::<PathBuf>::new());
    for name in ["recto.db", "secret.key"] {
        std::fs::set_permissions(data.join(name), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let said = run(&["doctor", "--json"], folder.path());
    let finding = said.json()[0].clone();
    assert_eq!(finding["ok"], json!(false), "{finding}");
    assert!(text(&finding, "/found").contains("secret.key"), "{finding}");
    run(&["org", "list"], folder.path()).ok();
    assert_eq!(files(&data).into_iter().filter(|path| open(path)).collect::<Vec<_>>(), Vec::<PathBuf>::new());
    // What is written for the user has the rights of the user's files.
    let letter = path("letter.tif");
    let line = format!("umask 027; exec {} run {} -o out.txt", env!("CARGO_BIN_EXE_recto"), letter.display());
    let mut shell = std::process::Command::new("sh");
    Said::of(shell.args(["-c", &line]).current_dir(folder.path())).ok();
    assert_eq!(std::fs::metadata(folder.path().join("out.txt")).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn the_first_key_is_not_printed_where_logs_are_kept() {
    let server = Server::start();
    assert!(!server.log().contains(&server.key));
    assert!(server.log().contains("initial-credentials.json"));
    assert!(!server.log().contains("are sent unencrypted"), "nobody else reaches it");
}

#[test]
fn a_server_that_others_reach_without_tls_warns_once() {
    let folder = tempfile::tempdir().unwrap();
    let warned = |variables: &[(&str, &str)]| {
        let log = folder.path().join("log");
        let mut command = recto(&["serve", "--listen", "0.0.0.0:0", "--workers", "1"], folder.path());
        command.envs(variables.iter().copied());
        let out = std::fs::File::create(&log).unwrap();
        let mut server = command.stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();
        let said = || std::fs::read_to_string(&log).unwrap();
        eventually("it listens", || said().contains("listening on"));
        let pid = rustix::process::Pid::from_child(&server);
        rustix::process::kill_process(pid, Signal::TERM).unwrap();
        server.wait().unwrap();
        said().matches("are sent unencrypted").count()
    };
    assert_eq!(warned(&[]), 1);
    assert_eq!(warned(&[("RECTO__SERVER__PUBLIC_URL", "https://recto.example")]), 0);
    assert_eq!(warned(&[("RECTO__SERVER__TRUSTED_PROXIES", "192.0.2.1")]), 0);
}

#[test]
fn secrets_of_webhooks_outlive_a_change_of_the_installations_secret() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("recto-data");
    let organization = run(&["org", "create", "--name", "Acme", "--json"], folder.path()).ok().json();
    let webhook = ["webhook", "create", "--organization", text(&organization, "/id"), "--name", "Ledger", "--json"];
    let what = ["--url", "https://93.184.215.14/recto", "--event", "batch.uploaded", "--header", "X-Ledger: sesame"];
    let made = run(&[&webhook[..], &what].concat(), folder.path()).ok().json();
    let header = || {
        let shown = run(&["webhook", "show", text(&made, "/id"), "--json"], folder.path()).ok().json();
        shown.pointer("/headers/X-Ledger").and_then(Value::as_str).map(str::to_owned)
    };
    for word in [text(&made, "/secret"), "sesame"] {
        for path in files(&data) {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{}", path.display());
        }
    }
    let secret = std::fs::read(data.join("secret.key")).unwrap();
    std::fs::rename(data.join("secret.key"), data.join("secret.key.former")).unwrap();
    assert_eq!(header().as_deref(), Some("sesame"));
    assert_ne!(std::fs::read(data.join("secret.key")).unwrap(), secret, "there is a new one");
    std::fs::remove_file(data.join("secret.key.former")).unwrap();
    assert_eq!(header().as_deref(), Some("sesame"), "it was encrypted anew");
    std::fs::write(data.join("secret.key"), secret).unwrap();
    assert_eq!(header(), None, "the old secret opens nothing any more");
}
