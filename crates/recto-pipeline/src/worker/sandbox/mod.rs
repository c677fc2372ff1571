//! What a worker may touch: nearly nothing.
//!
//! Five walls, each of which stands without the others. *Limits* bound memory and open files. *Rights* are given up:
//! a worker that root starts becomes `nobody`, and none keeps a capability. *Namespaces* of its own leave it a tree of
//! files with nothing in it but libraries, fonts and language models, no network and no memory that others share.
//! *Landlock* makes those files readable and nothing else. *Seccomp* allows the system calls that reading a document
//! takes and no others. The file at hand comes in as an open descriptor, which none of them stops.
//!
//! Not every system offers all of them: containers, as a rule, grant no namespaces. What is missing is told to the
//! server, which warns. All of it binds the thread that asks and those that it starts, so the walls are set up while
//! there is only one.

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

/// Folders and files that native libraries read at any time: code, fonts, models, time zones.
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

/// Descriptors a worker may have open: the socket, stderr, the files at hand and what libraries open in passing.
const MAX_OPEN_FILES: u64 = 64;

/// What shuts a worker in, in words.
#[derive(Debug, Default)]
pub(super) struct Confinement {
    /// What stands.
    pub(super) walls: Vec<String>,
    /// What could not be had on this machine.
    pub(super) missing: Vec<String>,
}

/// Something among the models that a worker is refused, since it has given up the rights of root.
#[derive(Debug, thiserror::Error)]
#[error(
    "workers run as the account nobody when root starts them, and that may not read {}; make it readable to all \
     (chmod -R o+rX), or run Recto under an account of its own",
    .0.display()
)]
pub struct UnreadableModel(PathBuf);

/// Bounds this process and what it will start. Refusal means that the limits were set lower already.
pub(super) fn limit(memory_bytes: u64) -> Result<(), rustix::io::Errno> {
    let hard = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::As, hard(memory_bytes))?;
    setrlimit(Resource::Nofile, hard(MAX_OPEN_FILES))?;
    setrlimit(Resource::Fsize, hard(0))?;
    setrlimit(Resource::Msgqueue, hard(0))?;
    setrlimit(Resource::Core, hard(0))
}

/// Shuts the process in, for good. `folders` stay readable beside those of the system, and `socket` usable.
pub(super) fn enter(folders: &[PathBuf], socket: RawFd) -> Result<Confinement, UnreadableModel> {
    let mut confinement = Confinement::default();
    let readable: Vec<&Path> = READABLE
        .iter()
        .map(Path::new)
        .chain(folders.iter().map(PathBuf::as_path))
        .filter(|path| path.exists())
        .collect();

    let as_root = rustix::process::geteuid().is_root();
    // As root at first, since some systems grant namespaces to nobody else.
    let mut apart = if as_root { namespaces::enter(false, &readable) } else { Ok(false) };
    if as_root {
        let became = rights::become_nobody();
        confinement.note("the account nobody", "this account stays root", became);
    }
    if !matches!(apart, Ok(true)) {
        apart = namespaces::enter(true, &readable);
    }
    confinement.note("namespaces of its own", "files elsewhere can be seen to exist", apart.map(|_| ()));
    confinement.note("no capabilities", "capabilities are kept", rights::give_up());
    if let Some(refused) = folders.iter().find_map(|folder| refused_in(folder)).filter(|_| as_root) {
        return Err(UnreadableModel(refused));
    }
    match files::confine(&readable) {
        // Partially on an older kernel: files are confined, the network and signals not, which seccomp refuses too.
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => confinement.stands("Landlock"),
        Ok(RulesetStatus::NotEnforced) => confinement.lacks("Landlock", "files stay readable", "the kernel has none"),
        Err(error) => confinement.lacks("Landlock", "files stay readable", &error.to_string()),
    }
    confinement.note("seccomp", "system calls stay allowed", allowed_calls::allow_only(socket));
    Ok(confinement)
}

/// What in a folder, or the folder, this account may not read.
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
