//! Commands of the real binary, and what came of them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The binary with these arguments in that folder, without settings from this process's environment.
pub fn recto(arguments: &[&str], folder: &Path) -> Command {
    recto_after(&[], arguments, folder)
}

/// The same started by another command, which stands before it.
pub fn recto_after(before: &[String], arguments: &[&str], folder: &Path) -> Command {
    let mut words = before.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_recto")]);
    let mut command = Command::new(words.next().expect("the binary at least"));
    command.args(words);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_uppercase().starts_with("RECTO_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_remove("NO_COLOR").env("COLUMNS", "100");
    command
}

/// What a command that ended has said.
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    pub fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// The output of a command that succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    /// Its stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", self.stdout, self.stderr))
    }
}

/// Runs the binary in a folder.
pub fn run(arguments: &[&str], folder: &Path) -> Said {
    Said::of(&mut recto(arguments, folder))
}
