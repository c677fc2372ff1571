//! One worker, one organization; and no file kept.

use std::fs::File;
use std::time::Duration;

use libtest_mimic::Trial;
use recto_domain::OrganizationId;
use recto_pipeline::{Answer, Job, WorkerPool};

use crate::WORKER;
use crate::pool::{nobody_else, pool_of, trial};
use crate::sample::bitmap;
use crate::test_engine::Conduct;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("another_organization_gets_another_worker", another_organization_gets_another_worker()),
        trial(
            "more_organizations_than_workers_all_get_their_turn",
            more_organizations_than_workers_all_get_their_turn(),
        ),
        trial("a_worker_with_nothing_to_do_keeps_no_file_open", a_worker_with_nothing_to_do_keeps_no_file_open()),
    ]
}

fn page() -> Job {
    Job::Page { number: 1, engine: None, languages: None, text_layer: None }
}

/// The number of the process that reads a page for an organization.
async fn worker_of(pool: &WorkerPool, organization: OrganizationId) -> String {
    let file = crate::sample::open_bitmap(Conduct::Identify);
    match pool.run(organization, "x", page(), file).await {
        Ok(Answer::Page(page)) => page.text(),
        other => panic!("no page but {other:?}"),
    }
}

async fn another_organization_gets_another_worker() {
    let pool = pool_of(WORKER, 1);
    let (one, other) = (OrganizationId::generate(), OrganizationId::generate());
    let first = worker_of(&pool, one).await;
    assert_eq!(worker_of(&pool, one).await, first);
    let second = worker_of(&pool, other).await;
    assert_ne!(second, first);
    // Set aside, not ended: they take turns.
    assert_eq!(worker_of(&pool, one).await, first);
    assert_eq!(worker_of(&pool, other).await, second);
    assert_eq!(pool.status().borrow().ready, 1);
    pool.finish(Duration::ZERO).await;
    assert!([first, second].iter().all(|worker| !is_alive(worker)), "the pool is gone with all its workers");
}

fn is_alive(worker: &str) -> bool {
    std::path::Path::new("/proc").join(worker).exists()
}

async fn more_organizations_than_workers_all_get_their_turn() {
    let pool = pool_of(WORKER, 2);
    let organizations: Vec<OrganizationId> = (0..5).map(|_| OrganizationId::generate()).collect();
    let mut seen = std::collections::HashMap::new();
    for _ in 0..3 {
        let all = organizations.iter().map(|&one| {
            let pool = pool.clone();
            tokio::spawn(async move { (worker_of(&pool, one).await, one) })
        });
        for read in all.collect::<Vec<_>>() {
            let (worker, one) = read.await.unwrap();
            assert_eq!(*seen.entry(worker).or_insert(one), one, "a worker that has served another organization");
        }
    }
}

async fn a_worker_with_nothing_to_do_keeps_no_file_open() {
    let pool = pool_of(WORKER, 1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.bmp");
    std::fs::write(&path, bitmap(Conduct::Answer)).unwrap();
    // The lock belongs to what the worker gets, and goes when the last who has it closes it.
    let file = File::open(&path).unwrap();
    file.lock().unwrap();
    pool.run(nobody_else(), "x", page(), file).await.unwrap();
    let free = tokio::task::spawn_blocking(move || File::open(&path).unwrap().lock().unwrap());
    tokio::time::timeout(Duration::from_secs(20), free).await.expect("the worker has closed the file").unwrap();
}
