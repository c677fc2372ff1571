//! The state of a connection, which decides whether it may be closed in favour of others.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// What a server waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The complete head of a request.
    Head,
    /// More of a request body.
    Body,
    /// That the client reads the response.
    Reading,
}

/// The state of a connection, shared by its parts and its crowd.
#[derive(Debug)]
pub(crate) struct Standing {
    began: Instant,
    /// For each [`Awaited`], when the wait began, in milliseconds after `began` plus one; 0 if it is not awaited.
    awaited_since: [AtomicU64; 3],
    /// The neighbourhood of the client: that of the peer until a request reveals another address.
    neighbourhood: Mutex<IpAddr>,
    /// Whether the current request came with a valid key.
    has_key: AtomicBool,
    cut: CancellationToken,
}

impl Standing {
    /// The state of a new connection, whose first head is awaited.
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

    /// Records that the server waits from now on, and has already waited `already`.
    pub(super) fn awaits(&self, what: Awaited, already: Duration) {
        let since = self.began.elapsed().saturating_sub(already).as_millis() as u64;
        self.awaited_since[what as usize].store(since + 1, Ordering::Relaxed);
    }

    /// Records that what was awaited has arrived.
    pub(super) fn has_come(&self, what: Awaited) {
        self.awaited_since[what as usize].store(0, Ordering::Relaxed);
    }

    /// Records that a request has begun.
    pub(super) fn takes_request(&self) {
        self.has_come(Awaited::Head);
    }

    /// Records that a request has ended; the next one is awaited.
    pub(super) fn ends_request(&self, peer: IpAddr) {
        self.has_key.store(false, Ordering::Relaxed);
        self.came_from(peer);
        self.awaits(Awaited::Head, Duration::ZERO);
    }

    /// Records the address of the current request.
    pub(crate) fn came_from(&self, address: IpAddr) {
        *self.neighbourhood.lock().unwrap_or_else(PoisonError::into_inner) = neighbourhood(address);
    }

    /// Records that the current request has a valid key.
    pub(crate) fn showed_key(&self) {
        self.has_key.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_key(&self) -> bool {
        self.has_key.load(Ordering::Relaxed)
    }

    pub(super) fn neighbourhood(&self) -> IpAddr {
        *self.neighbourhood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the server has been waiting for the client; `None` while the server itself is working.
    pub(super) fn waited(&self) -> Option<Duration> {
        let since = self.awaited_since.iter().map(|since| since.load(Ordering::Relaxed)).filter(|since| *since > 0);
        let since = Duration::from_millis(since.min()? - 1);
        Some(self.began.elapsed().saturating_sub(since))
    }

    /// Takes the connection's place away.
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

/// The network that counts as one client until it shows a key: an IPv4 address, or the /64 that an IPv6 client usually
/// has for itself.
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
