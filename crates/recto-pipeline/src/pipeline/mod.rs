//! Claims work, has it done, and stores the results.

mod backoff;
mod extraction;
mod in_flight;
mod item;
mod plans;
mod unlock;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use recto_domain::{WorkItem, WorkKind, error_chain};
use recto_extract::Extractor;
use recto_storage::{Change, Node, Storage};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::pool::WorkerPool;
use backoff::Backoff;
use in_flight::InFlight;
use plans::Plans;

/// The settings of the pipeline: its times, and whether it reuses earlier results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineSettings {
    /// How long claimed work is leased without renewal. Leases are renewed three times as often. When a node dies,
    /// other nodes wait this long for its work.
    pub lease: Duration,
    /// How often to look for work that no notification announced.
    pub poll: Duration,
    /// How long pages in flight may take to finish when the pipeline ends.
    pub drain: Duration,
    /// The time limit for extracting the fields of one document.
    pub extraction_limit: Duration,
    /// The pause before an unavailable extractor is tried again. It grows by this much with each further failure.
    pub extraction_pause: Duration,
    /// Whether a file that was read before takes over that result, unless the request says otherwise.
    pub reuse: bool,
}

impl Default for PipelineSettings {
    /// A lease of a minute, a poll per second, and 30 seconds to finish. The fields of a document have two minutes, and
    /// are tried again after half a minute. Earlier results are reused.
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(1),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(30),
            extraction_limit: Duration::from_mins(2),
            extraction_pause: Duration::from_secs(30),
            reuse: true,
        }
    }
}

/// How long results may take to be stored once the workers are gone.
const STORE_LIMIT: Duration = Duration::from_secs(5);

/// The number of documents that are searched for fields at the same time. Each is completely in memory. An extractor on
/// another machine may take long for one, but workers do not wait for it.
const EXTRACTIONS_AT_ONCE: usize = 4;

/// The pipeline of one node.
pub struct Pipeline {
    context: Arc<PipelineContext>,
}

/// The state shared by all tasks that work on items.
struct PipelineContext {
    storage: Storage,
    node: Node,
    pool: WorkerPool,
    extractor: Arc<dyn Extractor>,
    settings: PipelineSettings,
    in_flight: InFlight,
    plans: Arc<Plans>,
}

/// The two lines of the queue, each with its own permits.
#[derive(Debug, Clone, Copy)]
enum Line {
    Workers,
    Extraction,
}

/// The permit of a claimed item in flight. It is free again when its last holder drops it.
type Permit = Arc<Option<OwnedSemaphorePermit>>;

impl Pipeline {
    /// A pipeline that works as `node`, reads pages with the workers of `pool`, and extracts fields with `extractor`.
    #[must_use]
    pub fn new(
        storage: Storage,
        node: Node,
        pool: WorkerPool,
        extractor: Arc<dyn Extractor>,
        settings: PipelineSettings,
    ) -> Self {
        Self {
            context: Arc::new(PipelineContext {
                storage,
                node,
                pool,
                extractor,
                settings,
                in_flight: InFlight::default(),
                plans: Arc::default(),
            }),
        }
    }

    /// Works until `shutdown`. It then lets pages in flight finish, releases the rest to the queue, and ends the pool.
    ///
    /// Errors of the storage are retried, however long they last.
    pub async fn run(self, shutdown: CancellationToken) {
        let tasks = TaskTracker::new();
        let context = self.context;
        let work = async {
            tokio::join!(
                context.claim_until(Line::Workers, &shutdown, &tasks),
                context.claim_until(Line::Extraction, &shutdown, &tasks),
            );
            context.wind_up(&tasks).await;
        };
        tokio::select! {
            () = context.upkeep() => {}
            () = work => {}
        }
    }
}

