//! Several nodes on a real PostgreSQL and a real S3 server: servers without workers, and nodes that only work.

use std::fs::File;
use std::path::Path;
use std::process::{Child, ExitStatus};

use recto_test_postgres::Postgres;
use recto_test_s3::{BUCKET, S3};
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::json;
use tempfile::TempDir;

use crate::answer::Answer;
use crate::command::{recto, run};
use crate::documents::bytes;
use crate::server::{Server, eventually};
use crate::words::assert_reads_letter;

/// What nodes share.
pub struct Shared {
    database: String,
    pub files: S3,
    pub postgres: Postgres,
}

impl Shared {
    pub fn new() -> Self {
        Self::on(&std::env::temp_dir(), &std::env::temp_dir())
    }

    /// With the database and the files on the disks of these folders.
    pub fn on(database: &Path, files: &Path) -> Self {
        let postgres = Postgres::start_in(database, "").unwrap();
        Self { database: postgres.database("recto").unwrap(), files: S3::start_in(files).unwrap(), postgres }
    }

    fn settings(&self) -> Vec<(String, String)> {
        let settings = [
            ("RECTO__DATABASE__URL", self.database.clone()),
            ("RECTO__BLOBS__URL", format!("s3://{BUCKET}/recto")),
            ("RECTO__BLOBS__ENDPOINT", self.files.endpoint()),
        ];
        let keys = self.files.variables().map(|(name, value)| (name, value.to_owned()));
        settings.into_iter().chain(keys).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// A server without workers, in the name of the first one's key.
    pub fn server(&self, first: Option<&Server>) -> Server {
        let settings = self.settings();
        let variables: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Server::beside(first, &[("workers.count", "0")], &variables)
    }
}

/// A process of `recto work`, killed with its workers when it is dropped.
pub struct WorkNode {
    process: Child,
    folder: TempDir,
}

impl WorkNode {
    pub fn start(shared: &Shared) -> Self {
        Self::start_on(&std::env::temp_dir(), shared)
    }

    /// The same with its data on the disk of a folder.
    pub fn start_on(disk: &Path, shared: &Shared) -> Self {
        use std::os::unix::process::CommandExt;
        let folder = tempfile::tempdir_in(disk).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = recto(&["work", "--workers", "1"], folder.path());
        command.envs(shared.settings()).process_group(0).stdout(log.try_clone().unwrap()).stderr(log);
        Self { process: command.spawn().unwrap(), folder }
    }

    /// Kills it and its workers at once.
    pub fn kill_all(&self) {
        kill_process_group(Pid::from_child(&self.process), Signal::KILL).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    pub fn ended(&mut self) -> ExitStatus {
        let mut ended = None;
        eventually("the node ends", || {
            ended = self.process.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for WorkNode {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("a node said:\n{}", self.log());
        }
        // The group is gone when the node has ended.
        let _ = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        let _ = self.process.wait();
    }
}

/// A batch of so many letters, named in order.
fn batch(server: &Server, letters: usize) -> String {
    let letter = bytes("phototest-rotated-R.png");
    let names: Vec<String> = (0..letters).map(|number| format!("{number}.png")).collect();
    server.batch(names.iter().map(|name| (name.as_str(), letter.clone())))
}

/// Checks that a batch of so many letters has ended with each of them once, in order.
pub fn assert_ended_well(server: &Server, batch: &str, letters: usize) {
    let details = server.wait(batch);
    assert_eq!(details["status"], "completed", "{details:#}");
    for count in ["completedFiles", "completedPages"] {
        assert_eq!(details[count], letters, "{details:#}");
    }
    let export = server.export(batch, "json").body;
    let documents = export["documents"].as_array().unwrap();
    assert_eq!(documents.len(), letters);
    for (number, document) in documents.iter().enumerate() {
        assert_eq!(document["fileName"], format!("{number}.png"));
        assert_eq!(document["pages"].as_array().unwrap().len(), 1);
        assert_reads_letter(document);
    }
}

#[test]
fn nodes_that_die_lose_and_double_nothing() {
    let mut shared = Shared::new();
    let first = shared.server(None);
    let second = shared.server(Some(&first));
    let mut nodes = [WorkNode::start(&shared), WorkNode::start(&shared)];
    let sent: Vec<String> = (0..4).map(|_| batch(&first, 6)).collect();
    // Each of them while pages are in work.
    let done = |at_least: u64| {
        eventually("pages are read", || {
            let counts = sent.iter().map(|id| second.get(&format!("/batch/{id}")).body["completedPages"].as_u64());
            counts.map(Option::unwrap_or_default).sum::<u64>() >= at_least
        });
    };
    done(2);
    nodes[0].kill_all();
    nodes[0] = WorkNode::start(&shared);
    done(5);
    shared.files.kill();
    eventually("the server says that it is not ready", || !first.is_ready());
    shared.files.restart().unwrap();
    done(8);
    shared.postgres.crash().unwrap();
    nodes[1].signal(Signal::STOP);
    done(14);
    nodes[1].signal(Signal::CONT);
    for id in &sent {
        assert_ended_well(&second, id, 6);
    }
    eventually("both servers are ready", || first.is_ready() && second.is_ready());
    let all = first.get(&format!("/batch?projectId={}", first.project)).body;
    assert_eq!(all["pagination"]["total"], 4, "{all:#}");
    for id in &sent {
        assert!(second.call(Method::DELETE, &format!("/batch/{id}")).send().unwrap().status().is_success());
    }
    eventually("the bucket is empty", || shared.files.files().unwrap().is_empty());
    for node in &mut nodes {
        node.signal(Signal::TERM);
        assert!(node.ended().success(), "{}", node.log());
    }
}

#[test]
fn a_key_made_on_one_server_is_known_to_the_other() {
    let shared = Shared::new();
    let first = shared.server(None);
    let second = shared.server(Some(&first));
    let token = json!({"name": "Scanner", "type": "organization", "permissions": ["read"], "scopes": ["*"]});
    let made = Answer::of(first.call(Method::POST, "/tokens").json(&token));
    assert_eq!(made.status, 201, "{}", made.body);
    let batches = second.bare(Method::GET, &format!("/batch?projectId={}", first.project));
    let listed = Answer::of(batches.header("X-API-Key", made.body["apiKey"].as_str().unwrap()));
    assert_eq!(listed.status, 200, "{}", listed.body);
    let folder = second.data_dir();
    assert!(!folder.join("secret.key").exists() && !folder.join("blobs").exists(), "nothing of it is in a folder");
}

#[test]
fn nodes_that_share_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["work"][..], &["serve", "--workers", "0"]] {
        let said = run(arguments, folder.path());
        assert_eq!(said.code, Some(1));
        assert!(
            said.stderr.contains("an SQLite database serves only one process") && said.stderr.contains("database.url"),
            "{}",
            said.stderr
        );
    }
}
