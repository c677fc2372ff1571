//! Limits of simultaneous work. They bound the memory that requests use, and share the places fairly.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use recto_domain::{OrganizationId, Token, TokenId};
use tokio::sync::Notify;

use crate::error::ApiError;

/// Templates that may learn at once; each has up to ten documents in memory and a thread.
const LESSONS: usize = 4;
/// Files and pictures of pages that may be sent at once; each has a file open or a picture in memory.
const DOWNLOADS: usize = 256;
/// Seconds after which a client that got no place should try again.
const RETRY_AFTER_SECONDS: u64 = 5;

/// How many places there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceSettings {
    /// Requests in progress; each may have its response in memory.
    pub requests: usize,
    /// Uploads being received; each buffers about half a megabyte on its way to the blob store.
    pub uploads: usize,
    /// Exports being written; each has a thread and an exporter's working memory.
    pub exports: usize,
    /// Clients that listen to a batch; each reads it about once a second.
    pub event_streams: usize,
    /// How long a request waits for a place within its own share before it is refused.
    pub wait: Duration,
}

impl Default for PlaceSettings {
    fn default() -> Self {
        Self { requests: 1024, uploads: 128, exports: 32, event_streams: 512, wait: Duration::from_secs(5) }
    }
}

/// The kinds of work that need a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Work {
    /// A request in progress, whatever it does.
    Request,
    /// An upload being received.
    Upload,
    /// An export being written.
    Export,
    /// A client that listens to a batch.
    EventStream,
    /// A template that is learning.
    Lesson,
    /// A file or a picture being sent.
    Download,
}

impl Work {
    const ALL: [Self; 6] = [Self::Request, Self::Upload, Self::Export, Self::EventStream, Self::Lesson, Self::Download];

    fn places(self, settings: &PlaceSettings) -> usize {
        match self {
            Self::Request => settings.requests,
            Self::Upload => settings.uploads,
            Self::Export => settings.exports,
            Self::EventStream => settings.event_streams,
            Self::Lesson => LESSONS,
            Self::Download => DOWNLOADS,
        }
    }

    /// The plural, for messages.
    fn plural(self) -> &'static str {
        match self {
            Self::Request => "requests",
            Self::Upload => "uploads",
            Self::Export => "exports",
            Self::EventStream => "event streams",
            Self::Lesson => "lessons",
            Self::Download => "downloads",
        }
    }
}

/// The holder of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    organization: OrganizationId,
    /// The key; `None` for a download by a signed link.
    key: Option<TokenId>,
}

impl Holder {
    /// A client that follows a link to a file of that organization.
    pub(crate) fn of_link(organization: OrganizationId) -> Self {
        Self { organization, key: None }
    }
}

impl From<&Token> for Holder {
    fn from(token: &Token) -> Self {
        Self { organization: token.organization_id, key: Some(token.id) }
    }
}

/// The places of one server, shared between organizations and keys.
///
/// An organization holds at most half of the places of each kind, and a key at most a quarter, so that another key of
/// the same organization finds one too. An organization that holds none gets one even when all are taken; the limit can
/// be exceeded by at most the number of organizations.
#[derive(Debug, Clone)]
pub(crate) struct Permits(Arc<Shares>);

#[derive(Debug)]
struct Shares {
    /// In the order of [`Work::ALL`].
    of: [Share; Work::ALL.len()],
    wait: Duration,
}

#[derive(Debug)]
struct Share {
    ledger: Mutex<Ledger>,
    given_back: Notify,
}

impl Share {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permits {
    pub(crate) fn new(settings: &PlaceSettings) -> Self {
        let share = |work: Work| {
            let ledger = Ledger { places: work.places(settings).max(1), ..Ledger::default() };
            Share { ledger: Mutex::new(ledger), given_back: Notify::new() }
        };
        Self(Arc::new(Shares { of: Work::ALL.map(share), wait: settings.wait }))
    }

    /// A place, held until it is dropped. A holder that has used up its share waits briefly for one of its own places,
    /// and is then refused.
    pub(crate) async fn take(&self, work: Work, holder: impl Into<Holder>) -> Result<Permit, ApiError> {
        let holder = holder.into();
        let share = &self.0.of[work as usize];
        let patience = tokio::time::sleep(self.0.wait);
        tokio::pin!(patience);
        loop {
            let mut given_back = std::pin::pin!(share.given_back.notified());
            given_back.as_mut().enable();
            let full = match share.ledger().take(holder) {
                Ok(()) => return Ok(Permit { shares: Arc::clone(&self.0), work, holder }),
                Err(full) => full,
            };
            tokio::select! {
                () = given_back => {}
                () = &mut patience => return Err(full.refusal(work)),
            }
        }
    }
}

/// A place that is taken; it is returned when dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    shares: Arc<Shares>,
    work: Work,
    holder: Holder,
}

