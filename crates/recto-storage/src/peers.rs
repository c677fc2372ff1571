//! Wake-ups between nodes, with PostgreSQL's LISTEN and NOTIFY.
//!
//! They are as lossy as the wake-ups within a process: a change sent while a connection is down is not repeated.

use std::fmt::Write as _;
use std::time::Duration;

use recto_domain::BatchId;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, PgPool};
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

use crate::changes::Change;

const CHANNEL: &str = "recto_changes";
/// The most changes waiting to be sent. Further ones are dropped: a node that changes so much has already made the
/// others look.
const WAITING: usize = 1024;
/// Changes per notification. Each takes at most 26 bytes, and PostgreSQL allows 8,000.
const AT_ONCE: usize = 200;
/// The pause after a failure, for example when the server is down.
const PAUSE: Duration = Duration::from_secs(1);

/// The other nodes that use the database.
#[derive(Debug)]
pub(crate) struct Peers {
    told: mpsc::Sender<Change>,
    /// The tasks end when this value is dropped.
    _tasks: JoinSet<()>,
}

impl Peers {
    /// Sends the changes of this process, under the name `process`, and forwards changes from other nodes to `changes`.
    pub(crate) fn of(pool: &PgPool, process: &str, changes: broadcast::Sender<Change>) -> Self {
        let (told, to_tell) = mpsc::channel(WAITING);
        let mut tasks = JoinSet::new();
        tasks.spawn(tell(pool.clone(), process.to_owned(), to_tell));
        tasks.spawn(listen(pool.clone(), process.to_owned(), changes));
        Self { told, _tasks: tasks }
    }

    pub(crate) fn tell(&self, change: Change) {
        // Lossy by design.
        let _ = self.told.try_send(change);
    }
}

async fn tell(pool: PgPool, process: String, mut to_tell: mpsc::Receiver<Change>) {
    let mut some = Vec::new();
    while to_tell.recv_many(&mut some, AT_ONCE).await > 0 {
        let notified = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(message(&process, &some));
        if let Err(error) = notified.execute(&pool).await {
            tracing::debug!(%error, "other nodes could not be notified of changes");
        }
        some.clear();
    }
}

async fn listen(pool: PgPool, process: String, changes: broadcast::Sender<Change>) {
    while !pool.is_closed() {
        if let Err(error) = listen_until_lost(&pool, &process, &changes).await {
            tracing::debug!(%error, "not listening for changes of other nodes; reconnecting");
        }
        // Among the changes that were missed, somebody may wait for work.
        let _ = changes.send(Change::Work);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_until_lost(pool: &PgPool, process: &str, changes: &broadcast::Sender<Change>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    // Closing the pool must not wait for this connection.
    listener.ignore_pool_close_event(false);
    listener.listen(CHANNEL).await?;
    while let Some(heard) = listener.try_recv().await? {
        for change in changes_in(heard.payload(), process) {
            // Sending fails only when nobody listens.
            let _ = changes.send(change);
        }
    }
    Ok(())
}

/// Changes as text: the name of the sending process, and one word for each distinct change.
fn message(process: &str, some: &[Change]) -> String {
    let mut words: Vec<String> = Vec::new();
    for change in some {
        let word = match change {
            Change::Work => "w".to_owned(),
            Change::Batch(id) => format!("b{id}"),
            Change::Stopped(id) => format!("s{id}"),
            Change::Deliveries => "d".to_owned(),
            // Only the process that sends a delivery has callers that wait for its end.
            Change::Delivery(_) => continue,
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.iter().fold(process.to_owned(), |mut text, word| {
        // Writing to a string does not fail.
        let _ = write!(text, " {word}");
        text
    })
}

/// The changes in a message from another process; unknown words of later versions are skipped.
fn changes_in(message: &str, process: &str) -> Vec<Change> {
    let mut words = message.split(' ');
    if words.next() == Some(process) {
        return Vec::new();
    }
    let id = |text: &str| text.parse::<BatchId>().ok();
    let change = |word: &str| match word.split_at_checked(1)? {
        ("w", "") => Some(Change::Work),
        ("d", "") => Some(Change::Deliveries),
        ("b", text) => id(text).map(Change::Batch),
        ("s", text) => id(text).map(Change::Stopped),
        _ => None,
    };
    words.filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_hear_each_change_once_and_the_teller_does_not() {
        let (a, b) = (BatchId::generate(), BatchId::generate());
        let told =
            [Change::Work, Change::Batch(a), Change::Batch(a), Change::Stopped(b), Change::Deliveries, Change::Work];
        let text = message("1f", &told);
        let heard = [Change::Work, Change::Batch(a), Change::Stopped(b), Change::Deliveries];
        assert_eq!(changes_in(&text, "2e"), heard);
        assert_eq!(changes_in(&text, "1f"), []);
        assert_eq!(changes_in("3d w x? bzz é", "1f"), [Change::Work]);
        let most = vec![Change::Batch(a); AT_ONCE];
        assert!(message("0123456789abcdef", &most).len() < 8000);
    }
}
