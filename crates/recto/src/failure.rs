//! How the failure of a command is reported: what happened, why, and what to do.

use std::fmt::Write as _;
use std::io;

use recto_export::ExportError;

use crate::terminal::{lines, one_line};

/// A failure with advice. The advice is printed under the message, wherever this is in an error's chain.
#[derive(Debug)]
pub(crate) struct Advised {
    what: String,
    advice: String,
}

impl std::fmt::Display for Advised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Advised {}

/// A failure: `what` happened, and sentences that say what to do about it.
pub(crate) fn advised(what: impl Into<String>, advice: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Advised { what: what.into(), advice: advice.into() })
}

/// The failure as it is printed: `recto: what happened: why`, then the advice on indented lines.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    let mut text = String::from("recto: ");
    let mut told = String::new();
    for (depth, cause) in error.chain().enumerate() {
        let cause_text = cause.to_string();
        // Errors of libraries often repeat the text of their source.
        if depth > 0 && told.contains(&cause_text) {
            continue;
        }
        if depth > 0 {
            text.push_str(": ");
        }
        let words = cause.downcast_ref().map_or_else(|| without_number(&cause_text), in_words);
        // A problem in a settings file is shown over several lines.
        text.push_str(&lines(&words));
        told = cause_text;
    }
    // An `Advised` that was added with `context` is found by `downcast_ref` on the whole error, not in its chain.
    let advice = error.downcast_ref::<Advised>().or_else(|| error.chain().find_map(|cause| cause.downcast_ref()));
    for line in advice.iter().flat_map(|advised| advised.advice.lines()) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {}", one_line(line));
    }
    text
}

/// The text of an operating system error, without the number at its end, as in `(os error 2)`.
pub(crate) fn in_words(error: &io::Error) -> String {
    let known = match error.kind() {
        _ if error.raw_os_error().is_none() => None,
        io::ErrorKind::NotFound => Some("no such file or folder"),
        io::ErrorKind::PermissionDenied => Some("permission denied"),
        io::ErrorKind::AlreadyExists => Some("something with that name already exists"),
        io::ErrorKind::NotADirectory => Some("part of the path is not a folder"),
        io::ErrorKind::IsADirectory => Some("it is a folder"),
        io::ErrorKind::StorageFull => Some("the disk is full"),
        io::ErrorKind::ReadOnlyFilesystem => Some("the disk is read-only"),
        io::ErrorKind::AddrInUse => Some("another program is already listening there"),
        io::ErrorKind::AddrNotAvailable => Some("this machine has no such address"),
        io::ErrorKind::ConnectionRefused => Some("nothing is listening there"),
        _ => None,
    };
    known.map_or_else(|| without_number(&error.to_string()), str::to_owned)
}

/// The text without the error numbers of the operating system.
fn without_number(text: &str) -> String {
    const NUMBER: &str = " (os error ";
    let mut parts = text.split(NUMBER);
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        words.push_str(rest.strip_prefix(')').unwrap_or(rest));
    }
    words
}

/// Whether the only failure is that the output is no longer read, as when `less` is left early. A broken connection to
/// a database does not count.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = match error.downcast_ref() {
        Some(ExportError::Write(cause)) => Some(cause),
        _ => error.downcast_ref::<io::Error>(),
    };
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn a_reader_that_left_is_told_from_other_ends() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_closed_pipe(&broken().into()));
        assert!(is_closed_pipe(&anyhow::Error::from(ExportError::Write(broken())).context("all.pdf was not written")));
        assert!(!is_closed_pipe(&io::Error::other("disk full").into()));
        assert!(!is_closed_pipe(&advised("the database is gone", "Start it.")));
    }

    #[test]
    fn the_numbers_of_the_operating_system_are_not_told() {
        let missing = || io::Error::from_raw_os_error(2);
        let error = anyhow::Error::from(missing()).context("a.toml cannot be read");
        assert_eq!(describe(&error), "recto: a.toml cannot be read: no such file or folder");
        let nested = anyhow!("unable to open a ({}): retried: {}", missing(), io::Error::from_raw_os_error(5));
        let told = "recto: unable to open a (No such file or directory): retried: Input/output error";
        assert_eq!(describe(&nested), told);
        assert_eq!(in_words(&io::Error::new(io::ErrorKind::NotFound, "no key was found")), "no key was found");
    }

    #[test]
    fn the_chain_is_told_once_and_the_advice_below() {
        let error = advised("port 80 is taken", "Choose another.").context("the server did not start");
        assert_eq!(describe(&error), "recto: the server did not start: port 80 is taken\n  Choose another.");
        let repeated = Err::<(), _>(anyhow!("disk full")).context("not written: disk full").unwrap_err();
        assert_eq!(describe(&repeated), "recto: not written: disk full");
    }
}