impl Permit {
    /// Keeps the place until the response is sent.
    pub(crate) fn until_sent(self, answer: Response) -> Response {
        answer.map(|body| Body::new(Held { body, _place: self }))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let share = &self.shares.of[self.work as usize];
        share.ledger().give_back(self.holder);
        share.given_back.notify_waiters();
    }
}

/// A body that holds a place.
struct Held {
    body: Body,
    _place: Permit,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How many places of a kind each holder has.
#[derive(Debug, Default)]
struct Ledger {
    places: usize,
    taken: usize,
    organizations: HashMap<OrganizationId, usize>,
    keys: HashMap<TokenId, usize>,
}

/// Why no place is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    /// The key has as many as a key may have.
    Key(usize),
    /// The organization has as many as an organization may have.
    Organization(usize),
    /// All are taken, some of them by the same organization.
    All(usize),
}

impl Full {
    fn refusal(self, work: Work) -> ApiError {
        let (whose, most) = match self {
            Self::Key(most) => ("per key", most),
            Self::Organization(most) => ("per organization", most),
            Self::All(most) => ("in total", most),
        };
        ApiError::TooManyAtOnce { what: work.plural(), whose, most, retry_after_seconds: RETRY_AFTER_SECONDS }
    }
}

impl Ledger {
    fn take(&mut self, holder: Holder) -> Result<(), Full> {
        let (of_organization, of_key) = ((self.places / 2).max(1), (self.places / 4).max(1));
        let organization = self.organizations.get(&holder.organization).copied().unwrap_or_default();
        let key = holder.key.and_then(|key| self.keys.get(&key).copied()).unwrap_or_default();
        if key >= of_key {
            return Err(Full::Key(of_key));
        }
        if organization >= of_organization {
            return Err(Full::Organization(of_organization));
        }
        if self.taken >= self.places && organization > 0 {
            return Err(Full::All(self.places));
        }
        self.taken += 1;
        *self.organizations.entry(holder.organization).or_default() += 1;
        if let Some(key) = holder.key {
            *self.keys.entry(key).or_default() += 1;
        }
        Ok(())
    }

    fn give_back(&mut self, holder: Holder) {
        self.taken -= 1;
        one_less(&mut self.organizations, holder.organization);
        if let Some(key) = holder.key {
            one_less(&mut self.keys, key);
        }
    }
}

/// Counts one down. A holder with none left is removed, so that the maps never have more entries than there are places.
fn one_less<K: Hash + Eq>(counts: &mut HashMap<K, usize>, of: K) {
    if let Entry::Occupied(mut count) = counts.entry(of) {
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holder() -> Holder {
        Holder { organization: OrganizationId::generate(), key: Some(TokenId::generate()) }
    }

    fn ledger(places: usize) -> Ledger {
        Ledger { places, ..Ledger::default() }
    }

    #[test]
    fn a_key_has_a_quarter_and_an_organization_half() {
        let mut ledger = ledger(8);
        let first = holder();
        let second = Holder { key: Some(TokenId::generate()), ..first };
        let third = Holder { key: Some(TokenId::generate()), ..first };
        for key in [first, first, second, second] {
            ledger.take(key).unwrap();
        }
        assert_eq!(ledger.take(first), Err(Full::Key(2)));
        assert_eq!(ledger.take(third), Err(Full::Organization(4)));
        ledger.give_back(second);
        assert_eq!(ledger.take(third), Ok(()));
    }

    proptest! {
        /// In any order of taking and returning: an organization without a place always gets one, no holder exceeds its
        /// share, and at most as many places are taken as there are places and organizations together.
        #[test]
        fn an_organization_without_a_place_always_finds_one(
            places in 1usize..12,
            steps in proptest::collection::vec((0usize..4, 0usize..3, any::<bool>()), 0..200)
        ) {
            let organizations: Vec<_> = (0..4).map(|_| OrganizationId::generate()).collect();
            let keys: Vec<_> = (0..12).map(|_| TokenId::generate()).collect();
            let mut ledger = ledger(places);
            let mut taken: Vec<Holder> = Vec::new();
            for (organization, key, takes) in steps {
                let holder = Holder { organization: organizations[organization], key: Some(keys[organization * 3 + key]) };
                if takes {
                    let has = taken.iter().filter(|other| other.organization == holder.organization).count();
                    match ledger.take(holder) {
                        Ok(()) => taken.push(holder),
                        Err(_) => prop_assert!(has > 0),
                    }
                } else if let Some(at) = taken.iter().position(|other| *other == holder) {
                    ledger.give_back(taken.swap_remove(at));
                }
                prop_assert!(ledger.taken <= places + organizations.len());
                prop_assert!(ledger.organizations.values().all(|held| *held <= (places / 2).max(1)));
                prop_assert!(ledger.keys.values().all(|held| *held <= (places / 4).max(1)));
            }
            for holder in taken {
                ledger.give_back(holder);
            }
            prop_assert!(ledger.taken == 0 && ledger.organizations.is_empty() && ledger.keys.is_empty());
        }
    }
}
