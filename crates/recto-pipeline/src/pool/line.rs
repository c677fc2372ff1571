//! The queue for workers: jobs in order of arrival, each given to a worker that suits it if there is one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use recto_domain::{OrganizationId, TimeLimit};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::failure::WorkerFailure;
use crate::message::{Answer, Request};

/// How many later jobs of another organization may be drawn before a waiting job. A worker that has served the right
/// organization saves the start of a process, which takes a tenth of a page. That is worth one turn, not more.
const PATIENCE: u32 = 1;

/// A job on its way to a worker. If its sender no longer waits for the answer, the work ends.
pub(super) struct Order {
    /// The owner of the file.
    pub(super) organization: OrganizationId,
    pub(super) request: Request,
    pub(super) file: std::fs::File,
    pub(super) limit: TimeLimit,
    pub(super) reply: oneshot::Sender<Result<Answer, WorkerFailure>>,
    /// When a worker began it, once one has.
    begun: Arc<OnceLock<Instant>>,
    /// Its permit in the queue, once it has one. It is free again when a worker draws the job.
    place: Option<OwnedSemaphorePermit>,
    /// The number of later jobs that were drawn before it.
    passed_over: u32,
}

impl Order {
    /// A job, with the channel for its answer.
    pub(super) fn new(
        organization: OrganizationId,
        request: Request,
        file: std::fs::File,
        limit: TimeLimit,
        reply: oneshot::Sender<Result<Answer, WorkerFailure>>,
    ) -> Self {
        Self { organization, request, file, limit, reply, begun: Arc::default(), place: None, passed_over: 0 }
    }

    /// When a worker began the job, for the caller that waits for the answer.
    pub(super) fn begun(&self) -> Arc<OnceLock<Instant>> {
        Arc::clone(&self.begun)
    }

    /// Records that a worker begins the job.
    pub(super) fn begin(&self) {
        self.begun.get_or_init(Instant::now);
    }

    /// Answers the job with a failure, without any work.
    pub(super) fn turn_away(self, failure: WorkerFailure) {
        // A sender that no longer waits needs no answer.
        let _ = self.reply.send(Err(failure));
    }
}

/// Jobs that wait for a worker, and workers that wait for a job.
pub(super) struct Line {
    places: Arc<Semaphore>,
    queues: Mutex<Queues>,
    moved: Notify,
}

#[derive(Default)]
struct Queues {
    orders: VecDeque<Order>,
    /// Idle workers, by the organization that each has served; `None` for one that has served none.
    idle: Vec<Option<OrganizationId>>,
    closed: bool,
}

impl Line {
    /// A queue with `places` permits. Later senders wait for one in order of arrival.
    pub(super) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), queues: Mutex::default(), moved: Notify::new() }
    }

    /// Queues a job, or answers it when the queue is closed.
    pub(super) async fn join(&self, mut order: Order) {
        // It fails when the queue is closed, which is checked below.
        order.place = Arc::clone(&self.places).acquire_owned().await.ok();
        self.insert(order, VecDeque::push_back);
    }

    /// Puts a job back at the front because its worker did not start.
    pub(super) fn give_back(&self, order: Order) {
        self.insert(order, VecDeque::push_front);
    }

    fn insert(&self, order: Order, push: fn(&mut VecDeque<Order>, Order)) {
        let mut queues = self.queues();
        if queues.closed {
            drop(queues);
            return order.turn_away(WorkerFailure::Cancelled);
        }
        push(&mut queues.orders, order);
        drop(queues);
        self.moved.notify_waiters();
    }

    /// The next job for a worker that has served `served`; `None` when the queue is closed.
    pub(super) async fn next(&self, served: Option<OrganizationId>) -> Option<Order> {
        let _idle = Idle::register(self, served);
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            // From here on, no notification is missed.
            moved.as_mut().enable();
            {
                let mut queues = self.queues();
                if let Some(order) = queues.draw(served) {
                    return Some(order);
                }
                if queues.closed {
                    return None;
                }
            }
            moved.await;
        }
    }

    /// Answers all waiting jobs with a failure.
    pub(super) fn turn_away(&self, failure: &WorkerFailure) {
        let orders = std::mem::take(&mut self.queues().orders);
        for order in orders {
            order.turn_away(failure.clone());
        }
    }

    /// Takes no more jobs, and answers all waiting ones.
    pub(super) fn close(&self) {
        self.queues().closed = true;
        self.places.close();
        self.turn_away(&WorkerFailure::Cancelled);
        self.moved.notify_waiters();
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        // No function here can leave the queues half-changed.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    /// The job that a worker that has served `served` should do now.
    fn draw(&mut self, served: Option<OrganizationId>) -> Option<Order> {
        self.orders.retain(|order| !order.reply.is_closed());
        let overdue = self.orders.front().is_some_and(|order| order.passed_over >= PATIENCE);
        let own = self.orders.iter().position(|order| served == Some(order.organization)).filter(|_| !overdue);
        let at = own.or_else(|| self.orders.iter().position(|order| !self.suits_another(order, served)))?;
        self.orders.range_mut(..at).for_each(|order| order.passed_over += 1);
        let mut drawn = self.orders.remove(at)?;
        drawn.place = None;
        Some(drawn)
    }

    /// Whether another idle worker suits the job better: one that has served its organization, or none.
    fn suits_another(&self, order: &Order, served: Option<OrganizationId>) -> bool {
        let own = Some(order.organization);
        served != own && (self.idle.contains(&own) || served.is_some() && self.idle.contains(&None))
    }
}

