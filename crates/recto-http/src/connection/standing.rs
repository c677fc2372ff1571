//! What is known of one connection while others ask for its place.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// What a server waits for, from a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The head of a request, whole.
    Head,
    /// More of a body.
    Body,
    /// That an answer is taken.
    Reading,
}

/// Where a connection stands. Shared by its parts and by the crowd that it is in.
#[derive(Debug)]
pub(crate) struct Standing {
    began: Instant,
    /// For each [`Awaited`] the milliseconds after `began` since which it is awaited, and one; 0 when it is not.
    awaited_since: [AtomicU64; 3],
    /// Whose connection it is: the peer's until a request tells more.
    neighbourhood: Mutex<IpAddr>,
    /// Whether the request in hand came with a good key.
    has_key: AtomicBool,
    cut: CancellationToken,
}

impl Standing {
    /// Of a new connection, whose first head is awaited.
    pub(super) fn new(peer: IpAddr) -> Self {
        let standing = Self {
            began: Instant::now(),
            awaited_since: Default::default(),
            neighbourhood: Mutex::new(neighbourhood(peer)),
            has_key: AtomicBool::new(false),
            cut: CancellationToken::new(),
        };
        standing.awaits(Awaited::Head, Duration::ZERO);
        standing
    }

    /// From now on the server waits, as if it had begun so long ago.
    pub(super) fn awaits(&self, what: Awaited, already: Duration) {
        let since = self.began.elapsed().saturating_sub(already).as_millis() as u64;
        self.awaited_since[what as usize].store(since + 1, Ordering::Relaxed);
    }

    /// What was awaited has come.
    pub(super) fn has_come(&self, what: Awaited) {
        self.awaited_since[what as usize].store(0, Ordering::Relaxed);
    }

    /// A request has begun.
    pub(super) fn takes_request(&self) {
        self.has_come(Awaited::Head);
    }

    /// A request is done with: the next one is awaited.
    pub(super) fn ends_request(&self, peer: IpAddr) {
        self.has_key.store(false, Ordering::Relaxed);
        self.came_from(peer);
        self.awaits(Awaited::Head, Duration::ZERO);
    }

    /// The request in hand comes from that address.
    pub(crate) fn came_from(&self, address: IpAddr) {
        *self.neighbourhood.lock().unwrap_or_else(PoisonError::into_inner) = neighbourhood(address);
    }

    /// The request in hand has a good key.
    pub(crate) fn showed_key(&self) {
        self.has_key.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_key(&self) -> bool {
        self.has_key.load(Ordering::Relaxed)
    }

    pub(super) fn neighbourhood(&self) -> IpAddr {
        *self.neighbourhood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how long the server has been waiting for the client; `None` while it is the server that works.
    pub(super) fn waited(&self) -> Option<Duration> {
        let since = self.awaited_since.iter().map(|since| since.load(Ordering::Relaxed)).filter(|since| *since > 0);
        let since = Duration::from_millis(since.min()? - 1);
        Some(self.began.elapsed().saturating_sub(since))
    }

    /// Takes the connection's place from it.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    pub(super) fn has_lost_place(&self) -> bool {
        self.cut.is_cancelled()
    }

    /// Waits until the connection has lost its place.
    pub(super) async fn lost_place(&self) {
        self.cut.cancelled().await;
    }
}

/// What counts as one client before it shows a key: an IPv4 address, or the /64 that an IPv6 client usually has for
/// itself.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_counts_as_its_network() {
        let of = |text: &str| neighbourhood(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn a_server_at_work_does_not_wait() {
        let standing = Standing::new("192.0.2.7".parse().unwrap());
        assert!(standing.waited().is_some(), "the head is awaited");
        standing.takes_request();
        assert_eq!(standing.waited(), None);
        standing.awaits(Awaited::Reading, Duration::from_secs(9));
        standing.awaits(Awaited::Body, Duration::ZERO);
        standing.has_come(Awaited::Body);
        assert!(standing.waited().is_some());
        standing.has_come(Awaited::Reading);
        assert_eq!(standing.waited(), None);
    }
}
