//! What a worker may touch: nearly nothing.
//!
//! Three walls, each of which stands without the others. *Limits* bound memory and open files. *Landlock* leaves the
//! folders of libraries, fonts and language models readable and nothing else, and no network. *Seccomp* refuses the
//! system calls by which a process reaches others: sockets, programs, signals, tracing, mounts, and opening files for
//! writing. The file at hand comes in as an open descriptor, which none of them stops.
//!
//! Landlock and seccomp are as good as the kernel allows; what is missing is told to the server, which warns. They
//! bind every thread that starts afterwards, so they are set up while there is only one.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::forbidden_calls;

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

/// Bounds this process and what it will start. Refusal means that the limits were set lower already.
pub(super) fn limit(memory_bytes: u64) -> Result<(), rustix::io::Errno> {
    let hard = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::As, hard(memory_bytes))?;
    setrlimit(Resource::Nofile, hard(MAX_OPEN_FILES))?;
    setrlimit(Resource::Core, hard(0))
}

/// Shuts the process in; returns what could not be had on this machine, in words.
pub(super) fn enter(readable: &[PathBuf]) -> Vec<String> {
    let mut missing = Vec::new();
    match confine_files(readable) {
        // Partially on an older kernel: files are confined, the network and signals not, which seccomp refuses too.
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => {}
        Ok(RulesetStatus::NotEnforced) => missing.push("the kernel has no Landlock: files stay readable".to_owned()),
        Err(error) => missing.push(format!("Landlock failed: {error}")),
    }
    if let Err(error) = forbidden_calls::forbid() {
        missing.push(format!("seccomp failed: {error}"));
    }
    missing
}

fn confine_files(readable: &[PathBuf]) -> Result<RulesetStatus, landlock::RulesetError> {
    let abi = ABI::V6;
    let paths = READABLE.iter().map(Path::new).chain(readable.iter().map(PathBuf::as_path));
    // Paths that do not exist are left out by `path_beneath_rules`.
    let rules = path_beneath_rules(paths, AccessFs::ReadFile | AccessFs::ReadDir);
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rules(rules)?
        .restrict_self()?;
    Ok(status.ruleset)
}
