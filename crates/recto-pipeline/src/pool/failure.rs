//! How a worker can fail at a job, in words for the person whose page it was.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use crate::metrics::WorkerEnd;

/// Why a job got no answer. None of these says anything about the job after it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkerFailure {
    /// The process died.
    #[error("the worker crashed ({death})")]
    Crashed {
        /// How.
        death: Death,
        /// The last it wrote to its standard error, for the log: not for users.
        hint: String,
    },
    /// The deadline passed.
    #[error("{subject} took longer than {}", seconds(*.limit))]
    TimedOut {
        /// What the worker was at: `the page`, `opening the file`.
        subject: &'static str,
        /// The deadline.
        limit: Duration,
    },
    /// The page wanted more memory than a worker may have.
    #[error("the worker ran out of its {} of memory", gibibytes(*.memory_bytes))]
    OutOfMemory {
        /// What a worker may have.
        memory_bytes: u64,
        /// The last it wrote to its standard error, for the log: not for users.
        hint: String,
    },
    /// Somebody killed the process: neither the pool nor the kernel for want of memory.
    #[error("the worker was killed from outside")]
    Killed,
    /// The pool was stopped.
    #[error("the work was cancelled")]
    Cancelled,
    /// No worker could be started: the installation is broken, and no page is to blame.
    #[error("no worker process starts: {reason}")]
    Start {
        /// What the last attempt came to, for the operator.
        reason: String,
    },
}

impl WorkerFailure {
    /// Whether the job counts as tried: the failure may be its fault.
    #[must_use]
    pub fn counts_as_attempt(&self) -> bool {
        matches!(self, Self::Crashed { .. } | Self::TimedOut { .. } | Self::OutOfMemory { .. } | Self::Killed)
    }

    /// The failure of a process that the pool did not end. `kernel_killed` tells whether the kernel has killed anything
    /// for want of memory meanwhile.
    pub(super) fn of_dead_process(death: Death, stderr_tail: String, memory_bytes: u64, kernel_killed: bool) -> Self {
        match death {
            _ if speaks_of_memory(&stderr_tail) => Self::OutOfMemory { memory_bytes, hint: stderr_tail },
            Death::Signal(libc::SIGKILL) if kernel_killed => Self::OutOfMemory { memory_bytes, hint: stderr_tail },
            Death::Signal(libc::SIGKILL) => Self::Killed,
            death => Self::Crashed { death, hint: stderr_tail },
        }
    }

    /// What becomes of the worker, for whoever counts.
    pub(super) fn end(&self) -> WorkerEnd {
        match self {
            Self::Crashed { .. } => WorkerEnd::Crashed,
            Self::TimedOut { .. } => WorkerEnd::TimedOut,
            Self::OutOfMemory { .. } => WorkerEnd::OutOfMemory,
            Self::Killed => WorkerEnd::Killed,
            Self::Cancelled => WorkerEnd::Cancelled,
            Self::Start { .. } => WorkerEnd::NotStarted,
        }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// By a signal of that number.
    Signal(i32),
    /// By itself, with that exit code.
    Exit(i32),
    /// It lives, or lived until it was killed, but what it answered is no answer.
    Nonsense,
}

impl From<ExitStatus> for Death {
    fn from(status: ExitStatus) -> Self {
        status.signal().map_or_else(|| Self::Exit(status.code().unwrap_or_default()), Self::Signal)
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(libc::SIGSEGV) => f.write_str("segmentation fault"),
            Self::Signal(libc::SIGBUS) => f.write_str("bus error"),
            Self::Signal(libc::SIGABRT) => f.write_str("abort"),
            Self::Signal(libc::SIGILL) => f.write_str("illegal instruction"),
            Self::Signal(libc::SIGFPE) => f.write_str("arithmetic error"),
            Self::Signal(libc::SIGTRAP) => f.write_str("trap"),
            Self::Signal(libc::SIGSYS) => f.write_str("forbidden system call"),
            Self::Signal(libc::SIGKILL) => f.write_str("killed"),
            Self::Signal(number) => write!(f, "signal {number}"),
            // What the Rust runtime exits with after a panic.
            Self::Exit(101) => f.write_str("internal error"),
            Self::Exit(code) => write!(f, "exit code {code}"),
            Self::Nonsense => f.write_str("garbled answer"),
        }
    }
}

/// What allocators say before they give up: Rust's, C++'s, glibc's, PDFium's.
fn speaks_of_memory(stderr_tail: &str) -> bool {
    let text = stderr_tail.to_ascii_lowercase();
    ["memory allocation of", "bad_alloc", "out of memory", "cannot allocate memory", "outofmemory"]
        .iter()
        .any(|phrase| text.contains(phrase))
}

fn seconds(limit: Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{:.1} s", limit.as_secs_f32()) }
}

fn gibibytes(bytes: u64) -> String {
    let mebi = bytes / (1024 * 1024);
    if mebi.is_multiple_of(1024) {
        format!("{} GiB", mebi / 1024)
    } else if mebi > 1024 {
        format!("{:.1} GiB", mebi as f64 / 1024.0)
    } else {
        format!("{mebi} MiB")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_read_as_sentences() {
        let limit = Duration::from_mins(1);
        assert_eq!(
            WorkerFailure::TimedOut { subject: "the page", limit }.to_string(),
            "the page took longer than 60 s"
        );
        let dead = |signal, words: &str, kernel_killed| {
            WorkerFailure::of_dead_process(Death::Signal(signal), words.to_owned(), 2 << 30, kernel_killed).to_string()
        };
        assert_eq!(dead(libc::SIGSEGV, "", true), "the worker crashed (segmentation fault)");
        assert_eq!(
            dead(libc::SIGABRT, "memory allocation of 99 bytes failed", false),
            "the worker ran out of its 2 GiB of memory"
        );
        assert_eq!(dead(libc::SIGSYS, "", false), "the worker crashed (forbidden system call)");
        assert_eq!(dead(libc::SIGKILL, "", true), "the worker ran out of its 2 GiB of memory");
        assert_eq!(dead(libc::SIGKILL, "", false), "the worker was killed from outside");
    }

    #[test]
    fn only_what_may_be_the_pages_fault_counts_as_an_attempt() {
        assert!(!WorkerFailure::Cancelled.counts_as_attempt());
        assert!(!WorkerFailure::Start { reason: String::new() }.counts_as_attempt());
        let death = Death::Exit(101);
        assert!(WorkerFailure::Crashed { death, hint: String::new() }.counts_as_attempt());
    }
}
