use std::net::Ipv4Addr;
use std::time::Duration;

use recto_domain::{Actor, AuditAction, AuditEntry, ProjectId, Timestamp, TokenId};
use recto_storage::{AuditFilter, Limit, ProjectChange, StorageError};

use crate::fixture::{Fixture, fixtures};

fn active(is_active: bool) -> ProjectChange {
    ProjectChange { is_active: Some(is_active), ..ProjectChange::default() }
}

async fn log(f: &Fixture, object: impl ToString) -> Vec<AuditEntry> {
    let object = Some(object.to_string());
    let organization = f.organization;
    let filter = AuditFilter {
        organization: Some(organization),
        project: None,
        action: None,
        object,
        since: None,
        page: 1,
        limit: 100,
    };
    f.storage.audit().entries(&filter).await.unwrap().0
}

fn actions(log: &[AuditEntry]) -> Vec<AuditAction> {
    log.iter().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn a_project_is_deactivated_when_its_work_is_done_and_takes_no_more() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["broken.pdf"]).await.batch.id;
        let busy = f.storage.tenants().update_project(f.project, active(false)).await;
        assert!(matches!(busy, Err(StorageError::ProjectBusy)));
        let item = f.claim(&node).await;
        f.storage.queue().record_file_failure(&node, &item, "broken").await.unwrap();
        let changed = f.storage.tenants().update_project(f.project, active(false)).await.unwrap().unwrap();
        assert!(!changed.is_active && changed.updated_at >= changed.created_at);

        let (receiving, files) = f.receive(&["b.pdf"]).await;
        let refused = f.storage.batches().accept(receiving, f.new_batch(files), None).await;
        assert!(matches!(refused, Err(StorageError::ProjectInactive)));
        assert!(matches!(f.storage.batches().retry(id).await, Err(StorageError::ProjectInactive)));
        f.storage.tenants().update_project(f.project, active(true)).await.unwrap();
        f.storage.batches().retry(id).await.unwrap();
        f.batch(&["b.pdf"]).await;
        assert_eq!(f.storage.tenants().update_project(ProjectId::generate(), active(true)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_log_names_who_did_what_from_where() {
    for f in fixtures().await {
        let actor = Actor {
            token: Some(TokenId::generate()),
            name: "Scan station".to_owned(),
            address: Some(Ipv4Addr::new(192, 0, 2, 7).into()),
            request_id: Some("check-42".to_owned()),
        };
        let storage = f.storage.acting_as(actor.clone());
        let change = ProjectChange { name: Some("Bills".to_owned()), ..ProjectChange::default() };
        storage.tenants().update_project(f.project, change.clone()).await.unwrap();
        storage.tenants().update_project(f.project, change).await.unwrap();
        let log = log(&f, f.project).await;
        assert_eq!(actions(&log), [AuditAction::ProjectUpdated, AuditAction::ProjectCreated], "no change, no entry");
        let newest = &log[0];
        assert_eq!((newest.token_id, &newest.actor, newest.address), (actor.token, &actor.name, actor.address));
        assert_eq!((&newest.request_id, newest.project_id), (&actor.request_id, Some(f.project)));
        assert_eq!((log[1].token_id, log[1].actor.as_str()), (None, "recto"));
    }
}

#[tokio::test]
async fn what_is_done_to_a_batch_is_logged_and_what_is_refused_is_not() {
    use AuditAction::{BatchCancelled, BatchDeleted, BatchRetried, BatchUploaded, ProjectCreated};

    for f in fixtures().await {
        let id = f.batch(&["a.pdf"]).await.batch.id;
        f.storage.batches().retry(id).await.unwrap();
        f.storage.tenants().update_project(f.project, active(false)).await.unwrap_err();
        f.storage.batches().cancel(id).await.unwrap();
        f.storage.batches().cancel(id).await.unwrap();
        f.storage.batches().retry(id).await.unwrap();
        f.storage.batches().delete(id).await.unwrap();
        assert_eq!(actions(&log(&f, id).await), [BatchDeleted, BatchRetried, BatchCancelled, BatchUploaded]);
        assert_eq!(actions(&log(&f, f.project).await), [ProjectCreated]);
    }
}

#[tokio::test]
async fn what_has_ended_goes_when_its_project_has_kept_it_long_enough() {
    const DAY: Duration = Duration::from_hours(24);
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let id = f.batch(&["broken.pdf"]).await.batch.id;
        let keep = async |days: Limit<u32>| {
            let change = ProjectChange { retention_days: Some(days), ..ProjectChange::default() };
            f.storage.tenants().update_project(f.project, change).await.unwrap();
        };
        let in_days = |days: u32| Timestamp::now().plus(DAY * days);
        keep(Limit::Own(7)).await;
        assert_eq!(f.storage.tenants().delete_expired(in_days(8), None).await.unwrap(), 0, "it has not ended");
        let item = f.claim(&node).await;
        f.storage.queue().record_file_failure(&node, &item, "broken").await.unwrap();
        assert_eq!(
            f.storage.tenants().delete_expired(in_days(6), Some(DAY)).await.unwrap(),
            0,
            "its project keeps it longer"
        );
        keep(Limit::Own(0)).await;
        assert_eq!(
            f.storage.tenants().delete_expired(in_days(8), Some(DAY)).await.unwrap(),
            0,
            "its project keeps it for ever"
        );
        keep(Limit::OfSettings).await;
        assert_eq!(f.storage.tenants().delete_expired(in_days(8), None).await.unwrap(), 0, "nobody says");
        keep(Limit::Own(7)).await;
        assert_eq!(f.storage.tenants().delete_expired(in_days(8), None).await.unwrap(), 1);
        assert_eq!(f.storage.batches().get(id).await.unwrap(), None);
    }
}
