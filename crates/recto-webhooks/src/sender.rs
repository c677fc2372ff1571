//! The loop that sends due deliveries.

use std::sync::Arc;
use std::time::Duration;

use recto_domain::{DeliveryAttempt, RetrySchedule, Timestamp, error_chain};
use recto_storage::{Change, ClaimedDelivery, Node, Retry, Storage, Stored};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::address_guard::AddressGuard;
use crate::client::Client;

/// The most deliveries in flight in one process.
const MAX_UNDER_WAY: usize = 64;
/// How much longer a lease lasts than an attempt may take: enough to record the attempt.
const LEASE_MARGIN: Duration = Duration::from_secs(30);
/// How often recording an attempt is tried, and the pause between tries. After that it is dropped, and the event is
/// sent again.
const MAX_RECORD_TRIES: u32 = 5;
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);
/// How often old deliveries are deleted.
const PRUNE_INTERVAL: Duration = Duration::from_hours(1);

/// The rules and times of the sender.
#[derive(Debug, Clone)]
pub struct SenderSettings {
    /// Whether endpoints may be in private networks.
    pub allow_private: bool,
    /// The time limit of an attempt in all.
    pub timeout: Duration,
    /// When failed deliveries are tried again.
    pub schedule: RetrySchedule,
    /// How often to look for deliveries that no notification announced.
    pub poll: Duration,
    /// How long deliveries in flight may take to finish when the sender ends.
    pub drain: Duration,
    /// How long finished deliveries, and events, are kept.
    pub keep: Duration,
}

impl Default for SenderSettings {
    /// Public addresses only, 10 s per attempt, a poll per second, 5 s to finish, and 30 days in the log.
    fn default() -> Self {
        Self {
            allow_private: false,
            timeout: Duration::from_secs(10),
            schedule: RetrySchedule::default(),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(5),
            keep: Duration::from_hours(30 * 24),
        }
    }
}

/// Why the sender cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// TLS cannot be set up.
    #[error("TLS for webhooks cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client for webhooks cannot be created")]
    Client(#[from] reqwest::Error),
}

/// Sends deliveries from one process.
pub struct Sender {
    context: Arc<SenderContext>,
}

struct SenderContext {
    storage: Storage,
    node: Node,
    client: Client,
    settings: SenderSettings,
    /// Cancels the deliveries in flight.
    cut: CancellationToken,
}

impl Sender {
    /// A sender that leases deliveries as `node`.
    pub fn new(storage: Storage, node: Node, settings: SenderSettings) -> Result<Self, SenderError> {
        let client = Client::new(AddressGuard { allow_private: settings.allow_private }, settings.timeout)?;
        Ok(Self { context: Arc::new(SenderContext { storage, node, client, settings, cut: CancellationToken::new() }) })
    }

    /// Sends until `shutdown`. It then waits briefly for deliveries in flight, and releases the rest.
    ///
    /// Errors of the storage are retried, however long they last.
    pub async fn run(self, shutdown: CancellationToken) {
        let context = self.context;
        let tasks = TaskTracker::new();
        let work = async {
            context.claim_until(&shutdown, &tasks).await;
            tasks.close();
            if tokio::time::timeout(context.settings.drain, tasks.wait()).await.is_err() {
                context.cut.cancel();
                tasks.wait().await;
            }
        };
        tokio::select! {
            () = context.prune() => {}
            () = work => {}
        }
    }
}

