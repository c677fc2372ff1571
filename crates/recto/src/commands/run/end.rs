//! The exit code of a run.

use std::process::ExitCode;

use recto_pages::PagesError;

use super::report::Outcome;

/// Some files failed.
const SOME_FAILED: u8 = 2;
/// A result could not be written, though files were read.
const NOT_WRITTEN: u8 = 5;
/// No file was read, because each of them needs a password or a different one.
const NEEDS_PASSWORDS: u8 = 8;

/// The exit code for these outcomes.
pub(super) fn exit_code(outcomes: &[Outcome]) -> ExitCode {
    let failed = || outcomes.iter().filter(|outcome| outcome.failed());
    if failed().next().is_none() {
        return ExitCode::SUCCESS;
    }
    let needs_password = |outcome: &Outcome| {
        outcome.failed() && outcome.error.as_ref().is_some_and(|error| error.starts_with(PagesError::PROTECTED))
    };
    ExitCode::from(if outcomes.iter().all(needs_password) { NEEDS_PASSWORDS } else { SOME_FAILED })
}

/// The error for a result that could not be written. The command then ends with an exit code of its own.
#[derive(Debug)]
pub(crate) struct NotWritten;

impl NotWritten {
    /// The exit code.
    pub(crate) fn code() -> ExitCode {
        ExitCode::from(NOT_WRITTEN)
    }
}

impl std::fmt::Display for NotWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a result is missing")
    }
}

impl std::error::Error for NotWritten {}
