//! What reading may cost: the time a page has, what a file may take of the workers, and what an organization may.
//!
//! A page has [`WorkLimits::page`]. Most pages take a small part of it, so what goes beyond [`WorkLimits::usual_page`]
//! is taken out of the file's budget, and so is everything that brought no page home: failed attempts, and opening.
//! A long document that is read well therefore never runs out, and one that only keeps workers busy soon does.

use std::time::Duration;

use crate::time::Timestamp;
use crate::work::{AfterFailure, WorkItem, WorkKind};

/// So many pages of a file run out of time before the others have less. One may be a drawing of a city; two are how
/// the file is made.
pub const SLOW_PAGES: u32 = 2;

/// Over how long an organization's worker time is added up.
const SHARE_PERIOD: Duration = Duration::from_hours(1);

/// What reading may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLimits {
    /// How long a worker may be silent over a page, or over a file that it opens.
    pub page: Duration,
    /// What a file may take of the workers beyond its pages' usual time; `None` for no limit.
    pub file: Option<Duration>,
    /// What an organization may take of the workers in an hour; `None` for no limit.
    pub organization_hour: Option<Duration>,
}

impl Default for WorkLimits {
    /// A minute for a page, ten for a file, as much as there is for an organization.
    fn default() -> Self {
        Self { page: Duration::from_mins(1), file: Some(Duration::from_mins(10)), organization_hour: None }
    }
}

impl WorkLimits {
    /// The longest that a page takes as a rule, and all that one of a file with [`SLOW_PAGES`] has: a twelfth of the
    /// limit, which is more than twice what a dense page takes on a slow core, and a second at least.
    #[must_use]
    pub fn usual_page(&self) -> Duration {
        (self.page / 12).max(Duration::from_secs(1)).min(self.page)
    }

    /// Why a page or file is not read when the file's budget is used up, for a person.
    #[must_use]
    pub fn used_up(&self) -> String {
        let seconds = self.file.unwrap_or_default().as_secs();
        format!("the file used up the {seconds} s that one may take of the workers beyond the usual")
    }
}

/// How long a worker has for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit {
    /// How long it may be silent.
    pub silence: Duration,
    /// How long it may take in all; `None` for as long as it is not silent.
    pub total: Option<Duration>,
}

/// How an attempt at opening a file or reading a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    /// With an answer.
    Answered,
    /// It ran out of time.
    OutOfTime,
    /// The worker crashed or ran out of memory.
    Died,
}

/// What a file has cost so far, every attempt counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileCost {
    /// What workers took.
    pub worker_time: Duration,
    /// What of it went beyond the usual time of pages that were read.
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

    /// Whether so many pages ran out of time that the others have one short attempt each.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.slow_pages >= SLOW_PAGES
    }

    /// Whether nothing more of the file is to be tried.
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
            // Half of what is left, so that the next attempt, which does without the file's own text, has some too.
            WorkKind::Open | WorkKind::Extract => {
                let total = left.map(|left| (left / 2).max(Duration::from_secs(1)));
                TimeLimit { silence: total.map_or(limits.page, |total| limits.page.min(total)), total }
            }
        })
    }

    /// What follows a failed attempt at an item of the file, whose cost is this with the attempt.
    #[must_use]
    pub fn after_failed_attempt(&self, item: &WorkItem, limits: &WorkLimits) -> AfterFailure {
        match item.after_failed_attempt() {
            AfterFailure::Retry { attempts } if self.is_used_up(limits) => AfterFailure::GiveUp { attempts },
            after => after,
        }
    }
}

/// What an organization took of the workers in the running hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationShare {
    /// When the hour began.
    pub since: Timestamp,
    /// What was taken since.
    pub spent: Duration,
}

impl OrganizationShare {
    /// The share after workers took so much more.
    #[must_use]
    pub fn after(self, took: Duration, now: Timestamp) -> Self {
        if now >= self.since.plus(SHARE_PERIOD) || now < self.since {
            Self { since: now, spent: took }
        } else {
            Self { spent: self.spent.saturating_add(took), ..self }
        }
    }

    /// Until when the organization's work waits, if it has taken all that it may.
    #[must_use]
    pub fn paused_until(&self, limits: &WorkLimits) -> Option<Timestamp> {
        let is_used_up = limits.organization_hour.is_some_and(|most| self.spent >= most);
        is_used_up.then(|| self.since.plus(SHARE_PERIOD))
    }
}

#[cfg(test)]
mod tests;
