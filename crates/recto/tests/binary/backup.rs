//! `recto backup` beside a busy server, and what `recto restore` makes of it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::json;
use tempfile::TempDir;

use crate::answer::Answer;
use crate::command::{Said, recto, run};
use crate::documents::{bytes, files};
use crate::fields::made;
use crate::server::{Server, eventually};

const FORMATS: [&str; 3] = ["json", "pdf", "csv"];

/// Backs a server up into a folder of its own.
fn backed_up(server: &Server, name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    let data_dir = server.data_dir();
    run(&["backup", file.to_str().unwrap(), "--data-dir", data_dir.to_str().unwrap()], server.working_folder()).ok();
    (folder, file)
}

fn restored(file: &Path, data_dir: &Path) -> Said {
    let folder = tempfile::tempdir().unwrap();
    run(&["restore", file.to_str().unwrap(), "--data-dir", data_dir.to_str().unwrap()], folder.path())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_of_a_busy_server_has_everything_that_was_acknowledged_before_it() {
    let server = Server::start();
    fs::write(server.data_dir().join("secret.key.former"), "00".repeat(32)).unwrap();
    let template = made(&server, &json!({"total": {"type": "number"}}));
    let example = Form::new().part("file", Part::bytes(bytes("receipt.jpg")).file_name("receipt.jpg"));
    let path = format!("/templates/{template}/data-files");
    assert_eq!(Answer::of(server.call(Method::POST, &path).multipart(example)).status, 201);
    let done = server.read(files(&["letter.tif", "invoice.pdf"]))["id"].as_str().unwrap().to_owned();
    let exports: BTreeMap<&str, Vec<u8>> =
        FORMATS.map(|format| (format, server.export(&done, format).bytes)).into_iter().collect();
    let waiting = server.batch(files(&["two-page-scan.tif", "receipt.jpg"]));
    let deleted = server.batch(files(&["letter.tif"]));
    assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/batch/{deleted}"))).status, 204);

    // Batches come and go all the while.
    let (over, kept) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let (_folder, file) = std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let (gone, stays) = (server.batch(files(&["invoice.pdf"])), server.batch(files(&["letter.tif"])));
                assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/batch/{gone}"))).status, 204);
                kept.lock().unwrap().push(stays);
            }
        });
        eventually("batches come and go", || kept.lock().unwrap().len() >= 2);
        let before: Vec<String> = kept.lock().unwrap().clone();
        let backup = backed_up(&server, "all.tar");
        over.store(true, Ordering::Relaxed);
        busy.join().unwrap();
        *kept.lock().unwrap() = before;
        backup
    });
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(file.parent().unwrap()), ["all.tar"]);

    let target = tempfile::tempdir().unwrap();
    let data_dir = target.path().join("recto-data");
    restored(&file, &data_dir).ok();
    assert_eq!(names(&data_dir), ["blobs", "recto.db", "secret.key", "secret.key.former"]);
    let again = Server::over(target, &server);
    for (format, export) in &exports {
        let now = again.export(&done, format).bytes;
        assert!(now == *export, "{format} is another one");
    }
    assert_eq!(again.wait(&waiting)["status"], "completed");
    for batch in kept.into_inner().unwrap() {
        assert_eq!(again.wait(&batch)["status"], "completed");
    }
    again.get(&format!("/batch/{deleted}")).is_error(404);
    let examples = again.get(&path).body;
    assert!(examples.to_string().contains("receipt.jpg"), "{examples}");
    // What was removed meanwhile is removed here too.
    eventually("deleted files go", || {
        let deleting = server.batch(files(&["letter.tif"]));
        assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/batch/{deleting}"))).status, 204);
        !server.data_dir().join("blobs/batches").join(&deleting).exists()
    });
}

#[test]
fn a_backup_that_is_damaged_or_cut_leaves_nothing() {
    let server = Server::start();
    server.read(files(&["letter.tif"]));
    let (folder, file) = backed_up(&server, "all.tar");
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    let at = whole.len() / 2;
    changed[at] ^= 0xff;
    let wrong =
        [("cut", whole[..whole.len() / 2].to_vec()), ("changed", changed), ("other", b"not a backup".repeat(100))];
    for (name, bytes) in wrong {
        let file = folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        let data_dir = folder.path().join("data");
        let said = restored(&file, &data_dir);
        assert_eq!(said.code, Some(1), "{name}: {}", said.stderr);
        assert!(said.stderr.starts_with("recto: ") && said.stderr.contains("backup"), "{name}: {}", said.stderr);
        assert_eq!(names(&data_dir), [""; 0], "{name}");
    }
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let server = Server::start();
    let (_folder, file) = backed_up(&server, "all.tar");
    let before = names(&server.data_dir());
    let said = restored(&file, &server.data_dir());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("is not empty"), "{}", said.stderr);
    assert_eq!(names(&server.data_dir()), before);
}

#[test]
fn no_server_starts_on_a_restore_that_was_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("recto-data/restoring")).unwrap();
    let said = run(&["serve", "--listen", "127.0.0.1:0"], folder.path());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("empty the folder and restore again"), "{}", said.stderr);
}

#[test]
fn a_backup_goes_through_a_pipe_and_may_be_compressed() {
    let server = Server::start();
    let done = server.read(files(&["letter.tif"]))["id"].as_str().unwrap().to_owned();
    let data_dir = server.data_dir();
    let arguments = ["backup", "-", "--data-dir", data_dir.to_str().unwrap()];
    let folder = tempfile::tempdir().unwrap();
    let piped = folder.path().join("piped.tar");
    let mut command = recto(&arguments, server.working_folder());
    command.stdout(fs::File::create(&piped).unwrap());
    assert!(command.status().unwrap().success());
    let (_kept, compressed) = backed_up(&server, "all.tar.gz");
    assert!(fs::read(&compressed).unwrap().starts_with(&[0x1f, 0x8b]));
    for file in [&piped, &compressed] {
        let target = tempfile::tempdir().unwrap();
        restored(file, &target.path().join("recto-data")).ok();
        let again = Server::over(target, &server);
        assert_eq!(again.get(&format!("/batch/{done}")).body["status"], "completed");
    }
}

#[test]
fn a_backup_that_cannot_be_whole_is_not_made() {
    let server = Server::start();
    let done = server.read(files(&["letter.tif"]))["id"].as_str().unwrap().to_owned();
    let blob = fs::read_dir(server.data_dir().join("blobs/batches").join(&done)).unwrap().next().unwrap().unwrap();
    fs::write(blob.path(), b"other bytes").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.tar");
    let data_dir = server.data_dir();
    let said =
        run(&["backup", file.to_str().unwrap(), "--data-dir", data_dir.to_str().unwrap()], server.working_folder());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains(&done), "{}", said.stderr);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn postgresql_is_left_to_its_own_tools() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = recto(&["backup", "all.tar"], folder.path());
    let said = Said::of(command.env("RECTO__DATABASE__URL", "postgres://recto@127.0.0.1:1/recto"));
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("pg_dump") && said.stderr.contains("secret.key"), "{}", said.stderr);
    assert_eq!(names(folder.path()), [""; 0]);
}
