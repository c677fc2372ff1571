//! How long a client may keep the server waiting.

use std::time::Duration;

/// The pace that a client must keep while it sends a body or reads a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long the server waits for a client that sends or reads nothing.
    pub max_stall: Duration,
    /// Bytes per second that a client must send or read on average beyond that time. At least 1.
    pub least_bytes_per_second: u64,
}

impl Default for Pace {
    /// Half a minute, and a kilobyte per second.
    fn default() -> Self {
        Self { max_stall: Duration::from_secs(30), least_bytes_per_second: 1024 }
    }
}

/// The remaining patience of a server with a client. Waiting spends it; bytes earn it back, up to the full amount.
///
/// A client may therefore pause as long as the patience lasts, and one that trickles wears it out. In any span of time
/// the server waits at most for the patience plus the time that the bytes of that span were worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct StallBudget {
    pace: Pace,
    left: Duration,
}

impl StallBudget {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, left: pace.max_stall }
    }

    /// The remaining time that the server waits.
    pub(super) fn left(&self) -> Duration {
        self.left
    }

    /// The patience already spent.
    pub(super) fn spent(&self) -> Duration {
        self.pace.max_stall.saturating_sub(self.left)
    }

    /// Records that the server has waited.
    pub(super) fn waited(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    /// Records that bytes were sent or received.
    pub(super) fn moved(&mut self, bytes: usize) {
        let worth = Duration::from_secs_f64(bytes as f64 / self.pace.least_bytes_per_second.max(1) as f64);
        self.left = self.left.saturating_add(worth).min(self.pace.max_stall);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PACE: Pace = Pace { max_stall: Duration::from_secs(30), least_bytes_per_second: 1000 };

    #[test]
    fn a_byte_now_and_then_wears_patience_out() {
        let mut budget = StallBudget::new(PACE);
        budget.waited(Duration::from_secs(20));
        budget.moved(1);
        assert_eq!(budget.left(), Duration::from_millis(10_001));
        budget.waited(Duration::from_secs(20));
        assert_eq!((budget.left(), budget.spent()), (Duration::ZERO, PACE.max_stall));
    }

    #[test]
    fn who_keeps_the_pace_may_go_on_for_ever() {
        let mut budget = StallBudget::new(PACE);
        for _ in 0..100_000 {
            budget.waited(Duration::from_secs(1));
            budget.moved(1000);
        }
        assert_eq!(budget.left(), PACE.max_stall);
    }

    proptest! {
        /// In any sequence of waits and bytes, the server never waits longer than the patience plus the time that the
        /// bytes were worth.
        #[test]
        fn no_order_of_waits_and_bytes_buys_more_than_they_are_worth(
            steps in proptest::collection::vec((0u64..40_000, 0usize..50_000), 0..100)
        ) {
            let mut budget = StallBudget::new(PACE);
            let (mut waited, mut bytes) = (Duration::ZERO, 0);
            for (wait_ms, moved) in steps {
                let wait = Duration::from_millis(wait_ms).min(budget.left());
                budget.waited(wait);
                waited += wait;
                if budget.left() == Duration::ZERO {
                    break;
                }
                budget.moved(moved);
                bytes += moved;
            }
            let worth = Duration::from_secs_f64(bytes as f64 / 1000.0);
            prop_assert!(waited <= PACE.max_stall + worth + Duration::from_millis(1));
        }
    }
}
