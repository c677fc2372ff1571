//! How fast large files are taken in, beside a plain copy over loopback to the same disk.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use recto_test_postgres::Postgres;
use reqwest::blocking::multipart::{Form, Part};
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;

use super::Options;

const FILES: usize = 50;
const FILE_BYTES: usize = 10_000_000;
const PATIENCE: Duration = Duration::from_mins(10);

pub(super) fn measure(postgres: &Postgres, options: &Options) -> anyhow::Result<()> {
    println!("upload of {FILES} files of {} MB:", FILE_BYTES / 1_000_000);
    // Bytes that no program makes shorter, and no page can be read of.
    let mut content = vec![0; FILE_BYTES];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut content)?;
    let server = Server::start(options, &postgres.database("uploads")?, 0)?;
    let before = server.peak_bytes()?;
    let (mut plain, mut sent) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        plain = plain.min(plain_copy(&content, server.folder.path())?);
        let begun = Instant::now();
        server.send((0..FILES).map(|n| (format!("{n}.pdf"), content.clone())))?;
        sent = sent.min(begun.elapsed());
    }
    let rate = |took: Duration| (FILES * FILE_BYTES) as f64 / 1e6 / took.as_secs_f64();
    println!("  plain copy  {:6.0} MB/s", rate(plain));
    println!("  recto       {:6.0} MB/s  {:.2}x the plain copy", rate(sent), rate(sent) / rate(plain));
    let (before, peak) = (before as f64 / 1e6, server.peak_bytes()? as f64 / 1e6);
    println!("  the server's memory  {before:.0} MB before, {peak:.0} MB at most");
    Ok(())
}

/// Sends the files to one that writes them to the disk and nothing else.
fn plain_copy(content: &[u8], folder: &Path) -> anyhow::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let folder = tempfile::tempdir_in(folder)?;
    let place = folder.path().to_owned();
    let copying = std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        for number in 0..FILES {
            let mut file = std::fs::File::create(place.join(number.to_string()))?;
            std::io::copy(&mut (&mut stream).take(FILE_BYTES as u64), &mut file)?;
            file.sync_all()?;
        }
        stream.write_all(b"done")
    });
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    for _ in 0..FILES {
        stream.write_all(content)?;
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let took = begun.elapsed();
    match copying.join() {
        Ok(copied) => copied?,
        Err(_) => bail!("the plain copy broke off"),
    }
    ensure!(answer == b"done", "the plain copy broke off");
    Ok(took)
}

/// A server with a data folder of its own.
pub(super) struct Server {
    process: Child,
    client: Client,
    base: String,
    key: String,
    project: String,
    folder: TempDir,
}

impl Server {
    /// Starts one with so many workers; none of its own when these are 0.
    pub(super) fn start(options: &Options, database_url: &str, workers: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(".")?;
        let data = folder.path().canonicalize()?;
        let log = data.join("server.log");
        let out = std::fs::File::create(&log)?;
        let mut command = Command::new(&options.recto);
        command.args(["serve", "--listen", "127.0.0.1:0", "--workers", &workers.to_string()]).arg("--data-dir");
        command.arg(data.join("data")).env("RECTO__DATABASE__URL", database_url);
        let in_folder = || format!("file://{}", data.join("files").display());
        command.env("RECTO__BLOBS__URL", options.blobs.clone().unwrap_or_else(in_folder));
        command.env("RECTO__SERVER__RATE_LIMIT_PER_MINUTE", "0").env("RECTO__OCR__REUSE_RESULTS", "false");
        command.env("RECTO__LOG__LEVEL", "warn");
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        let process = command.spawn().with_context(|| format!("{} does not start", options.recto.display()))?;
        // reqwest comes without a TLS provider of its own, and wants one for http too.
        let client =
            Client::builder().timeout(PATIENCE).tls_backend_preconfigured(recto_tls::client_config()?).build()?;
        let mut server =
            Self { process, client, base: String::new(), key: String::new(), project: String::new(), folder };
        server.base = server.wait_for_address(&log)?;
        let credentials: PathBuf = data.join("data/initial-credentials.json");
        let credentials: Value = serde_json::from_slice(&std::fs::read(credentials)?)?;
        let text = |name: &str| credentials[name].as_str().map(str::to_owned).context("a first start makes a key");
        (server.key, server.project) = (text("apiKey")?, text("projectId")?);
        Ok(server)
    }

    fn wait_for_address(&mut self, log: &Path) -> anyhow::Result<String> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_mins(1) {
            let said = std::fs::read_to_string(log)?;
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended with {status}: {said}");
            }
            let mut whole = said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some(address) = whole.find_map(|line| line.strip_prefix("listening on ")) {
                return Ok(format!("{}/v1/openapi", address.trim_end()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the server does not listen")
    }

    fn request(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.header("X-API-Key", &self.key).send()?;
        let (status, text) = (answer.status(), answer.text()?);
        ensure!(status.is_success(), "the server answers {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Sends a batch; its id.
    pub(super) fn send(&self, files: impl Iterator<Item = (String, Vec<u8>)>) -> anyhow::Result<String> {
        let form = files.fold(Form::new().text("projectId", self.project.clone()), |form, (name, bytes)| {
            form.part("files", Part::bytes(bytes).file_name(name))
        });
        let sent = self.request(self.client.post(format!("{}/batch/upload", self.base)).multipart(form))?;
        sent["id"].as_str().map(str::to_owned).context("a batch has an id")
    }

    pub(super) fn details(&self, batch: &str) -> anyhow::Result<Value> {
        self.request(self.client.get(format!("{}/batch/{batch}", self.base)))
    }

    pub(super) fn has_ended(&self, batch: &str) -> anyhow::Result<bool> {
        let details = self.details(batch)?;
        Ok(["completed", "partially_failed", "failed"].iter().any(|end| details["status"] == *end))
    }

    pub(super) fn wait_for(&self, batch: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !self.has_ended(batch)? {
            ensure!(begun.elapsed() < PATIENCE, "the batch does not end");
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// The most memory that the server itself has had, without its workers.
    fn peak_bytes(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the kernel counts memory")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its workers end with it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
