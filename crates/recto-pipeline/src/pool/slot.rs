//! A place for one worker process: starts it, gives it work, replaces it.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use recto_domain::TimeLimit;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use super::failure::WorkerFailure;
use super::process::WorkerProcess;
use super::{End, PoolSettings, PoolStatus};
use crate::message::{Answer, Request};

/// A worker is replaced after this many jobs, so that what native code leaks stays bounded.
const JOBS_PER_WORKER: u32 = 500;
/// The wait after a worker that did not start; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Starts that may fail in a row before those who wait are told.
const PATIENCE: u32 = 3;

/// A job on its way to a worker. Whoever waits for the answer may go away, which ends the work.
pub(super) struct Order {
    pub(super) request: Request,
    pub(super) file: std::fs::File,
    pub(super) limit: TimeLimit,
    /// Set when a worker begins with it.
    pub(super) begun: Arc<OnceLock<Instant>>,
    pub(super) reply: oneshot::Sender<Result<Answer, WorkerFailure>>,
}

/// One of the pool's places.
pub(super) struct Slot {
    pub(super) settings: Arc<PoolSettings>,
    pub(super) orders: Arc<Mutex<mpsc::Receiver<Order>>>,
    pub(super) status: watch::Sender<PoolStatus>,
    pub(super) end: End,
}

/// Why a slot has no worker any more.
enum Vacancy {
    /// Another is to take its place.
    Replace,
    /// It ended before it was given anything.
    FellOver,
    /// There is no more work.
    Over,
}

impl Slot {
    /// Keeps a worker at work until the pool ends or nobody can give it work any more.
    pub(super) async fn run(self) {
        self.keep_staffed().await;
        let mut orders = self.orders.lock().await;
        orders.close();
        turn_away(&mut orders, &WorkerFailure::Cancelled);
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
                        Vacancy::FellOver => Some("it ended before it was given any work".to_owned()),
                    }
                }
                Err(reason) => Some(reason),
            };
            let Some(reason) = problem else {
                failures = 0;
                continue;
            };
            failures += 1;
            self.give_notice(failures, &reason).await;
            let pause = (FIRST_PAUSE * 2u32.saturating_pow(failures - 1)).min(LONGEST_PAUSE);
            tokio::select! {
                () = self.ended() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Resolves when no more work is to be begun.
    async fn ended(&self) {
        tokio::select! {
            () = self.end.finish.cancelled() => {}
            () = self.end.stop.cancelled() => {}
        }
    }

    fn announce(&self, process: &WorkerProcess) {
        let introduction = &process.introduction;
        self.status.send_modify(|status| {
            if status.unconfined != introduction.unconfined {
                tracing::warn!("workers are not fully confined: {}", introduction.unconfined.join("; "));
            }
            status.ready += 1;
            status.problem = None;
            status.unconfined.clone_from(&introduction.unconfined);
            status.engines.clone_from(&introduction.engines);
        });
    }

    /// Tells that no worker starts, and turns away who waits if none is there at all.
    async fn give_notice(&self, failures: u32, reason: &str) {
        tracing::error!(failures, "a worker process did not start: {reason}");
        self.status.send_modify(|status| status.problem = Some(reason.to_owned()));
        if failures < PATIENCE || self.status.borrow().ready > 0 {
            return;
        }
        turn_away(&mut *self.orders.lock().await, &WorkerFailure::Start { reason: reason.to_owned() });
    }

    /// Gives a worker one job after another until it must be replaced or there are no more.
    async fn work(&self, mut process: WorkerProcess) -> Vacancy {
        loop {
            let order = tokio::select! {
                biased;
                () = self.ended() => None,
                order = self.next_order() => order,
                () = process.exited() => {
                    tracing::warn!("an idle worker ended; another takes its place");
                    return if process.jobs == 0 { Vacancy::FellOver } else { Vacancy::Replace };
                }
            };
            let Some(order) = order else {
                process.kill().await;
                return Vacancy::Over;
            };
            match self.carry_out(process, order).await {
                Some(kept) => process = kept,
                None => return Vacancy::Replace,
            }
        }
    }

    async fn next_order(&self) -> Option<Order> {
        loop {
            let order = self.orders.lock().await.recv().await?;
            if !order.reply.is_closed() {
                return Some(order);
            }
        }
    }

    /// Does one job; gives the worker back unless it has to be replaced.
    async fn carry_out(&self, mut process: WorkerProcess, order: Order) -> Option<WorkerProcess> {
        let Order { request, file, limit, begun, mut reply } = order;
        begun.get_or_init(Instant::now);
        let answer = tokio::select! {
            biased;
            () = reply.closed() => {
                process.kill().await;
                return None;
            }
            () = self.end.stop.cancelled() => {
                process.kill().await;
                // Who has gone away needs no answer.
                let _ = reply.send(Err(WorkerFailure::Cancelled));
                return None;
            }
            answer = process.answer(&request, &file, limit) => answer,
        };
        match answer {
            Ok(answer) => {
                // Who has gone away needs no answer.
                let _ = reply.send(Ok(answer));
                self.keep_or_replace(process).await
            }
            Err(trouble) => {
                let failure = process.end_after(trouble, &request.job, &self.settings).await;
                // Who has gone away needs no answer.
                let _ = reply.send(Err(failure));
                None
            }
        }
    }

    async fn keep_or_replace(&self, process: WorkerProcess) -> Option<WorkerProcess> {
        let swollen = process.resident_bytes().await.is_some_and(|bytes| bytes > self.settings.memory_bytes / 2);
        if swollen || process.jobs >= JOBS_PER_WORKER {
            tracing::debug!(swollen, jobs = process.jobs, "a worker is replaced");
            process.kill().await;
            return None;
        }
        Some(process)
    }
}

/// Answers all who wait in line.
fn turn_away(orders: &mut mpsc::Receiver<Order>, failure: &WorkerFailure) {
    while let Ok(order) = orders.try_recv() {
        // Who has gone away needs no answer.
        let _ = order.reply.send(Err(failure.clone()));
    }
}