impl SenderContext {
    /// Claims deliveries and starts a task for each.
    async fn claim_until(self: &Arc<Self>, shutdown: &CancellationToken, tasks: &TaskTracker) {
        let places = Arc::new(Semaphore::new(MAX_UNDER_WAY));
        let mut changes = self.storage.changes();
        loop {
            let place = shutdown.run_until_cancelled(Arc::clone(&places).acquire_owned()).await;
            // The semaphore is never closed.
            let Some(Ok(place)) = place else { return };
            // Not inside a `select!`: a claim that is dropped halfway would hold its delivery until the lease ends.
            let lease = self.settings.timeout + LEASE_MARGIN;
            let pause = match self.storage.webhooks().claim_delivery(&self.node, lease, Timestamp::now()).await {
                Ok(Some(delivery)) => {
                    self.start(delivery, place, tasks);
                    continue;
                }
                Ok(None) => None,
                Err(error) => {
                    tracing::warn!("claiming webhook deliveries failed; retrying: {}", error_chain(&error));
                    Some(PAUSE_AFTER_ERROR)
                }
            };
            drop(place);
            let waited = shutdown.run_until_cancelled(async {
                match pause {
                    None => self.wait_for_deliveries(&mut changes).await,
                    Some(pause) => tokio::time::sleep(pause).await,
                }
            });
            if waited.await.is_none() {
                return;
            }
        }
    }

    /// Returns when something may be due: when this process announces it, and at intervals, because other processes may
    /// have added some and because time passes.
    async fn wait_for_deliveries(&self, changes: &mut broadcast::Receiver<Change>) {
        let told = async {
            loop {
                match changes.recv().await {
                    // The progress of a batch may have caused an event.
                    Ok(Change::Deliveries | Change::Delivery(_) | Change::Batch(_)) | Err(RecvError::Lagged(_)) => {
                        return;
                    }
                    Ok(Change::Work | Change::Stopped(_)) => {}
                    // The storage lives as long as this, so the poll is all that remains.
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        // In either case it is time to look.
        let _ = tokio::time::timeout(self.settings.poll, told).await;
    }

    fn start(self: &Arc<Self>, delivery: ClaimedDelivery, place: OwnedSemaphorePermit, tasks: &TaskTracker) {
        let context = Arc::clone(self);
        tasks.spawn(async move {
            match context.cut.run_until_cancelled(context.client.send(&delivery)).await {
                Some(attempt) => context.record(&delivery, attempt).await,
                None => context.release(&delivery).await,
            }
            drop(place);
        });
    }

    async fn record(&self, delivery: &ClaimedDelivery, attempt: DeliveryAttempt) {
        tracing::debug!(
            webhook = %delivery.webhook_id,
            event = delivery.event_id,
            status = attempt.response_status,
            error = attempt.error,
            "a webhook delivery was sent"
        );
        for _ in 0..MAX_RECORD_TRIES {
            let retry = Retry { schedule: &self.settings.schedule, jitter: jitter() };
            let now = Timestamp::now();
            match self.storage.webhooks().record_attempt(&self.node, delivery.id, attempt.clone(), retry, now).await {
                Ok(Stored::Yes) => return,
                Ok(Stored::NotOurs) => {
                    tracing::debug!(delivery = %delivery.id, "a delivery was deleted or taken over by another node");
                    return;
                }
                Err(error) => {
                    tracing::warn!("recording a webhook delivery failed: {}", error_chain(&error));
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
        tracing::error!(delivery = %delivery.id, "a delivery could not be recorded; it is sent again when its lease ends");
    }

    async fn release(&self, delivery: &ClaimedDelivery) {
        if let Err(error) = self.storage.webhooks().release_deliveries(&self.node, &[delivery.id]).await {
            tracing::warn!(
                "a delivery could not be requeued and waits for its lease to expire: {}",
                error_chain(&error)
            );
        }
    }

    /// Deletes what is old. It runs forever.
    async fn prune(&self) {
        let mut ticks = interval(PRUNE_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.storage.webhooks().prune_deliveries(Timestamp::now().minus(self.settings.keep)).await {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, "old webhook deliveries were deleted"),
                Err(error) => tracing::warn!("old webhook deliveries are not deleted yet: {}", error_chain(&error)),
            }
        }
    }
}

/// A random number from -1 to 1.
fn jitter() -> f64 {
    let mut random = [0; 4];
    match getrandom::fill(&mut random) {
        Ok(()) => f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX) * 2.0 - 1.0,
        // Without jitter everything works, but retries are less spread out.
        Err(_) => 0.0,
    }
}