/// A waiting worker. It is removed from the list when it stops waiting.
struct Idle<'a> {
    line: &'a Line,
    served: Option<OrganizationId>,
}

impl<'a> Idle<'a> {
    fn register(line: &'a Line, served: Option<OrganizationId>) -> Self {
        line.queues().idle.push(served);
        Self { line, served }
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        let mut queues = self.line.queues();
        if let Some(at) = queues.idle.iter().position(|&served| served == self.served) {
            queues.idle.swap_remove(at);
        }
        drop(queues);
        // A job may have been left for this worker.
        self.line.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::message::Job;

    type Reply = oneshot::Receiver<Result<Answer, WorkerFailure>>;

    fn order(organization: OrganizationId, blob: &str) -> (Order, Reply) {
        let (reply, answer) = oneshot::channel();
        let request = Request { blob: blob.to_owned(), job: Job::EInvoice };
        let limit = TimeLimit { silence: Duration::MAX, total: None };
        (Order::new(organization, request, tempfile::tempfile().unwrap(), limit, reply), answer)
    }

    /// A queue with these jobs, and the channels that keep them wanted.
    async fn line_of(jobs: &[(OrganizationId, &str)]) -> (Line, Vec<Reply>) {
        let line = Line::new(4);
        let mut wanted = Vec::new();
        for &(organization, blob) in jobs {
            let (order, reply) = order(organization, blob);
            line.join(order).await;
            wanted.push(reply);
        }
        (line, wanted)
    }

    async fn drawn(line: &Line, served: OrganizationId) -> String {
        line.next(Some(served)).await.unwrap().request.blob
    }

    #[tokio::test]
    async fn a_worker_prefers_its_organization_but_nobody_is_passed_over_twice() {
        let (one, other) = (OrganizationId::generate(), OrganizationId::generate());
        let (line, _wanted) = line_of(&[(one, "1"), (other, "2"), (other, "3"), (one, "4")]).await;
        let mut order = Vec::new();
        for _ in 0..4 {
            order.push(drawn(&line, other).await);
        }
        assert_eq!(order, ["2", "1", "3", "4"]);
    }

    #[tokio::test]
    async fn an_idle_worker_of_the_organization_gets_the_job() {
        let (one, other) = (OrganizationId::generate(), OrganizationId::generate());
        let line = Line::new(4);
        let (order, _wanted) = order(one, "x");
        // The worker of the other organization has waited longer.
        let (mut wrong, right) = (Box::pin(line.next(Some(other))), line.next(Some(one)));
        assert!(futures_are_pending(&mut wrong).await);
        let ((), right) = tokio::join!(line.join(order), right);
        assert_eq!(right.unwrap().request.blob, "x");
        assert!(futures_are_pending(&mut wrong).await);
    }

    async fn futures_are_pending(next: &mut std::pin::Pin<Box<impl Future<Output = Option<Order>>>>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(next.as_mut().poll(context).is_pending())).await
    }

    #[tokio::test]
    async fn a_job_that_was_left_to_a_worker_which_went_away_is_taken_by_another() {
        let (one, other) = (OrganizationId::generate(), OrganizationId::generate());
        let (line, _wanted) = line_of(&[]).await;
        let mut suiting = Box::pin(line.next(Some(one)));
        let mut another = Box::pin(line.next(Some(other)));
        assert!(futures_are_pending(&mut suiting).await && futures_are_pending(&mut another).await);
        let (order, _wanted) = order(one, "x");
        line.join(order).await;
        assert!(futures_are_pending(&mut another).await);
        drop(suiting);
        assert_eq!(another.await.unwrap().request.blob, "x");
    }

    #[tokio::test]
    async fn a_closed_line_answers_everyone() {
        let one = OrganizationId::generate();
        let (line, mut wanted) = line_of(&[(one, "x")]).await;
        line.close();
        assert_eq!(wanted.remove(0).await.unwrap(), Err(WorkerFailure::Cancelled));
        assert!(line.next(None).await.is_none());
        let (late, answer) = order(one, "y");
        line.join(late).await;
        assert_eq!(answer.await.unwrap(), Err(WorkerFailure::Cancelled));
    }
}
