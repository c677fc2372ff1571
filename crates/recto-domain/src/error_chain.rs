//! Errors formatted for logs.

use std::error::Error;

/// An error and its causes on one line for the log: `the batch cannot be stored: the disk is full`.
#[must_use]
pub fn error_chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the batch cannot be stored")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn every_cause_is_told_after_what_it_caused() {
        let error = Outer(std::io::Error::other("the disk is full"));
        assert_eq!(error_chain(&error), "the batch cannot be stored: the disk is full");
    }
}
