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

/// How workers are started and what they may use.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// The executable: the server's own, as a rule.
    pub command: PathBuf,
    /// What makes it call [`serve`](crate::serve), and its settings.
    pub args: Vec<OsString>,
    /// How many workers there are; one a core is best.
    pub count: usize,
    /// The address space of one worker in bytes.
    pub memory_bytes: u64,
    /// How long a worker may be silent over a page.
    pub page_timeout: Duration,
    /// Engines that the pool asks for its workers, beside those that the workers have.
    pub remote: Vec<Arc<dyn RemoteEngine>>,
    /// Where it is counted what becomes of work and workers.
    pub metrics: PipelineMetrics,
}

impl PoolSettings {
    /// Room for a page of 200 megapixels with Tesseract at work on it, and some.
    pub const DEFAULT_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;
    /// Thirty times what a dense page takes on a slow core.
    pub const DEFAULT_PAGE_TIMEOUT: Duration = Duration::from_mins(1);
}

/// How the pool is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolStatus {
    /// Workers that are ready or at work.
    pub ready: usize,
    /// Why the last worker did not start, for the operator; `None` once one does.
    pub problem: Option<String>,
    /// What the workers can do; empty until the first is ready.
    pub engines: Vec<EngineInfo>,
    /// What shuts the workers in, outermost first; empty until the first is ready.
    pub walls: Vec<String>,
    /// What of the sandbox this machine does not offer; empty when all of it stands.
    pub unconfined: Vec<String>,
    /// How the workers read; `None` until the first is ready.
    pub(crate) way: Option<Way>,
}

/// What came of a job, and what it cost.
#[derive(Debug)]
pub struct Attempt {
    /// The answer.
    pub answer: Result<Answer, WorkerFailure>,
    /// How long a worker was at it; the time in line is not counted.
    pub took: Duration,
}

/// Worker processes behind one queue. A cheap handle; clones share the workers.
///
/// A worker reads files of one organization only, for as long as it lives. When another organization's turn comes, the
/// worker is set aside for a while and another takes its place: there are at most twice [`PoolSettings::count`].
///
/// When the last handle is gone the workers end; [`WorkerPool::finish`] waits for that.
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
    /// Jobs at work are finished, others are not begun.
    finish: CancellationToken,
    /// At once.
    stop: CancellationToken,
}

impl WorkerPool {
    /// Starts the workers in the background, on the current Tokio runtime.
    #[must_use]
    pub fn start(settings: PoolSettings) -> Self {
        let settings = Arc::new(settings);
        // Whoever sends waits in line: the queue itself needs no depth beyond what keeps every slot fed.
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
    /// `organization` is whose file it is: no worker that has read a file of another one gets to see it. `blob` names
    /// the file: a worker that has the file of that name open already goes on with it, so one name must
    /// always mean the same bytes. Dropping the future ends the work: a worker that is at it is killed.
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

    /// As [`WorkerPool::run`] within less time than [`PoolSettings::page_timeout`], and tells what it took.
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

    /// How the pool is, now and as it changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<PoolStatus> {
        self.status.clone()
    }

    /// Where it is counted what becomes of work and workers.
    pub(crate) fn metrics(&self) -> &PipelineMetrics {
        &self.settings.metrics
    }

    /// How many workers there are meant to be.
    #[must_use]
    pub fn count(&self) -> usize {
        self.settings.count.max(1)
    }

    /// Ends the pool: jobs at work may finish within `limit`, those in line are [`WorkerFailure::Cancelled`] at once
    /// and the others then. Returns when all workers are gone.
    pub async fn finish(&self, limit: Duration) {
        self.end.finish.cancel();
        if tokio::time::timeout(limit, self.slots.wait()).await.is_err() {
            self.end.stop.cancel();
            self.slots.wait().await;
        }
    }
}
