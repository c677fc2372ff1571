//! Wake-ups from node to node, by PostgreSQL's LISTEN and NOTIFY.
//!
//! As lossy as the wake-ups within a process: what is told while a connection is away is not told again.

use std::fmt::Write as _;
use std::time::Duration;

use recto_domain::BatchId;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, PgPool};
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

use crate::changes::Change;

const CHANNEL: &str = "recto_changes";
/// Changes that wait to be told. More are dropped: a node that does so much has told the others to look.
const WAITING: usize = 1024;
/// Changes of one notification, each of at most 26 bytes: PostgreSQL takes 8,000.
const AT_ONCE: usize = 200;
/// After a failure, such as when the server is away.
const PAUSE: Duration = Duration::from_secs(1);

/// The other nodes on the database.
#[derive(Debug)]
pub(crate) struct Peers {
    told: mpsc::Sender<Change>,
    /// End with this value.
    _tasks: JoinSet<()>,
}

impl Peers {
    /// Tells them what this process, of that name, is told to tell, and hands on to `changes` what they tell.
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
            tracing::debug!(%error, "other nodes were not told of changes");
        }
        some.clear();
    }
}

async fn listen(pool: PgPool, process: String, changes: broadcast::Sender<Change>) {
    while !pool.is_closed() {
        if let Err(error) = listen_until_lost(&pool, &process, &changes).await {
            tracing::debug!(%error, "changes of other nodes are not heard");
        }
        // Of what was not heard, the work is what somebody waits for.
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
            // It fails only when nobody listens.
            let _ = changes.send(change);
        }
    }
    Ok(())
}

/// Changes as text: who tells them, and a word for each, each once.
fn message(process: &str, some: &[Change]) -> String {
    let mut words: Vec<String> = Vec::new();
    for change in some {
        let word = match change {
            Change::Work => "w".to_owned(),
            Change::Batch(id) => format!("b{id}"),
            Change::Stopped(id) => format!("s{id}"),
            Change::Deliveries => "d".to_owned(),
            // Only the process that sends a delivery has somebody who waits for its end.
            Change::Delivery(_) => continue,
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.iter().fold(process.to_owned(), |mut text, word| {
        // Writing to a text does not fail.
        let _ = write!(text, " {word}");
        text
    })
}

/// The changes in a message of another process; words that a later version may add are left out.
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
