//! The pool of worker processes.

mod failure;
mod kernel_kills;
mod line;
mod parked;
mod process;
mod slot;
mod stderr_tail;

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use recto_domain::{EngineInfo, OrganizationId, TimeLimit};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use failure::{Death, WorkerFailure};
use line::{Line, Order};
use parked::Parked;
use slot::Slot;

use crate::message::{Answer, Job, Request};
use crate::metrics::PipelineMetrics;
use crate::remote::RemoteEngine;
use crate::way::Way;

/// How workers are started, and their limits.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// The executable, normally the server's own.
    pub command: PathBuf,
    /// The arguments that make it call [`serve`](crate::serve), with its settings.
    pub args: Vec<OsString>,
    /// The number of workers; one per core is best.
    pub count: usize,
    /// The limit of one worker's address space in bytes.
    pub memory_bytes: u64,
    /// How long a worker may stay silent during a page.
    pub page_timeout: Duration,
    /// Engines that the pool calls for its workers, in addition to the workers' own.
    pub remote: Vec<Arc<dyn RemoteEngine>>,
    /// The metrics of work and workers.
    pub metrics: PipelineMetrics,
}

impl PoolSettings {
    /// Enough for a page of 200 megapixels read with Tesseract, with a reserve.
    pub const DEFAULT_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;
    /// Thirty times the time for a dense page on a slow core.
    pub const DEFAULT_PAGE_TIMEOUT: Duration = Duration::from_mins(1);
}

/// The state of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolStatus {
    /// The number of workers that are ready or at work.
    pub ready: usize,
    /// Why the last worker did not start, for the operator; `None` as soon as one starts.
    pub problem: Option<String>,
    /// The engines of the workers; empty until the first worker is ready.
    pub engines: Vec<EngineInfo>,
    /// The kinds of confinement of the workers, outermost first; empty until the first is ready.
    pub walls: Vec<String>,
    /// The parts of the sandbox that this machine does not offer; empty when all are in effect.
    pub unconfined: Vec<String>,
    /// How the workers read; `None` until the first is ready.
    pub(crate) way: Option<Way>,
}

/// The result of a job, and its cost.
#[derive(Debug)]
pub struct Attempt {
    /// The answer.
    pub answer: Result<Answer, WorkerFailure>,
    /// How long a worker took, without the time in the queue.
    pub took: Duration,
}

/// Worker processes behind one queue. It is a cheap handle; clones share the workers.
///
/// A worker reads files of one organization only, for its whole life. When another organization's turn comes, the
/// worker is parked for a while and another takes its place, so there are at most twice [`PoolSettings::count`].
///
/// The workers end when the last handle is dropped; [`WorkerPool::finish`] waits for that.
#[derive(Clone)]
pub struct WorkerPool {
    line: Arc<Line>,
    status: watch::Receiver<PoolStatus>,
    settings: Arc<PoolSettings>,
    end: End,
    slots: TaskTracker,
    _stop_with_the_last_handle: Arc<DropGuard>,
}

impl fmt::Debug for WorkerPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPool").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The two ways in which a pool ends.
#[derive(Debug, Clone, Default)]
struct End {
    /// Jobs at work are finished, and others are not begun.
    finish: CancellationToken,
    /// Everything ends at once.
    stop: CancellationToken,
}

impl WorkerPool {
    /// Starts the workers in the background, on the current Tokio runtime.
    #[must_use]
    pub fn start(settings: PoolSettings) -> Self {
        let settings = Arc::new(settings);
        // Senders wait for a permit, so the queue only needs to be as long as there are workers to feed.
        let line = Arc::new(Line::new(settings.count.max(1)));
        let parked = Arc::new(Parked::new(settings.count.max(1)));
        let (status, status_receiver) = watch::channel(PoolStatus::default());
        let end = End::default();
        let slots = TaskTracker::new();
        for _ in 0..settings.count.max(1) {
            let slot = Slot {
                settings: Arc::clone(&settings),
                line: Arc::clone(&line),
                parked: Arc::clone(&parked),
                status: status.clone(),
                end: end.clone(),
            };
            slots.spawn(slot.run());
        }
        slots.close();
        let guard = Arc::new(end.stop.clone().drop_guard());
        Self { line, status: status_receiver, settings, end, slots, _stop_with_the_last_handle: guard }
    }

    /// Has a worker do a job with a file that was opened for reading.
    ///
    /// `organization` is the owner of the file: no worker that has read a file of another organization gets to see it.
    /// `blob` names the file. A worker that has a file of that name open reuses it, so one name must always mean the
    /// same bytes. Dropping the future ends the work: a worker that is doing it is killed.
    pub async fn run(
        &self,
        organization: OrganizationId,
        blob: &str,
        job: Job,
        file: File,
    ) -> Result<Answer, WorkerFailure> {
        let limit = TimeLimit { silence: self.settings.page_timeout, total: None };
        self.attempt(organization, blob, job, file, limit).await.answer
    }

    /// Like [`WorkerPool::run`], with a limit below [`PoolSettings::page_timeout`]. It also returns the cost.
    pub async fn attempt(
        &self,
        organization: OrganizationId,
        blob: &str,
        job: Job,
        file: File,
        limit: TimeLimit,
    ) -> Attempt {
        let limit = TimeLimit { silence: limit.silence.min(self.settings.page_timeout), ..limit };
        let (reply, answer) = oneshot::channel();
        let order = Order::new(organization, Request { blob: blob.to_owned(), job }, file, limit, reply);
        let begun = order.begun();
        let is_in_line = tokio::select! {
            biased;
            () = self.end.finish.cancelled() => false,
            () = self.line.join(order) => true,
        };
        let answer = if is_in_line { answer.await.ok() } else { None };
        let took = begun.get().map_or(Duration::ZERO, Instant::elapsed);
        Attempt { answer: answer.unwrap_or(Err(WorkerFailure::Cancelled)), took }
    }

    /// The state of the pool, now and as it changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<PoolStatus> {
        self.status.clone()
    }

    /// The metrics of work and workers.
    pub(crate) fn metrics(&self) -> &PipelineMetrics {
        &self.settings.metrics
    }

    /// The intended number of workers.
    #[must_use]
    pub fn count(&self) -> usize {
        self.settings.count.max(1)
    }

    /// Ends the pool. Jobs at work may finish within `limit`, and are [`WorkerFailure::Cancelled`] after it; those in
    /// the queue are cancelled at once. Returns when all workers are gone.
    pub async fn finish(&self, limit: Duration) {
        self.end.finish.cancel();
        if tokio::time::timeout(limit, self.slots.wait()).await.is_err() {
            self.end.stop.cancel();
            self.slots.wait().await;
        }
    }
}
