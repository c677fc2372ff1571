//! A server to test against: the real binary in a process group of its own, over a data folder that goes with it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use recto_test_postgres::Postgres;
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use reqwest::blocking::{Client, RequestBuilder};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;
use tempfile::TempDir;

use crate::answer::Answer;
use crate::command::recto_after;

/// What anything may take on a machine with much else to do.
const PATIENCE: Duration = Duration::from_mins(4);
const PAUSE: Duration = Duration::from_millis(20);

/// A running server, and what its first start made. Dropping it kills it with its workers.
pub struct Server {
    /// Host and port.
    pub address: String,
    pub organization: String,
    pub project: String,
    /// The key of the first start.
    pub key: String,
    pub client: Client,
    process: Child,
    /// The environment that it runs in, beside the test's own.
    variables: Vec<(String, String)>,
    /// What comes before the binary on the command line, such as `nsenter`.
    before: Vec<String>,
    /// What it works in, and the folder that goes with it.
    place: PathBuf,
    folder: TempDir,
}

impl Server {
    /// A server with one worker, as tests run beside each other.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with settings of its own, such as `("workers.page_timeout_seconds", "1")`.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::within(settings, &[])
    }

    /// The same with further variables of the environment.
    pub fn within(settings: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_owned();
        let database = database_of_its_own();
        let mut all = variables.to_vec();
        all.extend(database.as_deref().map(|url| ("RECTO__DATABASE__URL", url)));
        Self::begin(settings, &all, Vec::new(), place, folder, None)
    }

    /// A server that the command `before` starts, in a folder that `place` names for the test.
    pub fn on(before: &[String], place: &Path) -> Self {
        Self::on_with(before, place, &[])
    }

    /// The same with settings of its own.
    pub fn on_with(before: &[String], place: &Path, settings: &[(&str, &str)]) -> Self {
        Self::begin(settings, &[], before.to_vec(), place.to_owned(), tempfile::tempdir().unwrap(), None)
    }

    /// A server in a folder whose data folder is there, made by the first start of another server.
    pub fn over(folder: TempDir, first: &Self) -> Self {
        let place = folder.path().to_owned();
        Self::begin(&[], &[], Vec::new(), place, folder, Some(first))
    }

    /// A server with settings and variables of its own, beside another one whose database it shares, if there is one.
    pub fn beside(first: Option<&Self>, settings: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_owned();
        Self::begin(settings, variables, Vec::new(), place, folder, first)
    }

    fn begin(
        settings: &[(&str, &str)],
        variables: &[(&str, &str)],
        before: Vec<String>,
        place: PathBuf,
        folder: TempDir,
        first: Option<&Self>,
    ) -> Self {
        // Each poll is a line of the log otherwise.
        let quiet = ("log.level", "info,recto_http=warn");
        let mut all = vec![("workers.count", "1"), ("server.rate_limit_per_minute", "0"), quiet];
        all.extend(settings);
        let name = |key: &str| format!("RECTO__{}", key.to_uppercase().replace('.', "__"));
        let settings = all.into_iter().map(|(key, value)| (name(key), value.to_owned()));
        let others = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let variables: Vec<(String, String)> = settings.chain(others).collect();
        let (process, address) = started(&before, folder.path(), &variables);
        let (organization, project, key) = match first {
            Some(first) => (first.organization.clone(), first.project.clone(), first.key.clone()),
            None => credentials(&place.join("recto-data")),
        };
        // reqwest comes without a TLS provider; the second test that sets it finds it set.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).build().unwrap();
        Self { address, organization, project, key, client, process, variables, before, place, folder }
    }

    /// The folder that the server was started in.
    pub fn working_folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.place.join("recto-data")
    }

    /// A request to the API without a key.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}/v1/openapi{path}", self.address))
    }

    /// A request to the API with the first key.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("X-API-Key", &self.key)
    }

    pub fn get(&self, path: &str) -> Answer {
        Answer::of(self.call(Method::GET, path))
    }

    /// An upload's form that names the project.
    pub fn form(&self) -> Form {
        Form::new().text("projectId", self.project.clone())
    }

    pub fn send(&self, form: Form) -> Answer {
        Answer::of(self.call(Method::POST, "/batch/upload").multipart(form))
    }

    /// A batch of these files, by name and content; its id.
    pub fn batch<'a>(&self, files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> String {
        let answer = self.send(files.into_iter().fold(self.form(), |form, (name, bytes)| file(form, name, bytes)));
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// A batch of these files that has ended; its details.
    pub fn read<'a>(&self, files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Value {
        self.wait(&self.batch(files))
    }

    /// The details of a batch when it has ended.
    pub fn wait(&self, batch: &str) -> Value {
        let mut details = Value::Null;
        eventually(&format!("batch {batch} ends"), || {
            details = self.get(&format!("/batch/{batch}")).body;
            is_final(&details)
        });
        details
    }

    /// A batch's export.
    pub fn export(&self, batch: &str, format: &str) -> Answer {
        let answer = self.get(&format!("/batch/{batch}/export?format={format}"));
        assert_eq!(answer.status, 200, "{format}: {}", answer.body);
        answer
    }

    /// Reads these files and gives the documents of the JSON export.
    pub fn documents<'a>(&self, files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Vec<Value> {
        let details = self.read(files);
        assert_eq!(details["status"], "completed", "{details:#}");
        let mut export = self.export(details["id"].as_str().unwrap(), "json").body;
        serde_json::from_value(export["documents"].take()).unwrap()
    }

    /// Whether database, blobs and a worker answer.
    pub fn is_ready(&self) -> bool {
        self.client.get(format!("http://{}/readyz", self.address)).send().unwrap().status() == 200
    }

    /// The ids of the worker processes.
    pub fn workers(&self) -> Vec<Pid> {
        let mine = self.process.id().to_string();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = all.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?));
        pids.filter(|&pid| runs(pid) && state_and_parent(pid).is_some_and(|(_, parent)| parent == mine)).collect()
    }

    /// A value of the server's `/proc/PID/status` in bytes, such as `VmHWM`.
    pub fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Sends a signal to the server, or to it and its workers at once.
    pub fn signal(&self, signal: Signal, with_workers: bool) {
        let pid = Pid::from_child(&self.process);
        if with_workers { kill_process_group(pid, signal) } else { kill_process(pid, signal) }.unwrap();
    }

    /// How the server ended, once it has.
    pub fn ended(&mut self) -> ExitStatus {
        let mut ended = None;
        eventually("the server ends", || {
            ended = self.process.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }

    /// Starts a server that ended again on the same folder.
    pub fn start_again(&mut self) {
        (self.process, self.address) = started(&self.before, self.folder.path(), &self.variables);
    }

    /// What the server wrote to stdout and stderr.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.log());
        }
        // The group is gone when the server was killed by the test; its workers ended with it.
        let _ = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        let _ = self.process.wait();
    }
}

