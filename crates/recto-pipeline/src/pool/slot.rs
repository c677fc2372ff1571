//! A slot for one worker process: starts it, gives it work, and replaces it.

use std::sync::Arc;
use std::time::Duration;

use recto_domain::OrganizationId;
use tokio::sync::watch;

use super::failure::WorkerFailure;
use super::line::{Line, Order};
use super::parked::{KEPT_FOR, Parked};
use super::process::WorkerProcess;
use super::{End, PoolSettings, PoolStatus};
use crate::metrics::WorkerEnd;

/// A worker is replaced after this many jobs, so that what native code leaks stays bounded.
const JOBS_PER_WORKER: u32 = 500;
/// The pause after a worker that did not start. It doubles up to the longest pause.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The number of starts that may fail in a row before waiting jobs are told.
const PATIENCE: u32 = 3;

/// One of the pool's slots.
pub(super) struct Slot {
    pub(super) settings: Arc<PoolSettings>,
    pub(super) line: Arc<Line>,
    pub(super) parked: Arc<Parked>,
    pub(super) status: watch::Sender<PoolStatus>,
    pub(super) end: End,
}

/// Why a slot has no worker any more.
enum Vacancy {
    /// A new worker must take its place.
    Replace,
    /// It ended before it was given a job, or its replacement did not start. Holds the reason.
    NoStart(String),
    /// There is no more work.
    Over,
}

impl Slot {
    /// Keeps a worker running until the pool ends or nobody can send it jobs any more.
    pub(super) async fn run(self) {
        self.keep_staffed().await;
        self.line.close();
        self.parked.clear().await;
    }

    async fn keep_staffed(&self) {
        let mut failures = 0;
        loop {
            let started = tokio::select! {
                () = self.ended() => return,
                started = WorkerProcess::start(&self.settings) => started,
            };
            let problem = match started {
                Ok(process) => {
                    self.announce(&process);
                    let vacancy = self.work(process).await;
                    self.status.send_modify(|status| status.ready -= 1);
                    match vacancy {
                        Vacancy::Over => return,
                        Vacancy::Replace => None,
                        Vacancy::NoStart(reason) => Some(reason),
                    }
                }
                Err(reason) => Some(reason),
            };
            let Some(reason) = problem else {
                failures = 0;
                continue;
            };
            failures += 1;
            self.give_notice(failures, &reason);
            let pause = (FIRST_PAUSE * 2u32.saturating_pow(failures - 1)).min(LONGEST_PAUSE);
            tokio::select! {
                () = self.ended() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Returns when no more work may be begun.
    async fn ended(&self) {
        tokio::select! {
            () = self.end.finish.cancelled() => {}
            () = self.end.stop.cancelled() => {}
        }
    }

    fn announce(&self, process: &WorkerProcess) {
        let introduction = &process.introduction;
        self.status.send_modify(|status| {
            status.ready += 1;
            status.problem = None;
            status.walls.clone_from(&introduction.walls);
            status.unconfined.clone_from(&introduction.unconfined);
            status.engines.clone_from(&introduction.engines);
            status.way.clone_from(&introduction.way);
        });
    }

    /// Reports that no worker starts. If none is running, it answers the waiting jobs with that failure.
    fn give_notice(&self, failures: u32, reason: &str) {
        tracing::error!(failures, "a worker process did not start: {reason}");
        self.settings.metrics.worker_ended(WorkerEnd::NotStarted);
        self.status.send_modify(|status| status.problem = Some(reason.to_owned()));
        if failures < PATIENCE || self.status.borrow().ready > 0 {
            return;
        }
        self.line.turn_away(&WorkerFailure::Start { reason: reason.to_owned() });
    }

    /// Gives a worker one job after another until it must be replaced or no more come.
    async fn work(&self, mut process: WorkerProcess) -> Vacancy {
        loop {
            let order = tokio::select! {
                biased;
                () = self.ended() => None,
                order = self.line.next(process.served) => order,
                () = process.exited() => {
                    tracing::warn!("an idle worker ended; starting another");
                    if process.jobs == 0 {
                        return Vacancy::NoStart("it ended before it received any work".to_owned());
                    }
                    self.settings.metrics.worker_ended(WorkerEnd::Killed);
                    return Vacancy::Replace;
                }
                () = tokio::time::sleep(KEPT_FOR) => {
                    self.parked.retire().await;
                    continue;
                }
            };
            let Some(order) = order else {
                process.kill().await;
                return Vacancy::Over;
            };
            let exchanged = tokio::select! {
                biased;
                () = self.end.stop.cancelled() => {
                    order.turn_away(WorkerFailure::Cancelled);
                    return Vacancy::Over;
                }
                exchanged = self.exchange(process, order.organization) => exchanged,
            };
            process = match exchanged {
                Ok(fitting) => fitting,
                Err(reason) => {
                    self.line.give_back(order);
                    return Vacancy::NoStart(reason);
                }
            };
            match self.carry_out(process, order).await {
                Some(kept) => process = kept,
                None => return Vacancy::Replace,
            }
        }
    }

    /// A worker that may read files of this organization: this one, a parked one, or a new one.
    async fn exchange(&self, process: WorkerProcess, organization: OrganizationId) -> Result<WorkerProcess, String> {
        if process.may_serve(organization) {
            return Ok(process);
        }
        let fitting = self.parked.take(organization);
        self.parked.put(process).await;
        match fitting {
            Some(fitting) => Ok(fitting),
            None => WorkerProcess::start(&self.settings).await,
        }
    }

    /// Does one job; returns the worker unless it must be replaced.
    async fn carry_out(&self, mut process: WorkerProcess, mut order: Order) -> Option<WorkerProcess> {
        process.dedicate(order.organization);
        order.begin();
        let answer = tokio::select! {
            biased;
            () = order.reply.closed() => {
                self.settings.metrics.worker_ended(WorkerEnd::Cancelled);
                process.kill().await;
                return None;
            }
            () = self.end.stop.cancelled() => {
                process.kill().await;
                order.turn_away(WorkerFailure::Cancelled);
                return None;
            }
            answer = process.answer(&order.request, &order.file, order.limit) => answer,
        };
        match answer {
            Ok(answer) => {
                // A sender that no longer waits needs no answer.
                let _ = order.reply.send(Ok(answer));
                self.keep_or_replace(process).await
            }
            Err(trouble) => {
                let failure = process.end_after(trouble, &order.request, &self.settings).await;
                self.settings.metrics.worker_ended(failure.end());
                order.turn_away(failure);
                None
            }
        }
    }

    async fn keep_or_replace(&self, process: WorkerProcess) -> Option<WorkerProcess> {
        let swollen = process.resident_bytes().await.is_some_and(|bytes| bytes > self.settings.memory_bytes / 2);
        if swollen || process.jobs >= JOBS_PER_WORKER {
            tracing::debug!(swollen, jobs = process.jobs, "replacing a worker");
            self.settings.metrics.worker_ended(WorkerEnd::WornOut);
            process.kill().await;
            return None;
        }
        Some(process)
    }
}
