//! One thing that a server waits for on a connection, and the time left for it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use super::stall_budget::{Pace, StallBudget};
use super::standing::{Awaited, Standing};

/// Measures how long a client takes, and ends the wait.
#[derive(Debug)]
pub(super) struct Wait {
    standing: Arc<Standing>,
    what: Awaited,
    stall_budget: StallBudget,
    since: Option<Instant>,
    /// Never set later than the end of the patience; it is set again only after it has fired.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Wait {
    pub(super) fn new(standing: Arc<Standing>, what: Awaited, pace: Pace) -> Self {
        Self { standing, what, stall_budget: StallBudget::new(pace), since: None, alarm: None }
    }

    /// Records that the client keeps the server waiting. Ready when it has done so for too long.
    pub(super) fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.since.get_or_insert_with(|| {
            self.standing.awaits(self.what, self.stall_budget.spent());
            Instant::now()
        });
        let end = since + self.stall_budget.left();
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        loop {
            ready!(alarm.as_mut().poll(cx));
            if Instant::now() >= end {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(end);
        }
    }

    /// Records that the client sent or took bytes.
    pub(super) fn over(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.stall_budget.waited(since.elapsed());
            self.standing.has_come(self.what);
        }
        self.stall_budget.moved(bytes);
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if self.since.is_some() {
            self.standing.has_come(self.what);
        }
    }
}
