//! A disk of 40 MB that can be filled, without being root: a tmpfs in a mount namespace of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Where it is mounted, as those in the namespace see it.
const AT: &str = "/mnt";

/// The disk, as long as the process that holds the namespace lives.
pub struct SmallDisk {
    holder: Child,
}

impl SmallDisk {
    /// Mounts it; says so and gives none where the system lets nobody but root do it.
    pub fn mount() -> Option<Self> {
        let script = format!("mount -t tmpfs -o size=40m none {AT} && mkdir {AT}/work && echo mounted && exec cat");
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line == "mounted\n" {
            return Some(Self { holder });
        }
        holder.wait().unwrap();
        eprintln!("SKIPPED: this system lets no user mount a tmpfs in a namespace of his own");
        None
    }

    /// The command that runs what follows it where the disk is seen.
    pub fn enter(&self) -> Vec<String> {
        let holder = self.holder.id().to_string();
        let words = ["nsenter", "--target", &holder, "--user", "--mount", "--preserve-credentials"];
        words.into_iter().map(str::to_owned).chain([format!("--wdns={AT}/work")]).collect()
    }

    /// The working folder on it as the test sees it.
    pub fn seen_from_outside(&self) -> PathBuf {
        format!("/proc/{}/root{AT}/work", self.holder.id()).into()
    }

    /// Writes until nothing more fits; again, what was given back since: SQLite cuts its log when it begins it anew.
    pub fn fill(&self) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    /// Gives the room back.
    pub fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    /// Mounts it again so that it may only be read; nothing on it is open for writing.
    pub fn only_read(&self) {
        let enter = self.enter();
        let mut command = Command::new(&enter[0]);
        command.args(&enter[1..]).args(["mount", "-o", "remount,ro", AT]);
        assert!(command.status().unwrap().success());
    }

    fn filler(&self) -> PathBuf {
        format!("/proc/{}/root{AT}/filler", self.holder.id()).into()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It ends with its standard input in any case.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
