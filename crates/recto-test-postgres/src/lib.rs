//! A PostgreSQL server for tests: created in a temporary folder with the programs of the distribution's package,
//! listening on a free port of this machine, and stopped when the value is dropped.
//!
//! PostgreSQL does not run as root. If a test does, the server runs as the user `postgres`, which the package creates.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Settings for speed: nothing in a test's server needs to survive a crash of the machine.
const SETTINGS: &str = "fsync = off\nfull_page_writes = off\nlisten_addresses = '127.0.0.1'\n\
    unix_socket_directories = ''\nmax_connections = 200\nshared_buffers = 32MB\n";

/// A running server. Its user `postgres` is the superuser and needs no password.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

/// The server shared by all tests of a process, with the shell that stops it.
static SHARED: OnceLock<(Postgres, Child)> = OnceLock::new();

impl Postgres {
    /// The server shared by all tests of this process, each with its own databases. It ends with the process, however
    /// that ends.
    ///
    /// # Panics
    ///
    /// Panics when the server cannot be started, because no test that needs it can go on.
    #[must_use]
    pub fn shared() -> &'static Self {
        let (server, _) = SHARED.get_or_init(|| {
            let server = Self::start().expect("PostgreSQL starts");
            let end = server.end_with_this_process().expect("a shell starts");
            (server, end)
        });
        server
    }

    /// Starts a shell that stops the server when this process ends. The shell notices it because its input then ends.
    fn end_with_this_process(&self) -> Result<Child> {
        const SCRIPT: &str = "cat >/dev/null; folder=$1; shift; \"$@\" >/dev/null 2>&1; rm -rf \"$folder\"";
        let stop = self.command("pg_ctl")?;
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(self.folder.path());
        shell.arg(stop.get_program()).args(stop.get_args()).args(["stop", "-m", "immediate", "-D"]).arg(self.data());
        // The shell has its own process group, because Ctrl-C is meant for the tests.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(shell.spawn()?)
    }

    /// Creates and starts a server. Fails when PostgreSQL is not installed; `./bootstrap.sh --tests` installs it.
    pub fn start() -> Result<Self> {
        Self::start_with("")
    }

    /// Like [`Postgres::start`], with further lines of `postgresql.conf`, which override those for tests.
    pub fn start_with(further: &str) -> Result<Self> {
        Self::start_in(&std::env::temp_dir(), further)
    }

    /// Like [`Postgres::start_with`], on the disk of the folder `parent`.
    pub fn start_in(parent: &Path, further: &str) -> Result<Self> {
        let programs = programs().context("PostgreSQL is not installed; ./bootstrap.sh --tests does it")?;
        let folder = tempfile::Builder::new().prefix("recto-postgres-").tempdir_in(parent)?;
        if is_root()? {
            run(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        // Another program may take the port before PostgreSQL does. Then the start fails with that message.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { programs, folder, port };
        run(server
            .command("initdb")?
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(server.data()))?;
        let configuration = server.data().join("postgresql.conf");
        let defaults = std::fs::read_to_string(&configuration)?;
        std::fs::write(&configuration, format!("{defaults}{SETTINGS}port = {port}\n{further}"))?;
        server.control(&["start"])?;
        Ok(server)
    }

    /// The URL of the server. Append `/` and the name of a database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Creates an empty database; returns its URL.
    pub fn database(&self, name: &str) -> Result<String> {
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(format!("{}/{name}", self.url()))
    }

    /// Runs SQL in a database as the superuser; returns the rows as `psql` prints them.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let url = format!("{}/{database}", self.url());
        run(self.command("psql")?.args(["--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql]))
    }

    /// Ends each of Recto's connections with this probability, from 0 to 1, whatever it is doing.
    pub fn lose_connections(&self, probability: f64) -> Result<()> {
        let sql = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE application_name = 'recto' AND random() < {probability}"
        );
        self.sql("postgres", &sql).map(drop)
    }

    /// Kills the server as in a crash, and starts it again.
    pub fn crash(&self) -> Result<()> {
        self.control(&["restart", "-m", "immediate"])
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn control(&self, what: &[&str]) -> Result<()> {
        let log = self.folder.path().join("log");
        run(self
            .command("pg_ctl")?
            .args(["-s", "-w", "-t", "60", "-D"])
            .arg(self.data())
            .arg("-l")
            .arg(&log)
            .args(what))
        .with_context(|| std::fs::read_to_string(&log).unwrap_or_default())
        .map(drop)
    }

    /// A command for one of PostgreSQL's programs, run as a user who is allowed to.
    fn command(&self, program: &str) -> Result<Command> {
        let program = self.programs.join(program);
        let mut command = if is_root()? {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        Ok(command)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The test has its result already, and a server that cannot be stopped has ended.
        let _ = self.control(&["stop", "-m", "immediate"]);
    }
}

/// The folder with the programs of the newest installed version. Debian does not put them into `PATH`.
fn programs() -> Option<PathBuf> {
    let version = |folder: &Path| folder.file_name().and_then(OsStr::to_str)?.parse::<u32>().ok();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = versions.filter(|folder| folder.join("bin/initdb").exists()).max_by_key(|folder| version(folder));
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    newest.map(|folder| folder.join("bin")).or_else(in_path)
}

fn is_root() -> Result<bool> {
    Ok(run(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Runs a program to its end; returns its output. What `pg_ctl` leaves running must not hold the pipe of stderr open.
fn run(command: &mut Command) -> Result<String> {
    let said = tempfile::NamedTempFile::new()?;
    command.stdin(Stdio::null()).stderr(said.reopen()?);
    let printed = tempfile::NamedTempFile::new()?;
    let status = command.stdout(printed.reopen()?).status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}: {}", std::fs::read_to_string(said.path())?);
    Ok(std::fs::read_to_string(printed.path())?)
}
