//! How a worker can fail at a job, worded for the person whose page it was.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use crate::metrics::WorkerEnd;

/// Why a job got no answer. None of these affects the next job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkerFailure {
    /// The process died.
    #[error("the worker crashed ({death})")]
    Crashed {
        /// How the process died.
        death: Death,
        /// The last output on its standard error, for the log and not for users.
        hint: String,
    },
    /// The deadline was exceeded.
    #[error("{subject} took longer than {}", seconds(*.limit))]
    TimedOut {
        /// What the worker was doing: `the page`, `opening the file`.
        subject: &'static str,
        /// The deadline.
        limit: Duration,
    },
    /// The page needed more memory than a worker may have.
    #[error("the worker ran out of memory (limit {})", gibibytes(*.memory_bytes))]
    OutOfMemory {
        /// The memory limit of a worker in bytes.
        memory_bytes: u64,
        /// The last output on its standard error, for the log and not for users.
        hint: String,
    },
    /// Somebody else killed the process: neither the pool, nor the kernel for lack of memory.
    #[error("the worker was killed by another process")]
    Killed,
    /// The pool was stopped.
    #[error("the work was cancelled")]
    Cancelled,
    /// No worker could be started. The installation is broken, and no page is to blame.
    #[error("worker processes do not start: {reason}")]
    Start {
        /// The error of the last start, for the operator.
        reason: String,
    },
}

impl WorkerFailure {
    /// Whether the failure counts as an attempt of the job, because the job may have caused it.
    #[must_use]
    pub fn counts_as_attempt(&self) -> bool {
        matches!(self, Self::Crashed { .. } | Self::TimedOut { .. } | Self::OutOfMemory { .. } | Self::Killed)
    }

    /// The failure of a process that the pool did not end. `kernel_killed` tells whether the kernel has meanwhile
    /// killed any process for lack of memory.
    pub(super) fn of_dead_process(death: Death, stderr_tail: String, memory_bytes: u64, kernel_killed: bool) -> Self {
        match death {
            _ if speaks_of_memory(&stderr_tail) => Self::OutOfMemory { memory_bytes, hint: stderr_tail },
            Death::Signal(libc::SIGKILL) if kernel_killed => Self::OutOfMemory { memory_bytes, hint: stderr_tail },
            Death::Signal(libc::SIGKILL) => Self::Killed,
            death => Self::Crashed { death, hint: stderr_tail },
        }
    }

    /// How the worker ended, for the metrics.
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
    /// By the signal with this number.
    Signal(i32),
    /// On its own, with this exit code.
    Exit(i32),
    /// It did not end by itself, but its answer does not follow the protocol.
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
            // The exit code of the Rust runtime after a panic.
            Self::Exit(101) => f.write_str("internal error"),
            Self::Exit(code) => write!(f, "exit code {code}"),
            Self::Nonsense => f.write_str("malformed answer"),
        }
    }
}

/// The messages of allocators before they give up: Rust's, C++'s, glibc's, PDFium's.
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
            "the worker ran out of memory (limit 2 GiB)"
        );
        assert_eq!(dead(libc::SIGSYS, "", false), "the worker crashed (forbidden system call)");
        assert_eq!(dead(libc::SIGKILL, "", true), "the worker ran out of memory (limit 2 GiB)");
        assert_eq!(dead(libc::SIGKILL, "", false), "the worker was killed by another process");
    }

    #[test]
    fn only_what_may_be_the_pages_fault_counts_as_an_attempt() {
        assert!(!WorkerFailure::Cancelled.counts_as_attempt());
        assert!(!WorkerFailure::Start { reason: String::new() }.counts_as_attempt());
        let death = Death::Exit(101);
        assert!(WorkerFailure::Crashed { death, hint: String::new() }.counts_as_attempt());
    }
}