/// A new database on PostgreSQL, where `RECTO_TEST_DATABASE` says that tests are to run on it.
fn database_of_its_own() -> Option<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    (std::env::var("RECTO_TEST_DATABASE").as_deref() == Ok("postgresql")).then(|| {
        let name = format!("recto_test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Postgres::shared().database(&name).unwrap()
    })
}

const LOG: &str = "server.log";

/// The organization, the project and the key that a first start made.
fn credentials(data_dir: &Path) -> (String, String, String) {
    let credentials = std::fs::read(data_dir.join("initial-credentials.json")).unwrap();
    let credentials: Value = serde_json::from_slice(&credentials).unwrap();
    let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
    (text("organizationId"), text("projectId"), text("apiKey"))
}

/// Starts the binary and waits until it listens; the process and its address.
fn started(before: &[String], folder: &Path, variables: &[(String, String)]) -> (Child, String) {
    use std::os::unix::process::CommandExt;
    let log = File::create(folder.join(LOG)).unwrap();
    let mut command = recto_after(before, &["serve", "--listen", "127.0.0.1:0"], folder);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut process = command.process_group(0).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let mut address = None;
    eventually("the server listens", || {
        let said = std::fs::read_to_string(folder.join(LOG)).unwrap();
        if let Some(status) = process.try_wait().unwrap() {
            panic!("the server ended with {status}:\n{said}");
        }
        let told = |line: &str| Some(line.strip_prefix("listening on http://")?.to_owned());
        // The last line may be half written.
        address = said.split_inclusive('\n').filter(|line| line.ends_with('\n')).find_map(|line| told(line.trim_end()));
        address.is_some()
    });
    (process, address.unwrap())
}

/// A form with one file more.
pub fn file(form: Form, name: &str, bytes: impl Into<std::borrow::Cow<'static, [u8]>>) -> Form {
    form.part("files", Part::bytes(bytes).file_name(name.to_owned()))
}

/// Whether a process is there and no zombie.
pub fn runs(pid: Pid) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| state != "Z")
}

fn state_and_parent(pid: Pid) -> Option<(String, String)> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // They follow the name, which stands in brackets and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned);
    fields.next().zip(fields.next())
}

/// Whether a batch with these details has ended.
pub fn is_final(details: &Value) -> bool {
    ["completed", "partially_failed", "failed"].contains(&details["status"].as_str().unwrap_or_default())
}

/// Waits until something has come true.
#[track_caller]
pub fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(PAUSE);
    }
}