impl PipelineContext {
    /// Claims items of a line and starts a task for each.
    async fn claim_until(self: &Arc<Self>, line: Line, shutdown: &CancellationToken, tasks: &TaskTracker) {
        let places = Arc::new(Semaphore::new(match line {
            // One item at work for every worker, and half as many waiting or being stored, so that a worker that has
            // finished a page finds the next one in memory. Not more, because later work would wait behind them.
            Line::Workers => self.pool.count() + self.pool.count().div_ceil(2),
            Line::Extraction => EXTRACTIONS_AT_ONCE,
        }));
        let mut changes = self.storage.changes();
        let mut backoff = Backoff::new();
        loop {
            let place = tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                place = self.free_permit(&places) => place,
            };
            // Not inside a `select!`: a claim that is dropped halfway would hold its item until the lease ends.
            let pause = match self.claim(line).await {
                Ok(Some(item)) => {
                    backoff.reset();
                    self.start(item, place, tasks);
                    continue;
                }
                Ok(None) => {
                    backoff.reset();
                    None
                }
                Err(error) => Some(error),
            };
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                () = async {
                    match &pause {
                        None => self.wait_for_work(&mut changes).await,
                        Some(error) => backoff.wait_after("claiming work", error).await,
                    }
                } => {}
            }
        }
    }

    async fn claim(&self, line: Line) -> recto_storage::Result<Option<WorkItem>> {
        match line {
            Line::Workers => self.storage.queue().claim(&self.node, self.settings.lease).await,
            Line::Extraction => self.storage.queue().claim_extraction(&self.node, self.settings.lease).await,
        }
    }

    /// Waits for a free permit, and for a worker that could take the item.
    async fn free_permit(&self, places: &Arc<Semaphore>) -> Permit {
        // This fails only when the pool is gone; the pipeline then ends too.
        let _ = self.pool.status().wait_for(|status| status.ready > 0).await;
        // The semaphore is never closed.
        Arc::new(Arc::clone(places).acquire_owned().await.ok())
    }

    /// Returns when there may be work: when this process announces it, and at intervals because others may have added
    /// some.
    async fn wait_for_work(&self, changes: &mut broadcast::Receiver<Change>) {
        let told = async {
            loop {
                match changes.recv().await {
                    Ok(Change::Work) | Err(RecvError::Lagged(_)) => return,
                    Ok(_) => {}
                    // The storage lives as long as this, so the poll is all that remains.
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        // In either case it is time to look.
        let _ = tokio::time::timeout(self.settings.poll, told).await;
    }

    fn start(self: &Arc<Self>, item: WorkItem, place: Permit, tasks: &TaskTracker) {
        let context = Arc::clone(self);
        let stop = self.in_flight.take_up(&item);
        let (page, named) = match item.kind {
            WorkKind::Page { number } => (Some(number), "read page"),
            WorkKind::Open => (None, "open file"),
            WorkKind::Extract => (None, "find fields"),
        };
        // The span names the item in everything that is logged meanwhile.
        let span =
            tracing::info_span!("work", batch = %item.batch_id, record = %item.record_id, page, otel.name = named);
        let work = async move {
            let id = item.id;
            context.carry_out(item, &place, &stop).await;
            context.in_flight.put_down(id);
            drop(place);
        };
        tasks.spawn(work.instrument(span));
    }

    /// Ends the pool and releases what was not finished.
    async fn wind_up(&self, tasks: &TaskTracker) {
        tracing::debug!(items = self.in_flight.ids().len(), "no more work is accepted");
        tasks.close();
        self.pool.finish(self.settings.drain).await;
        if tokio::time::timeout(STORE_LIMIT, tasks.wait()).await.is_ok() {
            return;
        }
        let left = self.in_flight.ids();
        self.in_flight.stop_items(&left);
        tasks.wait().await;
        if let Err(error) = self.storage.queue().release(&self.node, &left).await {
            tracing::warn!("work could not be requeued and waits for its lease to expire: {}", error_chain(&error));
        }
    }
}
