//! The budgets for tokens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use recto_domain::Timestamp;

use crate::error::AskError;

const MILLIS_A_DAY: i64 = 24 * 60 * 60 * 1000;

/// The token budget of a day, shared by all searches of a process.
#[derive(Debug)]
pub(crate) struct DayBudget {
    /// `None` for no limit.
    limit: Option<u64>,
    day: Mutex<Day>,
}

#[derive(Debug, Default)]
struct Day {
    /// The days since 1970, in UTC.
    number: i64,
    spent: u64,
    /// Whether it was logged that the budget is spent.
    is_told: bool,
}

impl DayBudget {
    pub(crate) fn new(limit: Option<u64>) -> Self {
        Self { limit, day: Mutex::default() }
    }

    /// Reserves tokens before they are spent, so that concurrent searches do not spend the same ones.
    fn reserve(&self, tokens: u64, now: Timestamp) -> Result<(), AskError> {
        let mut day = self.today(now);
        let wanted = day.spent.saturating_add(tokens);
        if let Some(limit) = self.limit.filter(|limit| wanted > *limit) {
            if !day.is_told {
                day.is_told = true;
                tracing::warn!(
                    "the language model is not asked until midnight (UTC): its {limit} tokens for today are used up"
                );
            }
            return Err(AskError::DaySpent(limit));
        }
        day.spent = wanted;
        Ok(())
    }

    /// Replaces the tokens reserved at `reserved_at` by those that were spent. A reservation of yesterday counts for
    /// yesterday.
    fn settle(&self, reserved: u64, reserved_at: Timestamp, spent: u64, now: Timestamp) {
        let mut day = self.today(now);
        if day_of(reserved_at) == day.number {
            day.spent = day.spent.saturating_sub(reserved).saturating_add(spent);
        }
    }

    fn today(&self, now: Timestamp) -> std::sync::MutexGuard<'_, Day> {
        // Counting does not panic halfway.
        let mut day = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        let number = day_of(now);
        if day.number != number {
            *day = Day { number, ..Day::default() };
        }
        day
    }
}

fn day_of(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(MILLIS_A_DAY)
}

/// The token budget of one document.
#[derive(Debug)]
pub(crate) struct TokenBudget<'a> {
    day: &'a DayBudget,
    limit: u64,
    spent: AtomicU64,
}

/// Tokens reserved for a request. If the reservation is dropped because nobody waits for the answer, it counts as
/// spent: the server may have worked for it.
#[derive(Debug)]
#[must_use]
pub(crate) struct Reserved<'a> {
    document_budget: &'a TokenBudget<'a>,
    tokens: u64,
    at: Timestamp,
}

impl<'a> TokenBudget<'a> {
    pub(crate) fn new(day: &'a DayBudget, limit: u64) -> Self {
        Self { day, limit, spent: AtomicU64::new(0) }
    }

    /// Reserves tokens for a request.
    pub(crate) fn reserve(&self, tokens: u64, now: Timestamp) -> Result<Reserved<'_>, AskError> {
        // The requests for one document are sequential.
        let wanted = self.spent.load(Ordering::Relaxed).saturating_add(tokens);
        if wanted > self.limit {
            return Err(AskError::DocumentSpent(self.limit));
        }
        self.day.reserve(tokens, now)?;
        self.spent.store(wanted, Ordering::Relaxed);
        Ok(Reserved { document_budget: self, tokens, at: now })
    }
}

impl Reserved<'_> {
    /// Replaces the reservation by what the request actually took.
    pub(crate) fn settle(self, spent: u64, now: Timestamp) {
        self.document_budget.day.settle(self.tokens, self.at, spent, now);
        let others = self.document_budget.spent.load(Ordering::Relaxed).saturating_sub(self.tokens);
        self.document_budget.spent.store(others.saturating_add(spent), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(MILLIS_A_DAY / 2);
    const TOMORROW: Timestamp = Timestamp::from_millis(MILLIS_A_DAY + 1);

    #[test]
    fn what_is_set_aside_is_spent_until_it_is_settled() {
        let day = DayBudget::new(Some(100));
        let (one, two) = (TokenBudget::new(&day, 1000), TokenBudget::new(&day, 1000));
        let first = one.reserve(60, NOON).unwrap();
        assert_eq!(two.reserve(60, NOON).unwrap_err(), AskError::DaySpent(100));
        first.settle(30, NOON);
        let second = two.reserve(60, NOON).unwrap();
        drop(second);
        assert!(two.reserve(60, NOON).is_err(), "a request that nobody waited for may have cost all the same");
    }

    #[test]
    fn the_next_day_begins_anew() {
        let day = DayBudget::new(Some(100));
        let document_budget = TokenBudget::new(&day, 1000);
        let late = document_budget.reserve(100, NOON).unwrap();
        let early = document_budget.reserve(90, TOMORROW).unwrap();
        late.settle(100, TOMORROW);
        early.settle(80, TOMORROW);
        assert!(document_budget.reserve(20, TOMORROW).is_ok());
    }

    #[test]
    fn a_document_has_a_limit_of_its_own() {
        let day = DayBudget::new(None);
        let document_budget = TokenBudget::new(&day, 100);
        document_budget.reserve(60, NOON).unwrap().settle(0, NOON);
        document_budget.reserve(60, NOON).unwrap().settle(50, NOON);
        assert_eq!(document_budget.reserve(60, NOON).unwrap_err(), AskError::DocumentSpent(100));
    }

    #[test]
    fn searches_side_by_side_never_spend_more_than_there_is() {
        let day = DayBudget::new(Some(1000));
        let taken: u64 = std::thread::scope(|scope| {
            let search = || {
                let document_budget = TokenBudget::new(&day, u64::MAX);
                (0..100).filter(|_| document_budget.reserve(7, NOON).is_ok()).count() as u64 * 7
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(search)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 994);
    }
}
