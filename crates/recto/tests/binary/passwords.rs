//! Protected PDFs: what opens them, what is said when nothing does, and what is kept of passwords.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::Method;

use crate::answer::Answer;
use crate::command::{recto, run};
use crate::documents::path;
use crate::programs;
use crate::server::{Server, file};

const PASSWORD: &str = "Zaunkönig 7";
/// A name on the sample invoice.
const PRINTED: &str = "Gelnhausen";

/// The sample invoice, protected with a password in some way.
fn protected(folder: &Path, name: &str, password: &str, way: &[&str]) -> PathBuf {
    let made = folder.join(name);
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"--allow-weak-crypto", &"--encrypt", &password, &"owner"];
    arguments.extend(way.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>));
    let sample = path("invoice.pdf");
    arguments.extend([&"--" as &dyn AsRef<std::ffi::OsStr>, &sample, &made]);
    programs::run("qpdf", &arguments);
    made
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().flat_map(|e| if e.path().is_dir() { files(&e.path()) } else { vec![e.path()] }).collect()
}

#[test]
fn every_kind_of_protection_opens_with_one_of_the_passwords() {
    let folder = tempfile::tempdir().unwrap();
    for (name, way) in [
        ("rc4-40.pdf", &["40"][..]),
        ("rc4-128.pdf", &["128", "--use-aes=n"]),
        ("aes-128.pdf", &["128", "--use-aes=y"]),
        ("aes-256.pdf", &["256"]),
    ] {
        // The older ways know no letters beyond Latin-1.
        protected(folder.path(), name, PASSWORD, way);
        let said = run(&["run", name, "--password", "wrong", "--password", PASSWORD, "-o", "out.pdf"], folder.path());
        assert_eq!(said.code, Some(0), "{name}: {}", said.stderr);
        let out = folder.path().join("out.pdf");
        programs::run("qpdf", &[&"--check", &out]);
        assert!(programs::pdf_text(&out).contains(PRINTED), "{name}: the pages are carried over");
        assert!(!String::from_utf8_lossy(&std::fs::read(&out).unwrap()).contains("/Encrypt"), "{name}");
    }
}

#[test]
fn what_opens_nothing_is_said_and_never_repeated() {
    let folder = tempfile::tempdir().unwrap();
    protected(folder.path(), "a.pdf", PASSWORD, &["256"]);
    for (passwords, reason) in [
        (&[][..], "the PDF is protected: a password is needed to open it"),
        (&["--password", "Rotkehlchen"], "the PDF is protected, and the given password does not open it"),
        (
            &["--password", "Rotkehlchen", "--password", "Amsel"],
            "the PDF is protected, and none of the 2 given passwords opens it",
        ),
    ] {
        let said = run(&[&["run", "a.pdf"], passwords].concat(), folder.path());
        assert!(said.code != Some(0) && said.stderr.contains(reason), "{}", said.stderr);
        assert!(!said.stderr.contains("Rotkehlchen") && !said.stdout.contains("Rotkehlchen"));
    }
    let said = run(&["run", "a.pdf", "--password", &"x".repeat(600)], folder.path());
    assert!(
        said.code == Some(1) && said.stderr.contains("--password: a password must have 1 to 512 bytes"),
        "{}",
        said.stderr
    );
}

#[test]
fn passwords_come_from_a_file_or_from_stdin() {
    let folder = tempfile::tempdir().unwrap();
    protected(folder.path(), "a.pdf", PASSWORD, &["256"]);
    std::fs::write(folder.path().join("passwords"), format!("Amsel\n{PASSWORD}\n")).unwrap();
    let said = run(&["run", "a.pdf", "--password-file", "passwords"], folder.path()).ok();
    assert!(said.stdout.contains(PRINTED), "{}", said.stdout);
    let mut command = recto(&["run", "a.pdf", "--password-file", "-"], folder.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(PRINTED));
}

#[test]
fn a_server_opens_each_file_with_its_own_password_and_keeps_none() {
    let folder = tempfile::tempdir().unwrap();
    let one = std::fs::read(protected(folder.path(), "one.pdf", PASSWORD, &["256"])).unwrap();
    let two = std::fs::read(protected(folder.path(), "two.pdf", "Rotkehlchen", &["256"])).unwrap();
    let three = std::fs::read(protected(folder.path(), "three.pdf", "Amsel", &["256"])).unwrap();
    let mut server = Server::with(&[("log.level", "trace,hyper=info,sqlx=info")]);
    let form = file(file(file(server.form(), "one.pdf", one.clone()), "two.pdf", two), "three.pdf", three);
    let form = form.text("password", "Star").text("password", PASSWORD).text("files[1].password", "Rotkehlchen");
    let answer = server.send(form);
    assert_eq!(answer.status, 201, "{}", answer.body);
    let batch = answer.body["id"].as_str().unwrap();
    let details = server.wait(batch);
    let statuses: Vec<_> = details["files"].as_array().unwrap().iter().map(|file| file["status"].as_str()).collect();
    assert_eq!(statuses, [Some("completed"), Some("completed"), Some("failed")], "{details:#}");
    assert!(details["files"][2]["error"].as_str().unwrap().contains("none of the 2 given passwords"), "{details:#}");
    // The pages are there for pictures and exports, though nobody has the password any more.
    let pdf = programs::saved(&folder, "out.pdf", &server.export(batch, "pdf").bytes);
    let text = programs::pdf_text(&pdf);
    let on_the_page = programs::pdf_text(&path("invoice.pdf")).matches(PRINTED).count();
    assert_eq!(text.matches(PRINTED).count(), 2 * on_the_page, "{text}");
    assert!(text.contains("This file could not be read") && text.contains("three.pdf"), "{text}");
    let record = server.get(&format!("/processing-history/{}", details["processingHistoryIds"][0].as_str().unwrap()));
    let picture = record.body["pages"][0]["imageUrl"].as_str().unwrap();
    let picture = server.client.get(format!("http://{}{picture}", server.address)).send().unwrap();
    assert_eq!(picture.status(), 200, "{}", record.body);
    // The link to the file leads to what was sent.
    let upload = server.get(&format!("/upload/{}", details["uploadIds"][0].as_str().unwrap()));
    let sent = server.client.get(format!("http://{}{}", server.address, upload.body["fileUrl"].as_str().unwrap()));
    assert_eq!(sent.send().unwrap().bytes().unwrap().as_ref(), one.as_slice());
    // The same file without the password does not get what it says.
    let again = server.read([("again.pdf", one)]);
    assert_eq!(again["status"], "failed", "{again:#}");
    let wrong = Answer::of(
        server
            .call(Method::POST, "/batch/upload")
            .multipart(file(server.form(), "a.pdf", b"%PDF-".to_vec()).text("password", "p".repeat(600))),
    );
    wrong.is_error(400);
    assert_eq!(wrong.body["message"], "password: a password must have 1 to 512 bytes and no NUL");
    server.signal(rustix::process::Signal::TERM, false);
    server.ended();
    for word in [PASSWORD, "Rotkehlchen", "Star"] {
        assert!(!server.log().contains(word), "the log holds {word}");
        for file in files(&server.data_dir()) {
            let bytes = std::fs::read(&file).unwrap();
            let holds = bytes.windows(word.len()).any(|part| part == word.as_bytes());
            // A short word may stand in a picture by chance, never in the database.
            assert!(
                !holds || file.components().any(|part| part.as_os_str() == "blobs"),
                "{} holds {word}",
                file.display()
            );
        }
    }
}
