//! What holds when processes die, and when several share a data folder.

use std::time::Duration;

use recto_domain::WorkKind;
use recto_storage::{Storage, StorageError};

use crate::fixture::{LEASE, audit, fixtures, scans, text_page};

#[tokio::test]
async fn one_process_works_on_a_data_folder_and_others_may_look_on() {
    let f = fixtures().await.remove(0);
    let node = f.storage.queue().join().await.unwrap();
    let other = Storage::open(&f.settings).await.unwrap();
    let refused = other.queue().join().await;
    assert!(matches!(refused, Err(StorageError::FolderInUse)));
    other.tenants().create_organization("Beside").await.unwrap();
    drop(node);
    other.queue().join().await.unwrap();
}

#[tokio::test]
async fn a_process_that_died_gives_back_its_work_and_its_uploads() {
    let f = fixtures().await.remove(0);
    let batch = f.batch(&["a.pdf"]).await;
    let node = f.storage.queue().join().await.unwrap();
    f.open(&node, 2).await;
    let in_flight = f.claim(&node).await;
    let (dead, _) = f.receive(&["b.pdf"]).await;
    // As SIGKILL leaves them: no destructor runs, only the lock goes.
    std::mem::forget(dead);
    std::mem::forget(f.storage.clone());
    drop(node);

    let next = Storage::open(&f.settings).await.unwrap();
    let mut alive = next.batches().begin_receiving().await.unwrap();
    let file = alive.file("c.pdf".to_owned()).finish().await.unwrap();
    let half = alive.file("d.pdf".to_owned());
    let node = next.queue().join().await.unwrap();
    let mut expected = [batch.batch.id.to_string(), alive.batch_id().to_string()];
    let mut kept = f.blob_folders();
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected, "the dead upload is gone, the one of this process is not");
    half.finish().await.unwrap();
    next.batches().accept(alive, f.new_batch(vec![file]), None).await.unwrap();

    let again = next.queue().claim(&node, LEASE).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempts), (in_flight.id, 0), "a killed server costs no attempt");
    let WorkKind::Page { number } = again.kind else { panic!() };
    next.queue().record_page_result(&node, &again, text_page(number, "x")).await.unwrap();
    audit(&f.connection().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_of_several_processes_wait_for_each_other() {
    for f in fixtures().await {
        // Each storage has connections of its own, as each process has.
        let writers = (0..4).map(|_| async {
            let storage = Storage::open(&f.settings).await.unwrap();
            tokio::spawn(async move {
                for _ in 0..50 {
                    storage.tenants().create_organization("x").await.unwrap();
                }
            })
            .await
            .unwrap();
        });
        futures::future::join_all(writers).await;
        assert_eq!(f.storage.tenants().organizations().await.unwrap().len(), 201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_start_together_make_the_schema_once() {
    let f = fixtures().await.remove(0);
    let fresh = recto_storage::StorageSettings { data_dir: f.folder.path().join("fresh"), ..f.settings.clone() };
    let opened = futures::future::join_all((0..4).map(|_| {
        let settings = fresh.clone();
        tokio::spawn(async move { Storage::open(&settings).await.map(|_| ()) })
    }))
    .await;
    for result in opened {
        result.unwrap().unwrap();
    }
    assert_eq!(Storage::migrate(&fresh).await.unwrap(), [""; 0]);
    let empty = recto_storage::StorageSettings { data_dir: f.folder.path().join("empty"), ..f.settings.clone() };
    assert!(!Storage::migrate(&empty).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_in_the_middle_leave_nothing_locked_and_nothing_half_done() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        for i in 0..300u64 {
            let patience = Duration::from_micros(i * 37 % 3000);
            let call = async {
                match i % 3 {
                    0 => drop(f.batch(&["a.pdf"]).await),
                    1 => drop(f.storage.queue().claim(&node, Duration::ZERO).await.unwrap()),
                    _ => {
                        let Some(item) = f.storage.queue().claim(&node, LEASE).await.unwrap() else { return };
                        match item.kind {
                            WorkKind::Open => f.storage.queue().record_opened(&node, &item, scans(1..=2)).await,
                            WorkKind::Page { number } => {
                                f.storage.queue().record_page_result(&node, &item, text_page(number, "x")).await
                            }
                            WorkKind::Extract => unreachable!("no batch has a template"),
                        }
                        .unwrap();
                    }
                }
            };
            // Dropped wherever it is by then, as when a client hangs up.
            let _ = tokio::time::timeout(patience, call).await;
        }
        // Another process can write at once, and the rows agree.
        Storage::open(&f.settings).await.unwrap().tenants().create_organization("Beside").await.unwrap();
        audit(&f.connection().await).await;
    }
}
