//! Limits on the cost of reading: the time for a page, a file's budget of worker time, and an organization's share.
//!
//! A page has [`WorkLimits::page`]. Most pages take a small part of it. Time beyond [`WorkLimits::usual_page`] is
//! charged to the file's budget, and so is all time spent on failed attempts and on opening the file. A long document
//! that reads well therefore never runs out, and one that only keeps workers busy soon does.

use std::time::Duration;

use crate::time::Timestamp;
use crate::work::{AfterFailure, WorkItem, WorkKind};

/// The number of pages of a file that must run out of time before its other pages get less time. One such page may be a
/// city map; two show how the file is made.
pub const SLOW_PAGES: u32 = 2;

/// The period over which an organization's worker time is added up.
const SHARE_PERIOD: Duration = Duration::from_hours(1);

/// Limits on the cost of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLimits {
    /// How long a worker may be silent while it reads a page or opens a file.
    pub page: Duration,
    /// Worker time that a file may take beyond the usual time of its pages; `None` for no limit.
    pub file: Option<Duration>,
    /// Worker time that an organization may take in an hour; `None` for no limit.
    pub organization_hour: Option<Duration>,
}

impl Default for WorkLimits {
    /// A minute for a page, ten minutes for a file, and no limit for an organization.
    fn default() -> Self {
        Self { page: Duration::from_mins(1), file: Some(Duration::from_mins(10)), organization_hour: None }
    }
}

impl WorkLimits {
    /// The longest time that a page usually takes, and the whole time of a page once its file has [`SLOW_PAGES`]. It is
    /// a twelfth of the page limit, but at least a second. A twelfth of the default limit is more than twice what a
    /// dense page takes on a slow core.
    #[must_use]
    pub fn usual_page(&self) -> Duration {
        (self.page / 12).max(Duration::from_secs(1)).min(self.page)
    }

    /// The error message for a page or file that is not read because the file's budget is used up.
    #[must_use]
    pub fn used_up(&self) -> String {
        let seconds = self.file.unwrap_or_default().as_secs();
        format!("the file used up the {seconds} s of worker time that a file may take beyond the usual")
    }
}

/// How long a worker has for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit {
    /// How long the worker may be silent.
    pub silence: Duration,
    /// How long the attempt may take in all; `None` for no limit as long as the worker is not silent.
    pub total: Option<Duration>,
}

/// How an attempt at opening a file or reading a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    /// The worker answered.
    Answered,
    /// The worker ran out of time.
    OutOfTime,
    /// The worker crashed or ran out of memory.
    Died,
}

/// The cost of a file so far, over all attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileCost {
    /// Worker time taken.
    pub worker_time: Duration,
    /// Worker time beyond the usual time of the pages that were read.
    pub overtime: Duration,
    /// Pages whose first attempt ran out of time.
    pub slow_pages: u32,
}

impl FileCost {
    /// The cost after one more attempt.
    #[must_use]
    pub fn after(self, item: &WorkItem, end: AttemptEnd, limits: &WorkLimits) -> Self {
        let is_page = matches!(item.kind, WorkKind::Page { .. });
        let usual = if is_page && end == AttemptEnd::Answered { limits.usual_page() } else { Duration::ZERO };
        let is_slow = is_page && end == AttemptEnd::OutOfTime && item.attempts == 0;
        Self {
            worker_time: self.worker_time.saturating_add(item.took),
            overtime: self.overtime.saturating_add(item.took.saturating_sub(usual)),
            slow_pages: self.slow_pages.saturating_add(u32::from(is_slow)),
        }
    }

    /// Whether so many pages ran out of time that each of the others gets one short attempt.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.slow_pages >= SLOW_PAGES
    }

    /// Whether the budget is used up, so that no more of the file is tried.
    #[must_use]
    pub fn is_used_up(&self, limits: &WorkLimits) -> bool {
        limits.file.is_some_and(|file| self.overtime >= file)
    }

    /// How long the next attempt at an item may take; `None` when the budget is used up.
    #[must_use]
    pub fn time_limit(&self, kind: WorkKind, limits: &WorkLimits) -> Option<TimeLimit> {
        if self.is_used_up(limits) {
            return None;
        }
        let left = limits.file.map(|file| file.saturating_sub(self.overtime));
        Some(match kind {
            WorkKind::Page { .. } => {
                let silence = if self.is_slow() { limits.usual_page() } else { limits.page };
                let silence = left.map_or(silence, |left| silence.min(left.saturating_add(limits.usual_page())));
                TimeLimit { silence, total: None }
            }
            // Half of what is left, so that time remains for the next attempt, which ignores the file's own text.
            WorkKind::Open | WorkKind::Extract => {
                let total = left.map(|left| (left / 2).max(Duration::from_secs(1)));
                TimeLimit { silence: total.map_or(limits.page, |total| limits.page.min(total)), total }
            }
        })
    }

    /// What follows a failed attempt at an item of the file. The cost already includes that attempt.
    #[must_use]
    pub fn after_failed_attempt(&self, item: &WorkItem, limits: &WorkLimits) -> AfterFailure {
        match item.after_failed_attempt() {
            AfterFailure::Retry { attempts } if self.is_used_up(limits) => AfterFailure::GiveUp { attempts },
            after => after,
        }
    }
}

/// The worker time that an organization took in the current hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationShare {
    /// When the hour began.
    pub since: Timestamp,
    /// Worker time taken since then.
    pub spent: Duration,
}

impl OrganizationShare {
    /// The share after workers took that much more time.
    #[must_use]
    pub fn after(self, took: Duration, now: Timestamp) -> Self {
        if now >= self.since.plus(SHARE_PERIOD) || now < self.since {
            Self { since: now, spent: took }
        } else {
            Self { spent: self.spent.saturating_add(took), ..self }
        }
    }

    /// The time until which the organization's work waits; `None` while it has worker time left.
    #[must_use]
    pub fn paused_until(&self, limits: &WorkLimits) -> Option<Timestamp> {
        let is_used_up = limits.organization_hour.is_some_and(|most| self.spent >= most);
        is_used_up.then(|| self.since.plus(SHARE_PERIOD))
    }
}

#[cfg(test)]
mod tests;
