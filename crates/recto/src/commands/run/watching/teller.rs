//! Reports what happens to the files of a watch.

use std::time::Duration;

use super::super::progress::Progress;
use super::super::report::{Outcome, count, seconds};
use crate::terminal::one_line;

/// Where the reports go.
pub(super) enum Teller {
    /// To a person.
    Terminal { workers: usize },
    /// To the server's log.
    Log,
}

impl Teller {
    pub(super) fn progress(&self) -> Progress {
        match self {
            Self::Terminal { workers } => Progress::new(false, *workers),
            Self::Log => Progress::none(),
        }
    }

    pub(super) fn tell(&self, trouble: &str) {
        match self {
            Self::Terminal { .. } => eprintln!("{}", one_line(trouble)),
            Self::Log => tracing::warn!("{trouble}"),
        }
    }

    pub(super) fn tell_drop(&self, outcomes: &[(usize, Outcome)], pages: u32, took: Duration) {
        let failed = outcomes.iter().filter(|(_, outcome)| outcome.failed());
        match self {
            Self::Terminal { .. } => {
                let failed = failed.count();
                let failed = if failed == 0 { String::new() } else { format!(", {failed} failed") };
                let (files, pages) = (count(outcomes.len() as u64, "file"), count(pages.into(), "page"));
                eprintln!("{files}, {pages} in {}{failed}", seconds(took));
            }
            Self::Log => {
                for (_, outcome) in failed {
                    let reason = outcome.error.as_deref().unwrap_or_default();
                    tracing::warn!(file = outcome.file, reason, "a file in the watched folder could not be read");
                }
                tracing::info!(files = outcomes.len(), pages, "files in the watched folder were read");
            }
        }
    }
}
