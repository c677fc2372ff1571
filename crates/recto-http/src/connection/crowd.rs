//! All open connections, and which of them are closed when there are too many.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::standing::Standing;

/// When there is no room, one in this many connections is closed at once, so that the search need not be repeated for
/// each new connection.
const PART_THAT_GOES: usize = 32;
/// A connection is not closed if it has kept the server waiting for less than this: it is new, or its bytes are on
/// their way.
const JUST_NOW: Duration = Duration::from_millis(100);
/// When no connection can be closed, how long to wait before looking again, unless one leaves earlier.
const PAUSE: Duration = Duration::from_millis(10);

/// The open connections.
#[derive(Debug)]
pub(crate) struct Crowd {
    most: usize,
    members: Mutex<Members>,
    somebody_left: Notify,
}

#[derive(Debug, Default)]
struct Members {
    standing: HashMap<u64, Arc<Standing>>,
    /// How many of them have lost their place and are closing.
    going: usize,
    next: u64,
}

impl Crowd {
    /// Room for that many connections, but at least one.
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.max(1), members: Mutex::default(), somebody_left: Notify::new() }
    }

    /// Adds a new connection.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Member {
        let standing = Arc::new(Standing::new(peer));
        let mut members = self.members();
        let id = members.next;
        members.next += 1;
        members.standing.insert(id, Arc::clone(&standing));
        Member { id, standing, crowd: Arc::clone(self) }
    }

    /// Waits until there is room for another connection, closing some if necessary.
    pub(crate) async fn room(&self) {
        loop {
            let left = self.somebody_left.notified();
            if self.members().standing.len() < self.most {
                return;
            }
            self.make_room();
            // Connections that are closing first give back their open files. If none can be closed, because every
            // request is in progress or has just arrived, looking again after the timeout is enough.
            let _ = tokio::time::timeout(PAUSE, left).await;
        }
    }

    /// Closes the least deserving connections, unless some are already closing.
    pub(crate) fn make_room(&self) {
        let mut members = self.members();
        if members.going > 0 {
            return;
        }
        let asked = (self.most / PART_THAT_GOES).max(1);
        let waiting: Vec<Waiting> = members
            .standing
            .iter()
            .filter_map(|(id, standing)| {
                let waited = standing.waited().filter(|waited| *waited >= JUST_NOW)?;
                let (neighbourhood, has_key) = (standing.neighbourhood(), standing.has_key());
                Some(Waiting { id: *id, neighbourhood, has_key, waited })
            })
            .collect();
        let going = least_deserving(waiting, asked);
        for id in &going {
            if let Some(standing) = members.standing.get(id) {
                standing.cut();
            }
        }
        members.going = going.len();
        if !going.is_empty() {
            tracing::debug!(connections = going.len(), "closing connections whose clients keep the server waiting");
        }
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in the crowd; it leaves when dropped.
#[derive(Debug)]
pub(crate) struct Member {
    id: u64,
    pub(crate) standing: Arc<Standing>,
    crowd: Arc<Crowd>,
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut members = self.crowd.members();
        members.standing.remove(&self.id);
        if self.standing.has_lost_place() {
            members.going -= 1;
        }
        drop(members);
        self.crowd.somebody_left.notify_one();
    }
}

/// A connection whose client keeps the server waiting.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    id: u64,
    neighbourhood: IpAddr,
    has_key: bool,
    waited: Duration,
}

/// The `asked` connections to close, the least deserving first.
///
/// Connections without a key are closed before those with one. Within each of these groups, the connections of a
/// neighbourhood are ranked by waiting time, shortest first, and the highest ranks are closed first. So whoever holds
/// the most places loses the connections that have been idle longest, until others hold as many. A client with a single
/// connection is the last to lose it.
fn least_deserving(mut waiting: Vec<Waiting>, asked: usize) -> Vec<u64> {
    waiting.sort_unstable_by_key(|one| (one.waited, one.id));
    let mut ranks: HashMap<(bool, IpAddr), usize> = HashMap::new();
    let mut ranked: Vec<(bool, Reverse<usize>, Reverse<Duration>, u64)> = waiting
        .into_iter()
        .map(|one| {
            let rank = ranks.entry((one.has_key, one.neighbourhood)).or_default();
            *rank += 1;
            (one.has_key, Reverse(*rank), Reverse(one.waited), one.id)
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(asked).map(|(.., id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(id: u64, neighbourhood: [u8; 4], has_key: bool, waited_ms: u64) -> Waiting {
        Waiting { id, neighbourhood: neighbourhood.into(), has_key, waited: Duration::from_millis(waited_ms) }
    }

    const A: [u8; 4] = [192, 0, 2, 1];
    const B: [u8; 4] = [192, 0, 2, 2];

    #[test]
    fn whoever_holds_the_most_gives_up_the_oldest() {
        let all = vec![
            waiting(1, A, false, 50),
            waiting(2, A, false, 900),
            waiting(3, A, false, 400),
            waiting(4, B, false, 60_000),
            waiting(5, B, true, 90_000),
        ];
        assert_eq!(least_deserving(all.clone(), 1), [2]);
        assert_eq!(least_deserving(all, 9), [2, 3, 4, 1, 5]);
    }

    #[tokio::test]
    async fn a_new_one_finds_room_and_those_at_work_keep_theirs() {
        let crowd = Arc::new(Crowd::new(2));
        let at_work = crowd.enter(A.into());
        at_work.standing.takes_request();
        let idle = crowd.enter(A.into());
        let leaving = tokio::spawn(async move { idle.standing.lost_place().await });
        crowd.room().await;
        leaving.await.unwrap();
        let new = crowd.enter(A.into());
        new.standing.takes_request();
        crowd.make_room();
        assert!(!at_work.standing.has_lost_place() && !new.standing.has_lost_place(), "nobody who works is sent away");
        drop(at_work);
        crowd.room().await;
    }
}
