use recto_domain::{BatchId, BatchStatus, ProjectId, Timestamp};
use recto_storage::BatchFilter;

use crate::fixture::{Fixture, fixtures};

fn all(project: ProjectId) -> BatchFilter {
    BatchFilter { project, status: None, updated_since: None, search: None, page: 1, limit: 100 }
}

async fn list(f: &Fixture, filter: &BatchFilter) -> (Vec<BatchId>, u64) {
    let (batches, total) = f.storage.batches().list(filter).await.unwrap();
    (batches.into_iter().map(|batch| batch.id).collect(), total)
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_of_one_project() {
    for f in fixtures().await {
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(f.batch(&["a.pdf"]).await.batch.id);
        }
        ids.reverse();
        assert_eq!(list(&f, &all(f.project)).await, (ids.clone(), 5));
        let second = BatchFilter { page: 2, limit: 2, ..all(f.project) };
        assert_eq!(list(&f, &second).await, (ids[2..4].to_vec(), 5));
        let beyond = BatchFilter { page: u64::MAX, limit: 100, ..all(f.project) };
        assert_eq!(list(&f, &beyond).await, (vec![], 5));
        let other = f.storage.tenants().create_project(f.organization, "Other", "").await.unwrap();
        assert_eq!(list(&f, &all(other.id)).await, (vec![], 0));
    }
}

#[tokio::test]
async fn lists_are_narrowed_by_status_and_by_the_last_change() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let first = f.batch(&["a.pdf"]).await.batch.id;
        let second = f.batch(&["b.pdf"]).await.batch.id;
        let item = f.claim(&node).await;
        f.storage.queue().record_file_failure(&node, &item, "broken").await.unwrap();
        let failed = BatchFilter { status: Some(BatchStatus::Failed), ..all(f.project) };
        assert_eq!(list(&f, &failed).await, (vec![first], 1));
        let processing = BatchFilter { status: Some(BatchStatus::Processing), ..all(f.project) };
        assert_eq!(list(&f, &processing).await, (vec![second], 1));

        let changed = f.details(first).await.batch.updated_at;
        let since = BatchFilter { updated_since: Some(changed), ..all(f.project) };
        assert!(list(&f, &since).await.0.contains(&first));
        let later = changed.plus(std::time::Duration::from_hours(1)).max(Timestamp::now());
        let unchanged = BatchFilter { updated_since: Some(later), ..all(f.project) };
        assert_eq!(list(&f, &unchanged).await, (vec![], 0));
    }
}

#[tokio::test]
async fn the_time_of_the_last_change_never_goes_back() {
    use sea_orm::ConnectionTrait;

    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["a.pdf"]).await.batch.id;
        // As when the clock was set back since.
        let ahead = Timestamp::now().as_millis() + 3_600_000;
        let set = format!("UPDATE batches SET updated_at = {ahead}");
        f.connection().await.execute_unprepared(&set).await.unwrap();
        f.open(&node, 1).await;
        f.read(&node, None).await;
        let done = f.details(id).await;
        assert_eq!(done.batch.updated_at.as_millis(), ahead);
        assert_eq!(done.completed_at, Some(done.batch.updated_at));
    }
}
