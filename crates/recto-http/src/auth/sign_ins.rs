//! Failed sign-ins: slowed down by address, logged, and counted in the audit log.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recto_domain::{KeyHash, Token, error_chain};
use recto_storage::{FailedSignIns, Storage, TriedToken};
use tokio_util::sync::CancellationToken;

use super::credential::Denied;
use crate::connection::neighbourhood;

/// How many addresses with failures are remembered; beyond that, those whose failures are oldest are forgotten.
const MAX_ADDRESSES: usize = 10_000;
/// How many valid keys are remembered, so that they keep working from an address that is slowed down.
const MAX_GOOD_KEYS: usize = 10_000;
/// How many kinds of failure are counted separately between writes; each becomes an entry of the audit log. Beyond this
/// number, addresses are left out. Beyond twice the number, all further failures share one entry, so that nobody can
/// flood the log.
const MAX_ENTRIES: usize = 100;

/// The results of keys and access tokens that were tried.
///
/// An address may have a limited number of failures per minute. After that its keys are refused unchecked (429), except
/// those that were valid before. Guessing is slowed down, and users who share the address and were already working are
/// not affected.
#[derive(Debug, Clone)]
pub(crate) struct SignIns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    allowance: Option<PerMinute>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    allowances: HashMap<IpAddr, Allowance>,
    good: HashSet<KeyHash>,
    /// Failures since the last write to the audit log.
    failed: HashMap<Failed, u64>,
}

/// The failures that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Failed {
    token: Option<TriedToken>,
    address: Option<IpAddr>,
}

impl SignIns {
    /// Allows each address that many failures per minute; 0 for no limit.
    pub(crate) fn new(failures_per_minute: u64) -> Self {
        let allowance = (failures_per_minute > 0).then_some(PerMinute(failures_per_minute));
        Self(Arc::new(Inner { allowance, known: Mutex::default() }))
    }

    /// Whether a key may be checked: not if its address has failed too often and the key was never valid.
    pub(super) fn check(&self, address: IpAddr, key: &KeyHash) -> Result<(), Denied> {
        let Some(rate) = self.0.allowance else { return Ok(()) };
        let mut known = self.known();
        let wait = known.allowances.get(&neighbourhood(address)).and_then(|left| left.wait(rate, Instant::now()));
        match wait {
            Some(wait) if !known.good.contains(key) => {
                known.count(Failed { token: None, address: Some(address) });
                Err(Denied::slowed(wait))
            }
            _ => Ok(()),
        }
    }

    /// Records that a key was valid.
    pub(super) fn succeeded(&self, key: &KeyHash) {
        let mut known = self.known();
        if known.good.len() >= MAX_GOOD_KEYS {
            // Each returns with its next request; only one that comes from an address slowed down at this moment is
            // refused.
            known.good.clear();
        }
        known.good.insert(key.clone());
    }

    /// Records that a key or access token was refused for that reason, and returns the reason to answer with. `token`
    /// is the token that the key belongs or belonged to, if known.
    pub(super) fn failed(&self, address: IpAddr, denied: Denied, token: Option<&Token>) -> Denied {
        let mut known = self.known();
        known.count(Failed { token: token.map(TriedToken::from), address: Some(address) });
        let now = Instant::now();
        let place = neighbourhood(address);
        if let Some(rate) = self.0.allowance {
            known.forget_old(rate, now);
            let left = known.allowances.entry(place).or_insert_with(|| Allowance::full(rate, now));
            if let Some(wait) = left.wait(rate, now) {
                return Denied::slowed(wait);
            }
            left.take(rate, now);
        }
        drop(known);
        let token_id = token.map(|token| token.id.to_string());
        tracing::warn!(%address, token_id, reason = denied.reason(), "a sign-in failed");
        denied
    }

