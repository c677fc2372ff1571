//! How a failure of a command is told: what happened, why, and what to do.

use std::fmt::Write as _;
use std::io;

use recto_export::ExportError;

/// A failure with advice. Put anywhere into an error's chain, its advice is printed under the message.
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

/// A failure: `what` happened, and the sentences of what to do about it.
pub(crate) fn advised(what: impl Into<String>, advice: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Advised { what: what.into(), advice: advice.into() })
}

/// The failure as it is printed: `recto: what happened: why`, and indented below it what to do.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    let mut text = String::from("recto: ");
    let mut told = String::new();
    for (depth, cause) in error.chain().enumerate() {
        let cause_text = cause.to_string();
        // Errors of libraries often repeat their source in their own text.
        if depth > 0 && told.contains(&cause_text) {
            continue;
        }
        if depth > 0 {
            text.push_str(": ");
        }
        text.push_str(&cause_text);
        told = cause_text;
    }
    // An `Advised` that was added with `context` answers to `downcast_ref` on the whole, not in the chain.
    let advice = error.downcast_ref::<Advised>().or_else(|| error.chain().find_map(|cause| cause.downcast_ref()));
    for line in advice.iter().flat_map(|advised| advised.advice.lines()) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {line}");
    }
    text
}

/// Whether all that went wrong is that nobody reads the output any more, as when `less` is left early. A connection to
/// a database that broke is not meant.
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
    fn the_chain_is_told_once_and_the_advice_below() {
        let error = advised("port 80 is taken", "Choose another.").context("the server did not start");
        assert_eq!(describe(&error), "recto: the server did not start: port 80 is taken\n  Choose another.");
        let repeated = Err::<(), _>(anyhow!("disk full")).context("not written: disk full").unwrap_err();
        assert_eq!(describe(&repeated), "recto: not written: disk full");
    }
}
