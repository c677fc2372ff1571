//! The time that all searches of one document may take together.
//!
//! Each search is limited in its steps, but a template has many patterns, and each may be tried at every place of a
//! long document. The engine does not report the steps of a search, so the time is measured.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::TooManySteps;

/// The time limit of all searches of a document. A sound template takes milliseconds for a long one.
const MOST: Duration = Duration::from_secs(10);

thread_local! {
    /// The time left for the document that this thread works on; `None` outside of one.
    static LEFT: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Runs all searches of one document.
pub(crate) fn with_time_budget<T>(search: impl FnOnce() -> T) -> T {
    with(MOST, search)
}

fn with<T>(most: Duration, search: impl FnOnce() -> T) -> T {
    LEFT.set(Some(most));
    let found = search();
    LEFT.set(None);
    found
}

/// Runs a search, unless earlier searches have used up the time of the document.
pub(super) fn spend<T>(search: impl FnOnce() -> T) -> Result<T, TooManySteps> {
    let Some(left) = LEFT.get() else { return Ok(search()) };
    if left.is_zero() {
        return Err(TooManySteps);
    }
    let begun = Instant::now();
    let found = search();
    LEFT.set(Some(left.saturating_sub(begun.elapsed())));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_searched_once_the_time_of_the_document_is_used_up() {
        let spent = with(Duration::from_nanos(1), || {
            let first = spend(|| std::hint::black_box("x".repeat(100_000)).len());
            (first, spend(|| 1))
        });
        assert_eq!(spent, (Ok(100_000), Err(TooManySteps)));
        assert_eq!(with(Duration::from_hours(1), || (spend(|| 1), spend(|| 2))), (Ok(1), Ok(2)));
        assert_eq!(spend(|| 3), Ok(3), "outside of a document nothing is counted");
    }
}
