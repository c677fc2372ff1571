//! The sandbox of a worker.
//!
//! It has five layers, each of which works without the others:
//!
//! - *Limits* bound memory and open files.
//! - *Privileges* are given up. A worker started by root becomes `nobody`, and no worker keeps a capability.
//! - *Namespaces* of its own leave it a file tree with only libraries, fonts and language models, without a network and
//!   without shared memory.
//! - *Landlock* makes those files readable and nothing else.
//! - *Seccomp* allows only the system calls that reading a document needs.
//!
//! The file to read comes as an open descriptor, which none of the layers blocks.
//!
//! Not every system offers all of them: containers usually allow no namespaces. The worker reports what is missing to
//! the server, which logs a warning. All restrictions bind the calling thread and the threads that it starts, so they
//! are set up while there is only one.

mod allowed_calls;
mod files;
mod namespaces;
mod rights;

use std::fs::File;
use std::io;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};

use landlock::RulesetStatus;
use rustix::process::{Resource, Rlimit, setrlimit};

/// Folders and files that native libraries may read at any time: code, fonts, models, time zones.
const READABLE: [&str; 8] = [
    "/usr/share",
    "/usr/local/share",
    "/usr/lib",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/etc/fonts",
    "/etc/ld.so.cache",
];

/// The most descriptors of a worker: the socket, stderr, the open files, and what libraries open temporarily.
const MAX_OPEN_FILES: u64 = 64;

/// The confinement of a worker, in words.
#[derive(Debug, Default)]
pub(super) struct Confinement {
    /// The layers that are in effect.
    pub(super) walls: Vec<String>,
    /// The layers that this machine does not offer.
    pub(super) missing: Vec<String>,
}

/// A path among the models that a worker may not read, because it has given up the privileges of root.
#[derive(Debug, thiserror::Error)]
#[error(
    "when root starts Recto, workers run as the account nobody, which cannot read {}; make it readable for everyone \
     (chmod -R o+rX), or run Recto under its own account",
    .0.display()
)]
pub struct UnreadableModel(PathBuf);

/// Sets limits for this process and its children. An error means that lower limits were set already.
pub(super) fn limit(memory_bytes: u64) -> Result<(), rustix::io::Errno> {
    let hard = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::As, hard(memory_bytes))?;
    setrlimit(Resource::Nofile, hard(MAX_OPEN_FILES))?;
    setrlimit(Resource::Fsize, hard(0))?;
    setrlimit(Resource::Msgqueue, hard(0))?;
    setrlimit(Resource::Core, hard(0))
}

/// Confines the process permanently. `folders` stay readable in addition to the system's, and `socket` stays usable.
pub(super) fn enter(folders: &[PathBuf], socket: RawFd) -> Result<Confinement, UnreadableModel> {
    let mut confinement = Confinement::default();
    let readable: Vec<&Path> = READABLE
        .iter()
        .map(Path::new)
        .chain(folders.iter().map(PathBuf::as_path))
        .filter(|path| path.exists())
        .collect();

    let as_root = rustix::process::geteuid().is_root();
    // First as root, because some systems allow namespaces to root only.
    let mut apart = if as_root { namespaces::enter(false, &readable) } else { Ok(false) };
    if as_root {
        let became = rights::become_nobody();
        confinement.note("the account nobody", "workers run as root", became);
    }
    if !matches!(apart, Ok(true)) {
        apart = namespaces::enter(true, &readable);
    }
    confinement.note("separate namespaces", "other files are visible by name", apart.map(|_| ()));
    confinement.note("no capabilities", "capabilities are kept", rights::give_up());
    if let Some(refused) = folders.iter().find_map(|folder| refused_in(folder)).filter(|_| as_root) {
        return Err(UnreadableModel(refused));
    }
    match files::confine(&readable) {
        // An older kernel enforces this partially: it confines files, but not the network and signals, which seccomp
        // blocks too.
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => confinement.stands("Landlock"),
        Ok(RulesetStatus::NotEnforced) => {
            confinement.lacks("Landlock", "other files stay readable", "the kernel does not support it");
        }
        Err(error) => confinement.lacks("Landlock", "other files stay readable", &error.to_string()),
    }
    confinement.note("seccomp", "all system calls stay allowed", allowed_calls::allow_only(socket));
    Ok(confinement)
}

/// The first path in a folder, or the folder itself, that this account may not read.
fn refused_in(folder: &Path) -> Option<PathBuf> {
    let refused = |error: io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    match std::fs::read_dir(folder) {
        Err(error) => refused(error).then(|| folder.to_owned()),
        Ok(entries) => entries.flatten().map(|entry| entry.path()).find(|path| File::open(path).is_err_and(refused)),
    }
}

impl Confinement {
    fn note(&mut self, wall: &str, without: &str, outcome: Result<(), impl std::fmt::Display>) {
        match outcome {
            Ok(()) => self.stands(wall),
            Err(error) => self.lacks(wall, without, &error.to_string()),
        }
    }

    fn stands(&mut self, wall: &str) {
        self.walls.push(wall.to_owned());
    }

    fn lacks(&mut self, wall: &str, without: &str, reason: &str) {
        self.missing.push(format!("{wall} ({reason}): {without}"));
    }
}
