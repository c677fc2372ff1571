//! Several nodes on one PostgreSQL database.

use std::time::Duration;

use recto_storage::{Change, Storage, StorageSettings};
use tokio::sync::broadcast;
use tokio::time::timeout;

use crate::fixture::{fixtures, postgres_database};

/// What another node tells arrives within this, also when the machine is busy.
const LATEST: Duration = Duration::from_mins(1);

async fn until(changes: &mut broadcast::Receiver<Change>, wanted: Change) {
    let told = async { while changes.recv().await.unwrap() != wanted {} };
    timeout(LATEST, told).await.unwrap_or_else(|_| panic!("{wanted:?} was not told"));
}

#[tokio::test]
async fn nodes_tell_each_other_what_changes() {
    for f in fixtures().await.into_iter().filter(|f| f.settings.database_url.is_some()) {
        let other = Storage::open(&f.settings).await.unwrap();
        let mut changes = other.changes();
        // It is not known when the other begins to listen: it is told until it hears.
        let heard = async {
            loop {
                let batch = f.batch(&["a.pdf"]).await.batch.id;
                let heard = timeout(Duration::from_millis(200), until(&mut changes, Change::Batch(batch))).await;
                if heard.is_ok() {
                    break batch;
                }
            }
        };
        let batch = timeout(LATEST, heard).await.unwrap();
        f.storage.batches().cancel(batch).await.unwrap();
        until(&mut changes, Change::Stopped(batch)).await;
        f.batch(&["b.pdf"]).await;
        until(&mut changes, Change::Work).await;
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_agree_on_a_schema_and_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let database_url = Some(postgres_database().await);
    let starts = (0u8..6).map(|i| {
        let settings = StorageSettings {
            data_dir: folder.path().join(i.to_string()),
            database_url: database_url.clone(),
            ..StorageSettings::default()
        };
        tokio::spawn(async move { Storage::shared_secret(&settings, &[i; 32]).await.unwrap() })
    });
    let secrets: Vec<Vec<u8>> =
        futures::future::join_all(starts).await.into_iter().map(|start| start.unwrap()).collect();
    assert!(secrets.iter().all(|secret| secret == &secrets[0] && secret.len() == 32), "{secrets:?}");
}
