//! A PostgreSQL server of a test's own: made in a temporary folder by the programs of the distribution's package,
//! listening on a free port of this machine, and gone with the value.
//!
//! PostgreSQL does not run as root; a test that does hands it to the user `postgres`, whom the package makes.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// What a server that a test has for itself need not do: nothing in it outlives the machine.
const SETTINGS: &str = "fsync = off\nfull_page_writes = off\nlisten_addresses = '127.0.0.1'\n\
    unix_socket_directories = ''\nmax_connections = 200\nshared_buffers = 32MB\n";

/// A running server whose user `postgres` may do everything and needs no password.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

/// A server that all tests of a process share, and who ends it.
static SHARED: OnceLock<(Postgres, Child)> = OnceLock::new();

impl Postgres {
    /// The server that all tests of this process share, each with databases of its own. It ends with the process, however
    /// that ends.
    ///
    /// # Panics
    ///
    /// When it cannot be started: no test that needs it can go on.
    #[must_use]
    pub fn shared() -> &'static Self {
        let (server, _) = SHARED.get_or_init(|| {
            let server = Self::start().expect("PostgreSQL starts");
            let end = server.end_with_this_process().expect("a shell starts");
            (server, end)
        });
        server
    }

    /// Nothing of a process runs any more when it has ended, so a shell waits for that: its input ends then.
    fn end_with_this_process(&self) -> Result<Child> {
        const SCRIPT: &str = "cat >/dev/null; folder=$1; shift; \"$@\" >/dev/null 2>&1; rm -rf \"$folder\"";
        let stop = self.command("pg_ctl")?;
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(self.folder.path());
        shell.arg(stop.get_program()).args(stop.get_args()).args(["stop", "-m", "immediate", "-D"]).arg(self.data());
        // A group of its own: Ctrl-C is for the tests.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(shell.spawn()?)
    }

    /// Makes and starts a server. Fails where PostgreSQL is not installed: `./bootstrap.sh --tests` does it.
    pub fn start() -> Result<Self> {
        Self::start_with("")
    }

    /// The same with further settings, lines of `postgresql.conf`, which win over those for tests.
    pub fn start_with(further: &str) -> Result<Self> {
        Self::start_in(&std::env::temp_dir(), further)
    }

    /// The same on the disk of a folder.
    pub fn start_in(parent: &Path, further: &str) -> Result<Self> {
        let programs = programs().context("PostgreSQL is not installed; ./bootstrap.sh --tests does it")?;
        let folder = tempfile::Builder::new().prefix("recto-postgres-").tempdir_in(parent)?;
        if is_root()? {
            run(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        // Another may take the port before PostgreSQL does; then starting it fails, and says so.
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

    /// The URL of the server, to which `/` and the name of a database is added.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Makes an empty database; its URL.
    pub fn database(&self, name: &str) -> Result<String> {
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(format!("{}/{name}", self.url()))
    }

    /// Runs SQL in a database as the superuser; the rows as `psql` prints them.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let url = format!("{}/{database}", self.url());
        run(self.command("psql")?.args(["--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql]))
    }

    /// Ends each connection that Recto has with this probability, from 0 to 1, whatever it is doing.
    pub fn lose_connections(&self, probability: f64) -> Result<()> {
        let sql = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE application_name = 'recto' AND random() < {probability}"
        );
        self.sql("postgres", &sql).map(drop)
    }

    /// Kills the server as a crash would and starts it again.
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

    /// One of PostgreSQL's programs, as a user who may run it.
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
        // The test has its outcome; a server that cannot be stopped has ended already.
        let _ = self.control(&["stop", "-m", "immediate"]);
    }
}

/// The folder of the newest installed version's programs: Debian keeps them out of `PATH`.
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

/// Runs a program to its end; what it printed. What `pg_ctl` leaves running must not hold the pipe of stderr open.
fn run(command: &mut Command) -> Result<String> {
    let said = tempfile::NamedTempFile::new()?;
    command.stdin(Stdio::null()).stderr(said.reopen()?);
    let printed = tempfile::NamedTempFile::new()?;
    let status = command.stdout(printed.reopen()?).status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}: {}", std::fs::read_to_string(said.path())?);
    Ok(std::fs::read_to_string(printed.path())?)
}
