//! Which files of a watched location are complete.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::location::Found;

/// The most files that are read as one drop.
pub(super) const MOST_FILES: usize = 50;
/// How long complete files wait for others that arrive with them.
const COMPANY: Duration = Duration::from_secs(30);

/// Tells which files of a location are complete.
#[derive(Debug)]
pub(super) struct Drops {
    settle: Duration,
    /// Each file as it was last seen, and since when it has not changed.
    seen: HashMap<PathBuf, (Found, Instant)>,
    is_any_settling: bool,
}

impl Drops {
    /// A file counts as complete when it has not changed for `settle`.
    pub(super) fn new(settle: Duration) -> Self {
        Self { settle, seen: HashMap::new(), is_any_settling: false }
    }

    /// Whether the last look found a file that may still change.
    pub(super) fn is_any_settling(&self) -> bool {
        self.is_any_settling
    }

    /// The complete files among those that were found at `now`, sorted by path. It returns none while other files of
    /// the same drop are still arriving.
    pub(super) fn complete(&mut self, mut found: Vec<Found>, now: Instant) -> Vec<Found> {
        found.sort_by(|a, b| a.below.cmp(&b.below));
        let there: HashSet<PathBuf> = found.iter().map(|file| file.below.clone()).collect();
        self.seen.retain(|path, _| there.contains(path));
        let (mut complete, mut longest) = (Vec::new(), Duration::ZERO);
        self.is_any_settling = false;
        for file in found {
            let (before, since) = self.seen.entry(file.below.clone()).or_insert_with(|| (file.clone(), now));
            if *before != file {
                (*before, *since) = (file.clone(), now);
            }
            let unchanged = now.duration_since(*since);
            if unchanged >= self.settle {
                longest = longest.max(unchanged);
                complete.push(file);
            } else {
                self.is_any_settling = true;
            }
        }
        if self.is_any_settling && longest < self.settle + COMPANY {
            return Vec::new();
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const SETTLE: Duration = Duration::from_secs(3);

    fn file(name: &str, size: u64) -> Found {
        Found { below: name.into(), changed: SystemTime::UNIX_EPOCH, size, tag: None }
    }

    #[test]
    fn a_file_is_complete_when_it_has_stayed_the_same() {
        let (mut drops, now) = (Drops::new(SETTLE), Instant::now());
        assert_eq!(drops.complete(vec![file("a", 1)], now), []);
        assert_eq!(drops.complete(vec![file("a", 2)], now + SETTLE), [], "it has grown");
        assert!(drops.is_any_settling());
        assert_eq!(drops.complete(vec![file("a", 2)], now + SETTLE * 2), [file("a", 2)]);
        assert!(!drops.is_any_settling());
    }

    #[test]
    fn files_that_come_together_are_read_together_but_not_for_ever() {
        let (mut drops, now) = (Drops::new(SETTLE), Instant::now());
        drops.complete(vec![file("a", 1)], now);
        assert_eq!(drops.complete(vec![file("a", 1), file("b", 1)], now + SETTLE), [], "b is on its way");
        let growing = now + SETTLE + COMPANY;
        assert_eq!(drops.complete(vec![file("a", 1), file("b", 9)], growing), [file("a", 1)]);
    }
}