    /// Writes the failures to the audit log every `pause` until `stop`, and then once more.
    pub(crate) async fn note(self, storage: Storage, pause: Duration, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            self.write(&storage).await;
        }
        self.write(&storage).await;
    }

    async fn write(&self, storage: &Storage) {
        let failed = std::mem::take(&mut self.known().failed);
        if failed.is_empty() {
            return;
        }
        let entries: Vec<FailedSignIns> = failed
            .iter()
            .map(|(Failed { token, address }, count)| {
                tracing::warn!(address = address.map(|address| address.to_string()), count, "sign-ins failed");
                FailedSignIns { token: token.clone(), address: *address, count: *count }
            })
            .collect();
        if let Err(error) = storage.audit().record_failed_sign_ins(&entries).await {
            tracing::warn!(error = error_chain(&error), "failed sign-ins are not in the audit log yet; retrying later");
            let mut known = self.known();
            for (what, count) in failed {
                *known.failed.entry(what).or_default() += count;
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn count(&mut self, failed: Failed) {
        let room = |limit: usize| self.failed.len() < limit;
        let counted = if self.failed.contains_key(&failed) || room(MAX_ENTRIES) {
            failed
        } else if room(2 * MAX_ENTRIES) {
            Failed { address: None, ..failed }
        } else {
            Failed::default()
        };
        *self.failed.entry(counted).or_default() += 1;
    }

    /// Makes room for one more address.
    fn forget_old(&mut self, rate: PerMinute, now: Instant) {
        if self.allowances.len() < MAX_ADDRESSES {
            return;
        }
        self.allowances.retain(|_, left| !left.is_full(rate, now));
        if self.allowances.len() >= MAX_ADDRESSES {
            let mut times: Vec<Instant> = self.allowances.values().map(|left| left.at).collect();
            let middle = times.len() / 2;
            let (_, middle, _) = times.select_nth_unstable(middle);
            let middle = *middle;
            self.allowances.retain(|_, left| left.at > middle);
        }
    }
}

/// How many failures an address may have per minute.
#[derive(Debug, Clone, Copy)]
struct PerMinute(u64);

impl PerMinute {
    fn per_second(self) -> f64 {
        self.0 as f64 / 60.0
    }
}

/// A token bucket: the failures that an address has left, as of a point in time.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    left: f64,
    at: Instant,
}

impl Allowance {
    fn full(rate: PerMinute, at: Instant) -> Self {
        Self { left: rate.0 as f64, at }
    }

    fn left(&self, rate: PerMinute, now: Instant) -> f64 {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * rate.per_second();
        (self.left + earned).min(rate.0 as f64)
    }

    fn is_full(&self, rate: PerMinute, now: Instant) -> bool {
        self.left(rate, now) >= rate.0 as f64
    }

    fn take(&mut self, rate: PerMinute, now: Instant) {
        *self = Self { left: self.left(rate, now) - 1.0, at: now };
    }

    /// How long until a failure is allowed again; `None` if one is allowed now.
    fn wait(&self, rate: PerMinute, now: Instant) -> Option<Duration> {
        let missing = 1.0 - self.left(rate, now);
        (missing > 0.0).then(|| Duration::from_secs_f64(missing / rate.per_second()))
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::ApiKey;

    use super::*;

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn after_its_allowance_an_address_is_slowed_and_others_are_not() {
        let sign_ins = SignIns::new(3);
        for _ in 0..3 {
            assert_eq!(sign_ins.failed(address(1), Denied::Invalid, None), Denied::Invalid);
        }
        assert!(matches!(sign_ins.failed(address(1), Denied::Invalid, None), Denied::Slowed { .. }));
        let new = ApiKey::generate().hash(b"secret");
        assert!(matches!(sign_ins.check(address(1), &new), Err(Denied::Slowed { retry_after_seconds: 1..=20 })));
        assert_eq!(sign_ins.check(address(2), &new), Ok(()));
        sign_ins.succeeded(&new);
        assert_eq!(sign_ins.check(address(1), &new), Ok(()), "it was good before");
    }

    #[test]
    fn an_allowance_grows_back() {
        let (rate, now) = (PerMinute(6), Instant::now());
        let mut left = Allowance::full(rate, now);
        for _ in 0..6 {
            left.take(rate, now);
        }
        assert_eq!(left.wait(rate, now), Some(Duration::from_secs(10)));
        assert_eq!(left.wait(rate, now + Duration::from_secs(11)), None);
        assert!(left.is_full(rate, now + Duration::from_mins(2)));
    }

    #[test]
    fn however_many_addresses_fail_little_is_kept() {
        let sign_ins = SignIns::new(1);
        for n in 0..3 * MAX_ADDRESSES as u32 {
            sign_ins.failed(IpAddr::from(n.to_be_bytes()), Denied::Invalid, None);
        }
        let known = sign_ins.known();
        assert!(known.allowances.len() <= MAX_ADDRESSES && known.failed.len() <= MAX_ENTRIES + 1);
        assert_eq!(known.failed.values().sum::<u64>(), 3 * MAX_ADDRESSES as u64, "none is lost");
    }
}
