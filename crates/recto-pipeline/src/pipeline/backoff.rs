//! Backoff while the database is unavailable.

use std::time::Duration;

use recto_domain::error_chain;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pauses between attempts: they double up to a maximum.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
    failures: u32,
}

impl Backoff {
    /// The state after a success.
    pub(super) fn new() -> Self {
        Self { next: FIRST_PAUSE, failures: 0 }
    }

    /// Logs what failed, with its causes, and waits before the next attempt.
    pub(super) async fn wait_after(&mut self, what: &str, error: &(dyn std::error::Error + Send + Sync)) {
        self.failures += 1;
        tracing::warn!(attempt = self.failures, "{what} failed; retrying: {}", error_chain(error));
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
    }

    /// The number of attempts that failed in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Resets the pauses after an attempt that succeeded.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }
}
