//! Workers that wait until their organization's turn comes again.
//!
//! Nobody can tell from outside what a document did to the process that read it, so a worker serves one organization
//! for life. A worker whose place is needed for another organization is parked rather than ended, because organizations
//! tend to take turns page by page.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recto_domain::OrganizationId;

use super::process::WorkerProcess;

/// How long an unused worker is kept.
pub(super) const KEPT_FOR: Duration = Duration::from_mins(1);

/// The parked workers, those that have waited longest first.
pub(super) struct Parked {
    workers: Mutex<Vec<(Instant, WorkerProcess)>>,
    most: usize,
}

impl Parked {
    /// Room for `most` workers.
    pub(super) fn new(most: usize) -> Self {
        Self { workers: Mutex::default(), most }
    }

    /// A living worker that has served this organization and no other.
    pub(super) fn take(&self, organization: OrganizationId) -> Option<WorkerProcess> {
        loop {
            let (_, mut worker) = {
                let mut workers = self.workers();
                let at = workers.iter().rposition(|(_, worker)| worker.served == Some(organization))?;
                workers.remove(at)
            };
            if worker.is_alive() {
                return Some(worker);
            }
        }
    }

    /// Parks a worker. When there is no room, the one that has waited longest is ended.
    pub(super) async fn put(&self, worker: WorkerProcess) {
        let surplus = {
            let mut workers = self.workers();
            workers.push((Instant::now(), worker));
            (workers.len() > self.most).then(|| workers.remove(0))
        };
        if let Some((_, worker)) = surplus {
            worker.kill().await;
        }
    }

    /// Ends the workers that have waited for [`KEPT_FOR`].
    pub(super) async fn retire(&self) {
        self.end_if(|since| since.elapsed() >= KEPT_FOR).await;
    }

    /// Ends all workers.
    pub(super) async fn clear(&self) {
        self.end_if(|_| true).await;
    }

    async fn end_if(&self, over: impl Fn(Instant) -> bool) {
        let ended: Vec<_> = self.workers().extract_if(.., |(since, _)| over(*since)).collect();
        for (_, worker) in ended {
            worker.kill().await;
        }
    }

    fn workers(&self) -> MutexGuard<'_, Vec<(Instant, WorkerProcess)>> {
        // No function here can leave the list half-changed.
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
